// The child of the fork peer: runs one text and goes. Plain JavaScript, so that type stripping is no part of its time.
import vm from 'node:vm';

process.once('message', (code) =>
  process.send(vm.runInThisContext(code), () => process.disconnect()),
);
