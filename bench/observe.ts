// Owns what watching costs: the same macro in a Corral worker and in a bare one, by the CPU of the threads that run it. CPU
// and not time, so that neither the worker's lower priority nor whatever else the machine does is counted.

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { setPriority } from 'node:os';
import { fileURLToPath } from 'node:url';
import { createCorral } from '../src/corral.ts';
import { percentile } from './measure.ts';
import type { Section } from './section.ts';

/** V8 collects at moments of its own, so that two rounds of the macros that allocate differ by a tenth and more. */
const ROUNDS = 25;
/** A worker's, by src/supervisor/walls/. */
const WORKER_NICE = 5;
/** As a worker's, in src/supervisor/worker-program.ts. */
const ENGINE = [
  '--no-node-snapshot',
  '--no-turboshaft',
  '--no-wasm-code-gc',
  '--v8-pool-size=1',
  '--no-enable-lazy-source-positions',
  '--min-semi-space-size=4',
  '--max-semi-space-size=4',
  '--max-old-space-size=256',
];
const computing = (turns: number) => `
  let x = 1;
  for (let i = 0; i < ${turns}; i++) x = (x * 1103515245 + i) & 0x7fffffff;
  return x;`;
const allocating = (turns: number) => `
  let keep = [];
  for (let i = 0; i < ${turns}; i++) {
    keep.push({ i, name: 'n' + (i % 100), list: [i, i + 1] });
    if (keep.length > 20000) keep = [];
  }
  return keep.length;`;

/** Sampler and watchdog against the same without them. */
export async function benchObserve(): Promise<Section> {
  const bare = fork(fileURLToPath(new URL('./peers/bare-worker.ts', import.meta.url)), [], {
    env: {},
    execArgv: ENGINE,
  });
  if (bare.pid !== undefined) setPriority(bare.pid, WORKER_NICE);
  const rows: string[][] = [];
  const far = { cpu: '60s', burst: '60s', heap: '400mb' };
  // What follows uses some 70 % of its CPU: it is profiled from 60 % of that on, and from 20 % of the heap on.
  const medium = { cpu: '10s', burst: '2s', heap: '128mb' };
  const tight = (cpu: string) => ({ cpu, burst: cpu, heap: '64mb' });
  for (const [name, code, limits, goal] of [
    ['CPU-bound, far from its limits', computing(1e8), far, '3 %'],
    ['allocation-heavy, far from its limits', allocating(6e6), far, '5 %'],
    ['CPU-bound, 70 % of what `medium` allows', computing(2e8), medium, '3 %'],
    ['allocation-heavy, 70 % of that', allocating(4.4e6), medium, '5 %'],
    ['CPU-bound, 70 % of 1s', computing(1e8), tight('1s'), '3 %'],
    ['allocation-heavy, 70 % of 2.6s, 64 MB', allocating(6e6), tight('2600ms'), '5 %'],
  ] as const) {
    // One for each: its isolates are made ready for its own limits, and V8 sizes its young generation by those.
    await using corral = createCorral({ dump: 'never', limits });
    const watched: number[] = [];
    const alone: number[] = [];
    const ratios: number[] = [];
    for (let round = -1; round < ROUNDS; round++) {
      const before = await runBare(bare, code, limits.heap);
      const { cpuMs, reason, message } = await corral.start(code, { lint: false }).result;
      if (reason !== 'completed') throw new Error(`the macro ended with ${reason}: ${message}`);
      const after = await runBare(bare, code, limits.heap);
      if (round < 0) continue;
      watched.push(cpuMs);
      alone.push((before + after) / 2);
      ratios.push(cpuMs / ((before + after) / 2));
    }
    const over = `${((middle(ratios) - 1) * 100).toFixed(1)} %`;
    rows.push([name, middle(watched).toFixed(0), middle(alone).toFixed(0), over, goal]);
  }
  bare.disconnect();
  await once(bare, 'exit');
  return {
    title: 'Observe: what sampler, watchdog and inspector cost a busy macro',
    note: `CPU of all threads but the main one, in a Corral worker, and in a bare isolated-vm process with the same flags and priority before and after it; medians of ${ROUNDS} rounds, of the ratio too.`,
    columns: ['macro', 'watched ms of CPU', 'bare ms of CPU', 'over', 'goal at most'],
    rows,
  };
}

async function runBare(bare: ChildProcess, code: string, heap: string): Promise<number> {
  const listening = new AbortController();
  const { signal } = listening;
  const gone = once(bare, 'exit', { signal }).then(([exitCode, killedBy]) => {
    throw new Error(`the bare process died (${killedBy ?? exitCode})`);
  });
  bare.send({ code, heapMb: Number.parseInt(heap, 10) });
  const [ms] = (await Promise.race([once(bare, 'message', { signal }), gone])) as [number];
  gone.catch(() => undefined);
  listening.abort();
  return ms;
}

function middle(numbers: readonly number[]): number {
  return percentile(
    numbers.toSorted((a, b) => a - b),
    0.5,
  );
}
