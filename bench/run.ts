// Owns the latency of one trivial macro, submit to result, beside what else one could run it in.

import vm from 'node:vm';
import { createCorral } from '../src/corral.ts';
import { alternate, type Contender, percentile } from './measure.ts';
import { runFresh } from './peers/isolated-vm.ts';
import { runInFork, runInThread } from './peers/processes.ts';
import { createQuickJs } from './peers/quickjs.ts';
import type { Section } from './section.ts';

const ROUNDS = 200;
const PAUSE_MS = 1;

/** Latency against peers that start as fast: they take turns among themselves. */
export async function benchRun(): Promise<Section> {
  const quickJs = await createQuickJs();
  return compare(
    'Run: one trivial macro, submit to result',
    'Goal: at most 0.40 × raw isolated-vm.',
    [
      { name: 'quickjs-emscripten, fresh runtime', run: (text) => quickJs(text) },
      { name: 'node:vm (no isolation)', run: (text) => vm.runInNewContext(text) },
    ],
  );
}

/** Latency against peers that need a thread or a process each, which leave the machine's caches cold for the next. */
export async function benchRunProcesses(): Promise<Section> {
  return compare(
    'Run: the same beside a thread or a process per run',
    'Goal: at least 25 × faster than worker_threads.',
    [
      { name: 'worker_threads, limited', run: runInThread },
      { name: 'child_process.fork', run: runInFork },
    ],
  );
}

type Peer = { readonly name: string; run(text: string): unknown };

async function compare(title: string, goal: string, peers: readonly Peer[]): Promise<Section> {
  await using corral = createCorral({ dump: 'never' });
  const all: Peer[] = [
    {
      name: 'Corral, lint included',
      run: async (text) => (await corral.start(`return ${text}`).result).value,
    },
    { name: 'isolated-vm, all fresh', run: runFresh },
    ...peers,
  ];
  let turn = 0;
  const contenders: Contender[] = all.map(({ name, run }) => ({
    name,
    async run() {
      // A text of its own for each run, so that nobody can answer from a cache of the last one.
      turn += 1;
      const value = await run(`${turn} + 1`);
      if (value !== turn + 1)
        throw new Error(`${name}: expected ${turn + 1}, got ${String(value)}`);
    },
  }));
  const timings = await alternate(contenders, { rounds: ROUNDS, warmup: 20, pauseMs: PAUSE_MS });
  const base = percentile(timings[1]?.timesMs ?? [], 0.5);
  return {
    title,
    note: `${ROUNDS} rounds, every contender once a round, ${PAUSE_MS} ms apart. ${goal}`,
    columns: ['contender', 'p50 ms', 'p95 ms', 'p50 × isolated-vm'],
    rows: timings.map(({ name, timesMs }) => {
      const p50 = percentile(timesMs, 0.5);
      return [name, p50.toFixed(3), percentile(timesMs, 0.95).toFixed(3), (p50 / base).toFixed(2)];
    }),
  };
}
