// Owns `every(ms, fn)`: a task again and again, never twice at once.

import type { Ending } from './ending.ts';
import type { Callback, OwnCopies } from './own-copies.ts';
import type { Requests } from './requests.ts';

/** Makes `every`. */
export function repeater(
  { call, freeze, pin, NativeNumber, NativeRangeError, NativeTypeError }: OwnCopies,
  { sleep }: Requests,
  { fault, hold, release }: Ending,
) {
  return (ms: unknown, task: unknown): { stop(): void } => {
    const time = NativeNumber(ms);
    if (!(time >= 10)) throw new NativeRangeError('every(ms, fn) takes at least 10 milliseconds');
    if (typeof task !== 'function') throw new NativeTypeError('every(ms, fn) takes a function');
    let stopped = false;
    let working = false;
    const stop = (): void => {
      if (stopped) return;
      stopped = true;
      // A call under way is finished first.
      if (!working) release();
    };
    const turn = async (): Promise<void> => {
      try {
        while (!stopped) {
          await pin(sleep(time));
          if (stopped) return;
          working = true;
          await call(task as Callback, undefined);
          working = false;
        }
        release();
      } catch (error) {
        fault(error);
      }
    };
    hold();
    // Never rejects: it reports every error itself.
    void turn();
    return freeze({ stop });
  };
}
