// A process that runs Corral and is to be killed: it starts a probe that stays in one loop, and prints its pid. Started by
// path, never imported, to see that nothing outlives it.

import { once } from 'node:events';
import { toWorkerProgram } from '../worker-program.ts';
import { Launched } from './launch.ts';

const order = JSON.stringify({ mode: 'spin' });
const launched = new Launched(toWorkerProgram('probe', [order], { isNative: true }));
await once(launched.channel, 'data');
await launched.located();
process.stdout.write(`${launched.pid}\n`);
