// Owns the latency of one trivial macro, submit to result, beside what else one could run it in.

import vm from 'node:vm';
import { createCorral } from '../src/corral.ts';
import { alternate, percentile } from './measure.ts';
import { runFresh } from './peers/isolated-vm.ts';
import { runInFork, runInThread } from './peers/processes.ts';
import { createQuickJs } from './peers/quickjs.ts';
import type { Section } from './section.ts';

const ROUNDS = 100;

/** Latency against the peers. */
export async function benchRun(): Promise<Section> {
  const quickJs = await createQuickJs();
  await using corral = createCorral({ dump: 'never' });
  // Each run gets a text of its own, so that nobody can answer from a cache of the last one.
  let turn = 0;
  const text = () => `${++turn} + 1`;
  const timings = await alternate(
    [
      {
        name: 'Corral, lint included',
        run: async () => expect((await corral.start(`return ${text()}`).result).value),
      },
      { name: 'isolated-vm, all fresh', run: () => expect(runFresh(text())) },
      { name: 'quickjs-emscripten, fresh runtime', run: () => expect(quickJs(text())) },
      { name: 'worker_threads, limited', run: async () => expect(await runInThread(text())) },
      { name: 'child_process.fork', run: async () => expect(await runInFork(text())) },
      { name: 'node:vm (no isolation)', run: () => expect(vm.runInNewContext(text())) },
    ],
    { rounds: ROUNDS, warmup: 10, pauseMs: 5 },
  );
  const base = percentile(timings[1]?.timesMs ?? [], 0.5);
  return {
    title: 'Run: one trivial macro, submit to result',
    note: `p50 of ${ROUNDS} rounds, every contender once a round, 5 ms apart. Goal: at most 0.40 × raw isolated-vm, at least 25 × faster than worker_threads.`,
    columns: ['contender', 'p50 ms', 'p95 ms', '× isolated-vm'],
    rows: timings.map(({ name, timesMs }) => {
      const p50 = percentile(timesMs, 0.5);
      return [name, p50.toFixed(3), percentile(timesMs, 0.95).toFixed(3), (p50 / base).toFixed(2)];
    }),
  };
  function expect(value: unknown): void {
    if (value !== turn + 1) throw new Error(`expected ${turn + 1}, got ${String(value)}`);
  }
}
