// A worker process without watchdog, sampler or inspector: the same engine and the same flags, for what watching costs.

import ivm from 'isolated-vm';

process.on('message', async ({ code, heapMb }: { code: string; heapMb: number }) => {
  // As much as a Corral isolate for that limit gets: V8 sizes its young generation by it, which matters more than watching.
  const isolate = new ivm.Isolate({ memoryLimit: heapMb + 48 });
  const context = await isolate.createContext();
  const script = await isolate.compileScript(`(async function () {${code}\n})()`);
  const from = threadsCpuMs();
  await script.run(context, { promise: true });
  const ms = threadsCpuMs() - from;
  isolate.dispose();
  process.send?.(ms);
});

/** CPU of all threads but this one (ms), as a worker counts it. */
function threadsCpuMs(): number {
  const all = process.cpuUsage();
  const main = process.threadCpuUsage();
  return (all.user + all.system - main.user - main.system) / 1000;
}
