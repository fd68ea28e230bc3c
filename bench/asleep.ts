// Owns what a sleeping macro costs: many at once, memory per macro.

import { readFileSync } from 'node:fs';
import { createCorral } from '../src/corral.ts';
import type { Section } from './section.ts';

const COUNT = 500;

/** 500 macros asleep at once. */
export async function benchAsleep(): Promise<Section> {
  await using corral = createCorral({ dump: 'never', load: { active: COUNT + 1 } });
  await corral.start('return 1').result;
  const before = workersRss(corral.workerPids);
  const own = process.memoryUsage.rss();
  const awake = Array.from({ length: COUNT }, () => {
    const run = corral.start('await sleep(600000)');
    return new Promise<void>((resolve) =>
      run.on('state', ({ state }) => state === 'running' && resolve()),
    );
  });
  await Promise.all(awake);
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  const workers = workersRss(corral.workerPids);
  const mb = (bytes: number) => (bytes / 1024 / 1024).toFixed(2);
  return {
    title: `Run: ${COUNT} macros asleep at once`,
    note: 'Resident memory of all workers and of the supervisor, over what they took before.',
    columns: ['what', 'MB'],
    rows: [
      ['workers, per macro', mb((workers - before) / COUNT)],
      ['workers, all together', mb(workers)],
      ['supervisor, per macro', mb((process.memoryUsage.rss() - own) / COUNT)],
      ['worker processes', String(corral.workerPids.length)],
    ],
  };
}

function workersRss(pids: readonly number[]): number {
  const kb = pids.map(
    (pid) => /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1],
  );
  return kb.reduce((sum, each) => sum + Number(each ?? 0) * 1024, 0);
}
