// Owns the process that tests leave alone or kill: a corral nobody closes. Prints its workers' pids, then the run's end.

import { createCorral } from '../../../src/corral.ts';

const [dumpDir = '', source = ''] = process.argv.slice(2);
const corral = createCorral({
  dumpDir,
  workers: { warm: 2 },
  // Whoever reads the pids may be slow to do so: the macro is still there then.
  limits: { cpu: '60s', burst: '60s', wall: '60s' },
});
const run = corral.start(source, { lint: false });
run.on('log', () => process.stdout.write(`${corral.workerPids.join(' ')}\n`));
const { reason } = await run.result;
process.stdout.write(`${reason}\n`);
