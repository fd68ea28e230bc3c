// Owns the process that the state store's tests run beside themselves and kill: it counts, and copies each count.

import { StateStore } from '../../../src/supervisor/state-store.ts';

const [dir = '', times] = process.argv.slice(2);
const store = new StateStore(dir);
for (let done = 1; done <= Number(times); done++) {
  const count = store.of('local').incr('m', 'n', 1);
  store.of('local').set('m', 'copy', count);
  if (done === 20) process.stdout.write(`${count}\n`);
}
store[Symbol.dispose]();
