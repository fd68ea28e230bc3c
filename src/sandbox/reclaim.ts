// Owns giving memory back when the machine is short of it: garbage is collected where nobody waits. Stops no macro.

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { SandboxRun } from './run.ts';

/** Node's own collection, which it hands out only to those who ask with a flag; asked for once. */
let collectOwn: (() => void) | null = null;

/** Collects the garbage of every macro that sleeps, one after the other, and then of this process itself. */
export async function reclaimFrom(runs: Iterable<SandboxRun>): Promise<void> {
  for (const run of [...runs]) {
    for (const { isolate } of [...run.realms.values()]) {
      // One that is busy collects by itself; one whose run is ending is about to go.
      if (run.over || isolate.gone || isolate.busy) continue;
      // Its end may come in between, and then there is nothing left to collect.
      await isolate.inspector.collectGarbage().catch(() => undefined);
    }
  }
  collectOwn ??= ownCollection();
  collectOwn();
}

function ownCollection(): () => void {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  setFlagsFromString('--no-expose-gc');
  return collect;
}
