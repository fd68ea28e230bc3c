// Owns the clock of a macro that is run again: it goes on from the time of then, at the speed of now.

import type { Callback, OwnCopies } from './own-copies.ts';

/** Makes the function that sets it; a macro that is run for the first time keeps the machine's own. */
export function clock(
  own: OwnCopies,
  disguise: (value: unknown, name: string, depth: number) => void,
) {
  const { call, construct, define, getOwnPropertyDescriptor, now, ownKeys, NativeDate } = own;
  return (startMs: number): (() => number) => {
    const shift = startMs - now();
    const shifted = (): number => now() + shift;
    const dateText = NativeDate.prototype.toString;
    // biome-ignore lint/suspicious/noShadowRestrictedNames: the macro must see the name it knows
    const ReplayedDate = function Date(...args: unknown[]): unknown {
      const time = args.length === 0 || new.target === undefined ? [shifted()] : args;
      if (new.target !== undefined) return construct(NativeDate, time, new.target);
      return call(dateText as Callback, construct(NativeDate, time));
    };
    const names = ownKeys(NativeDate);
    for (let i = 0; i < names.length; i++) {
      const name = names[i] as string;
      const descriptor = getOwnPropertyDescriptor(NativeDate, name) as PropertyDescriptor;
      own.defineProperty(ReplayedDate, name, descriptor);
    }
    define(ReplayedDate, 'now', shifted, false);
    define(NativeDate.prototype, 'constructor', ReplayedDate, false);
    define(globalThis, 'Date', ReplayedDate, false);
    disguise(ReplayedDate, 'Date', 0);
    disguise(shifted, 'now', 0);
    return shifted;
  };
}
