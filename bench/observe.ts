// Owns what watching costs: the same macro in a Corral worker and in a bare one, each timing itself.

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { createCorral } from '../src/corral.ts';
import { percentile } from './measure.ts';
import type { Section } from './section.ts';

const ROUNDS = 9;
const CPU_BOUND = `
  const from = Date.now();
  let x = 1;
  for (let i = 0; i < 4e8; i++) x = (x * 1103515245 + i) & 0x7fffffff;
  return Date.now() - from + (x === -1 ? 1 : 0);`;
const ALLOCATING = `
  const from = Date.now();
  let keep = [];
  for (let i = 0; i < 36e6; i++) {
    keep.push({ i, name: 'n' + (i % 100), list: [i, i + 1] });
    if (keep.length > 20000) keep = [];
  }
  return Date.now() - from;`;

/** Sampler and watchdog against the same without them. */
export async function benchObserve(): Promise<Section> {
  const bare = fork(fileURLToPath(new URL('./peers/bare-worker.ts', import.meta.url)), [], {
    env: {},
    execArgv: ['--no-node-snapshot', '--no-turboshaft', '--no-lazy', '--max-old-space-size=256'],
  });
  await using corral = createCorral({
    dump: 'never',
    limits: { cpu: '60s', burst: '60s', heap: '400mb' },
  });
  const rows: string[][] = [];
  const far = { cpu: '60s', burst: '60s', heap: '400mb' };
  // From 100 ms of CPU on, and from 20 % of the heap on.
  const near = { cpu: '6s', burst: '6s', heap: '64mb' };
  for (const [name, code, limits, goal] of [
    ['CPU-bound', CPU_BOUND, far, '1 %'],
    ['allocation-heavy', ALLOCATING, far, '3 %'],
    ['CPU-bound, profiled', CPU_BOUND, near, '3 %'],
    ['allocation-heavy, profiled', ALLOCATING, near, '5 %'],
  ] as const) {
    const watched: number[] = [];
    const alone: number[] = [];
    for (let round = -1; round < ROUNDS; round++) {
      const { value, reason } = await corral.start(code, { lint: false, limits }).result;
      if (typeof value !== 'number') throw new Error(`the macro ended with ${reason}`);
      bare.send({ code, heapMb: Number.parseInt(limits.heap, 10) });
      const [ms] = (await once(bare, 'message')) as [number];
      if (round < 0) continue;
      watched.push(value);
      alone.push(ms);
    }
    const a = percentile(
      watched.sort((x, y) => x - y),
      0.5,
    );
    const b = percentile(
      alone.sort((x, y) => x - y),
      0.5,
    );
    rows.push([name, a.toFixed(0), b.toFixed(0), `${((a / b - 1) * 100).toFixed(1)} %`, goal]);
  }
  bare.disconnect();
  await once(bare, 'exit');
  return {
    title: 'Observe: what sampler, watchdog and inspector cost a busy macro',
    note: `Median of ${ROUNDS} rounds in turns; the macro times itself, in a Corral worker and in a bare isolated-vm process with the same flags.`,
    columns: ['macro', 'watched ms', 'bare ms', 'over', 'goal at most'],
    rows,
  };
}
