// Owns the process of a test whose main thread hears late that a macro sleeps. Prints in which order two macros woke.

import { MacroIsolate } from '../../../src/sandbox/isolate.ts';
import { Realm } from '../../../src/sandbox/realm.ts';

const MB = 1024 * 1024;
const woken: string[] = [];
const isOver = Promise.withResolvers<void>();

function sleeper(name: string, ms: number): Realm {
  const isolate = new MacroIsolate(32 * MB, () => process.exit(1));
  const never = () => undefined;
  const start = {
    run: name,
    realm: 0,
    file: 'macro.js',
    code: `await sleep(${ms})`,
    keepingEntries: null,
    graceCpuMs: 150,
    form: 'body' as const,
    heapBytes: 32 * MB,
    heapWarnBytes: 32 * MB,
    cpuMs: 10_000,
    burstMs: 10_000,
    idleMs: 10_000,
    outputBytes: 1_000,
    commands: 0,
    wallMs: 10_000,
    seed: 1,
    input: 'null',
    clockMs: null,
    catalogue: {},
    debugged: null,
  };
  return new Realm(start, isolate, {
    ask: never,
    log: never,
    limit: never,
    busy: never,
    idle: never,
    profile: never,
    budget: () => '{}',
    done: () => {
      woken.push(name);
      if (woken.length === 2) isOver.resolve();
    },
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
