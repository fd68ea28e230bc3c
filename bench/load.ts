// Owns what ten thousand runs in line cost: how fast they are taken, what memory each holds, and that every one ends.

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createCorral } from '../src/corral.ts';
import type { Section } from './section.ts';

const COUNT = 10_000;
const OWNERS = 50;

/** Ten thousand runs of fifty owners, a hundred active at once. */
export async function benchLoad(): Promise<Section> {
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc') as () => void;
  await using corral = createCorral({
    dump: 'never',
    load: { queue: COUNT, queuePerOwner: COUNT },
  });
  const hundred = Array.from({ length: 100 }, () => corral.start('await sleep(600000)'));
  await Promise.all(
    hundred.map(
      (run) =>
        new Promise<void>((resolve) => {
          run.on('state', ({ state }) => state === 'running' && resolve());
        }),
    ),
  );
  gc();
  const before = process.memoryUsage().heapUsed;
  const from = performance.now();
  const runs = Array.from({ length: COUNT }, (_, at) =>
    corral.start(`return ${at}`, { owner: `owner-${at % OWNERS}` }),
  );
  const submittedMs = performance.now() - from;
  while (corral.load.queued < COUNT) await new Promise((resolve) => setTimeout(resolve, 5));
  gc();
  const bytes = (process.memoryUsage().heapUsed - before) / COUNT;
  const servedFrom = performance.now();
  await Promise.all(hundred.map((run) => run.stop()));
  const ends = await Promise.all(runs.map(({ result }) => result));
  const servedMs = performance.now() - servedFrom;
  const wrong = ends.filter(({ value }, at) => value !== at).length;
  return {
    title: `Load: ${COUNT} runs in line`,
    note: `Distinct trivial macros of ${OWNERS} owners behind 100 that are active; lint included.`,
    columns: ['what', 'value'],
    rows: [
      ['taken, runs/s', ((COUNT * 1000) / submittedMs).toFixed(0)],
      ['heap of the supervisor for each that waits, KB', (bytes / 1024).toFixed(1)],
      ['served once there is room, runs/s', ((COUNT * 1000) / servedMs).toFixed(0)],
      ['ended otherwise than they should', String(wrong)],
    ],
  };
}
