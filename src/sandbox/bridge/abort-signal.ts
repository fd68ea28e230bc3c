// Owns `signal`: how a macro learns that its run is being cancelled.

import type { Callback, OwnCopies } from './own-copies.ts';
import type { Requests } from './requests.ts';
import type { Texts } from './texts.ts';

/** Makes `signal` and the function that aborts it. */
export function abortSignal(
  { call, define, freeze }: OwnCopies,
  { named }: Texts,
  { rejectSleeps }: Requests,
  post: (kind: string) => void,
) {
  const LISTENERS_MAX = 100;
  const listeners: (Callback | null)[] = [];
  let aborted = false;
  let reason: unknown;
  const signal = freeze({
    get aborted() {
      return aborted;
    },
    get reason() {
      return reason;
    },
    throwIfAborted() {
      if (aborted) throw reason;
    },
    addEventListener(type: unknown, fn: unknown) {
      if (type === 'abort' && typeof fn === 'function' && listeners.length < LISTENERS_MAX)
        define(listeners, listeners.length, fn);
    },
    removeEventListener(_type: unknown, fn: unknown) {
      for (let i = 0; i < listeners.length; i++) if (listeners[i] === fn) listeners[i] = null;
    },
  });
  const abort = (message: string): void => {
    if (aborted) return;
    aborted = true;
    // What the macro has asked for until now it asked for before it knew.
    post('aborted');
    reason = named('AbortError', message, 'cancelled');
    for (let i = 0; i < listeners.length; i++) {
      const listener = listeners[i] as Callback | null;
      if (listener === null) continue;
      try {
        call(listener, undefined, reason);
      } catch {
        // A listener's failure is the macro's own and changes nothing about the abort.
      }
    }
    rejectSleeps(reason);
  };
  return { signal, abort };
}
