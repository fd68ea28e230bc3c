// Owns how long a test's child process may live: one that waits for ever must fail its test, not hold up all of them.

/** For `spawn`, `spawnSync` and `execFile`: two minutes, many times what any of them takes on a loaded machine. */
export const CHILD_LIFE = { timeout: 120_000, killSignal: 'SIGKILL' } as const;
