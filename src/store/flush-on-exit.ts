// Owns writing what is not written yet when the process ends without closing its ledgers. Not when it is killed.

const waiting = new Set<() => void>();

function flushAll(): void {
  for (const flush of waiting) flush();
}

/** Calls this when the process exits, until {@link forgetOnExit}. One listener serves all. */
export function flushOnExit(flush: () => void): void {
  if (waiting.size === 0) process.on('exit', flushAll);
  waiting.add(flush);
}

/** Takes it back. */
export function forgetOnExit(flush: () => void): void {
  if (waiting.delete(flush) && waiting.size === 0) process.off('exit', flushAll);
}
