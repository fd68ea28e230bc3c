// Owns the process that is killed with a worker in every state there is: it prints one line once all of them are there.

import { createCorral, type Run } from '../../../src/corral.ts';

const [dumpDir = ''] = process.argv.slice(2);
const corral = createCorral({
  dumpDir,
  share: false,
  workers: { max: 16, warm: 1, warmMax: 1 },
  limits: { cpu: '60s', burst: '60s', wall: '60s' },
});

/** Waits for a run's first log line. */
function logged(source: string): Promise<Run> {
  const run = corral.start(source, { lint: false });
  return new Promise((resolve, reject) => {
    run.on('log', () => resolve(run));
    run.on('end', ({ message }) => reject(new Error(message)));
  });
}

const ASLEEP = 'log("asleep"); await sleep(60_000)';
const BUSY = 'log("busy"); for (;;);';
const STUCK =
  'log("stuck"); await sleep(1); Array.prototype.indexOf.call({ length: 2 ** 53 - 1 }, 1)';

const [, , pausedAsleep, pausedBusy] = await Promise.all(
  [ASLEEP, BUSY, ASLEEP, BUSY, STUCK].map(logged),
);
await pausedAsleep?.pause();
await pausedBusy?.pause();
// The spare one that is idle is taken by the first of these, and a new spare one comes; the second one's worker has only
// just been started.
const before = corral.workerPids.length;
for (let at = 0; at < 2; at++) corral.start(ASLEEP, { lint: false });
while (corral.workerPids.length < before + 2) await new Promise((resolve) => setImmediate(resolve));
process.stdout.write(`${corral.workerPids.length}\n`);
