// Owns the process of a test that asks a busy macro for two things at once. Prints in how many of its stacks the other was seen.

import { realmOf } from './realm.ts';

const ROUNDS = 400;

const realm = realmOf('busy', 'function turn() {} for (;;) turn();', () => undefined);
const { isolate } = realm;
const { inspector } = isolate;
realm.start();
// As the watchdog does: a request may lie there until the next one wakes the isolate.
const wake = setInterval(() => inspector.heapUsage().catch(() => undefined), 10);
let mixed = 0;
for (let round = 0; round < ROUNDS; round++) {
  const room = inspector.hasRoom();
  // Sent while the other is being done: how long that lasts is the machine's.
  const until = performance.now() + (round % 20) / 10;
  while (performance.now() < until);
  const text = await inspector.stackText();
  await room;
  if (/ at down/.test(text)) mixed += 1;
}
clearInterval(wake);
await isolate.end();
await isolate.quiet();
realm.dispose();
process.stdout.write(`${mixed} of ${ROUNDS}`);
