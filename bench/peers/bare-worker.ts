// A worker process without watchdog, sampler or inspector: the same engine and the same flags, for what watching costs.

import ivm from 'isolated-vm';

process.on('message', async ({ code, heapMb }: { code: string; heapMb: number }) => {
  // As much as a Corral isolate for that limit gets: V8 sizes its young generation by it, which matters more than watching.
  const isolate = new ivm.Isolate({ memoryLimit: heapMb + 48 });
  const context = await isolate.createContext();
  const script = await isolate.compileScript(`(async function () {${code}\n})()`);
  const ms = await script.run(context, { promise: true });
  isolate.dispose();
  process.send?.(ms);
});
