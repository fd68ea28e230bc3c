// A macro that is ended in a loop with rejections that nobody has handled: V8 tells the first of them to whoever asks the
// isolate next. Prints how many of ten were looked at and disposed of all the same.
// node --no-node-snapshot test/sandbox/support/rejected.ts

import { setTimeout as sleep } from 'node:timers/promises';
import { realmOf } from './realm.ts';

const CODE = `for (let i = 0; i < 100; i++) Promise.reject(new Error('from the macro'));
for (;;);`;

let fine = 0;
for (let n = 0; n < 10; n++) {
  const { promise: over, resolve } = Promise.withResolvers<void>();
  const realm = realmOf(`rejected ${n}`, CODE, resolve);
  realm.start();
  await sleep(30);
  await realm.isolate.end();
  await over;
  // Both ask it too; every other time this one is first.
  if (n % 2 === 0) await realm.isolate.poke();
  await realm.isolate.quiet();
  const statistics = realm.isolate.heapStatistics();
  realm.dispose();
  if (statistics !== null) fine += 1;
}
process.stdout.write(String(fine));
