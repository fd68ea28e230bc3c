// Owns the process of a test whose main thread hears late that a macro sleeps. Prints in which order two macros woke.

import type { Realm } from '../../../src/sandbox/realm.ts';
import { realmOf } from './realm.ts';

const woken: string[] = [];
const isOver = Promise.withResolvers<void>();

function sleeper(name: string, ms: number): Realm {
  return realmOf(name, `await sleep(${ms})`, () => {
    woken.push(name);
    if (woken.length === 2) isOver.resolve();
  });
}

const [early, late] = [sleeper('asked first', 1_000), sleeper('asked later', 600)];
early.start();
// Its own thread goes on meanwhile, and sleeps within some ms.
Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 700);
late.start();
await isOver.promise;
for (const realm of [early, late]) {
  await realm.isolate.quiet();
  realm.dispose();
}
process.stdout.write(woken.join(', '));
