// Owns the process of a test that has isolates ended while nothing runs in them, and disposes of them. Prints how many that were.

import { MacroIsolate } from '../../../src/sandbox/isolate.ts';

let disposed = 0;
for (let n = 0; n < 60; n++) {
  const isolate = new MacroIsolate(32 * 1024 * 1024, () => process.exit(1));
  isolate.inspector.terminate();
  await isolate.poke();
  await isolate.quiet();
  isolate.dispose();
  disposed += 1;
}
process.stdout.write(String(disposed));
