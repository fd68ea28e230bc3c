// Owns reading the CPU that macros use in this process, from the process's and the main thread's own clocks.

/** CPU of all threads but the main one (ms): the isolates' threads, and V8's helpers that collect and compile for them. */
export function macroThreadsCpuMs(): number {
  const all = process.cpuUsage();
  const main = process.threadCpuUsage();
  return (all.user + all.system - main.user - main.system) / 1000;
}
