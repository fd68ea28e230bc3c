// Owns a start that waits at the door: asks again whenever that may help, and gives up after a time. Decides nothing itself.

import type { HoldsStarts, StartHold } from '../start-hold.ts';

/** How a start waits. */
export interface LetInOptions {
  /** How long it may be held (ms). */
  readonly holdMs: number;
  /** Aborted when nobody wants it any more. */
  readonly signal: AbortSignal;
  /** Told once, when it begins to wait. */
  readonly onHeld: (hold: StartHold) => void;
}

/** Resolves with null once nothing holds a start, or nobody wants it; with what holds it when that has lasted too long. */
export function letIn(
  starts: HoldsStarts,
  { holdMs, signal, onHeld }: LetInOptions,
): Promise<StartHold | null> | null {
  const first = starts.held();
  if (first === null) return null;
  onHeld(first);
  return new Promise((resolve) => {
    let hold: StartHold = first;
    const settle = (held: StartHold | null) => {
      clearTimeout(timer);
      leave();
      signal.removeEventListener('abort', onAbort);
      resolve(held);
    };
    const onAbort = () => settle(null);
    // Not unref'd: a start that waits keeps the process alive as the run would.
    const timer = setTimeout(() => settle(hold), holdMs);
    const leave = starts.onChange(() => {
      const now = starts.held();
      if (now === null) settle(null);
      else hold = now;
    });
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
  });
}
