// Owns reading what the machine has in use: memory, of the cgroup where that is the tighter, and the processors.

import { availableParallelism, cpus, freemem, totalmem } from 'node:os';
import type { MachineView } from './view.ts';

/** Reads the machine again and again; CPU is what was used between two readings. */
export class Machine {
  #last = readCpu();

  /** As it is now. */
  read(): MachineView {
    const now = readCpu();
    const passed = now.all - this.#last.all;
    const cpuShare = passed > 0 ? 1 - (now.idle - this.#last.idle) / passed : null;
    this.#last = now;
    const limit = process.constrainedMemory();
    const memoryTotal = limit > 0 ? Math.min(limit, totalmem()) : totalmem();
    const free = Math.min(freemem(), process.availableMemory());
    return {
      memoryTotal,
      memoryUsed: Math.max(0, memoryTotal - free),
      cpuShare,
      cores: availableParallelism(),
    };
  }
}

/** What all processors have spent since they started, in all and doing nothing (ms). */
function readCpu(): { readonly all: number; readonly idle: number } {
  let all = 0;
  let idle = 0;
  for (const { times } of cpus()) {
    for (const spent of Object.values(times)) all += spent;
    idle += times.idle;
  }
  return { all, idle };
}
