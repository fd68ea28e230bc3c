// Owns the yardstick: isolated-vm by itself, everything fresh for each run, by its fastest (synchronous) calls.

import ivm from 'isolated-vm';

/** Fresh isolate, context, compile, run, dispose. */
export function runFresh(code: string): unknown {
  const isolate = new ivm.Isolate({ memoryLimit: 128 });
  const context = isolate.createContextSync();
  const value = isolate.compileScriptSync(code).runSync(context);
  isolate.dispose();
  return value;
}
