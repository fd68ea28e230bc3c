// Owns what a sleeping macro costs: many at once, memory per macro; and how late each wakes.

import { readFileSync } from 'node:fs';
import { createCorral } from '../src/corral.ts';
import type { Section } from './section.ts';

const COUNT = 1_000;
/** Long enough for all to be asleep before the first wakes (ms), and how far their waking is apart (ms). */
const ASLEEP_MS = 20_000;
const APART_MS = 10;
const SETTLE_MS = 2_000;

/** Nobody ends before all have woken: what an end costs is no part of waking. */
const source = `await sleep(input.at - now());
const late = now() - input.at;
await sleep(${COUNT * APART_MS + 5_000});
return late;`;

/** A thousand macros asleep at once. */
export async function benchAsleep(): Promise<Section> {
  await using corral = createCorral({
    dump: 'never',
    limits: { wall: '10m' },
    load: { active: COUNT + 1 },
  });
  await corral.start('return 1').result;
  const before = workersRss(corral.workerPids);
  const own = process.memoryUsage.rss();
  const began = performance.now();
  const runs = Array.from({ length: COUNT }, (_, n) => {
    // Each is to wake at a moment of its own, whenever it got to start.
    const input = { at: Date.now() + ASLEEP_MS + n * APART_MS };
    return corral.start(source, { input });
  });
  await Promise.all(
    runs.map(
      (run) =>
        new Promise<void>((resolve) =>
          run.on('state', ({ state }) => state === 'running' && resolve()),
        ),
    ),
  );
  const startedMs = performance.now() - began;
  await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
  const workers = workersRss(corral.workerPids);
  const supervisor = process.memoryUsage.rss() - own;
  const processes = corral.workerPids.length;
  const ends = await Promise.all(runs.map(({ result }) => result));
  const late = ends.flatMap(({ value }) => (typeof value === 'number' ? [value] : []));
  late.sort((a, b) => a - b);
  const mb = (bytes: number) => (bytes / 1024 / 1024).toFixed(2);
  return {
    title: `Run: ${COUNT.toLocaleString('en')} macros asleep at once`,
    note: `Resident memory of all workers and of the supervisor, over what they took before; all were asleep ${(startedMs / 1000).toFixed(1)} s after the first was submitted. They wake ${APART_MS} ms apart; how late, as each tells by its own clock.`,
    columns: ['what', 'figure'],
    rows: [
      ['workers, MB per macro', mb((workers - before) / COUNT)],
      ['workers, MB all together', mb(workers)],
      ['supervisor, MB per macro', mb(supervisor / COUNT)],
      ['worker processes', String(processes)],
      ['that woke', String(late.length)],
      ['late, ms, p50', String(late[Math.floor(late.length * 0.5)] ?? '')],
      ['late, ms, p99', String(late[Math.floor(late.length * 0.99)] ?? '')],
      ['late, ms, most', String(late.at(-1) ?? '')],
    ],
  };
}

function workersRss(pids: readonly number[]): number {
  const kb = pids.map(
    (pid) => /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1],
  );
  return kb.reduce((sum, each) => sum + Number(each ?? 0) * 1024, 0);
}
