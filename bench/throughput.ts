// Owns how many trivial macros a second get through, against isolated-vm in one process.

import { setImmediate } from 'node:timers/promises';
import { createCorral } from '../src/corral.ts';
import { percentile } from './measure.ts';
import { runFresh } from './peers/isolated-vm.ts';
import type { Section } from './section.ts';

const ROUNDS = 5;
const ROUND_MS = 2_000;
const LANES = 8;

/** Throughput against raw isolated-vm, in turns. */
export async function benchThroughput(): Promise<Section> {
  await using corral = createCorral({ dump: 'never' });
  const corralRates: number[] = [];
  const rawRates: number[] = [];
  const lane = async () => {
    const end = await corral.start('return 1 + 1').result;
    if (end.value !== 2) throw new Error(`a run went wrong: ${JSON.stringify(end)}`);
  };
  await Promise.all(Array.from({ length: 50 }, lane));
  for (let round = 0; round < ROUNDS; round++) {
    corralRates.push(await rate(lane, LANES));
    rawRates.push(
      await rate(async () => {
        runFresh('1 + 1');
        await setImmediate();
      }, 1),
    );
  }
  const median = (rates: number[]) =>
    percentile(
      rates.sort((a, b) => a - b),
      0.5,
    );
  const corralRate = median(corralRates);
  const rawRate = median(rawRates);
  return {
    title: 'Run: trivial macros a second',
    note: `Median of ${ROUNDS} rounds of ${ROUND_MS / 1000} s in turns, ${LANES} submitters, lint included. Goal: at least 1.5 × raw isolated-vm in one process on two cores.`,
    columns: ['contender', 'runs/s', '× isolated-vm'],
    rows: [
      ['Corral', corralRate.toFixed(0), (corralRate / rawRate).toFixed(2)],
      ['isolated-vm, one process', rawRate.toFixed(0), '1.00'],
    ],
  };
}

async function rate(work: () => Promise<void>, lanes: number): Promise<number> {
  const from = performance.now();
  let count = 0;
  const lane = async () => {
    while (performance.now() - from < ROUND_MS) {
      await work();
      count += 1;
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return (count * 1000) / (performance.now() - from);
}
