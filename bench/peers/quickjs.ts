// Owns the QuickJS peer: another engine, compiled to WebAssembly, a fresh runtime for each run.

import { getQuickJS } from 'quickjs-emscripten';

/** Loads the engine once; each run then has a runtime of its own. */
export async function createQuickJs(): Promise<(code: string) => unknown> {
  const engine = await getQuickJS();
  return (code) => {
    using runtime = engine.newRuntime();
    runtime.setMemoryLimit(128 * 1024 * 1024);
    using context = runtime.newContext();
    using value = context.unwrapResult(context.evalCode(code));
    return context.dump(value);
  };
}
