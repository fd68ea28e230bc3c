// Owns `$corralAt`, the call that analysis puts into risky operations: it marks the last one begun and passes a value on.

import type { OwnCopies } from './own-copies.ts';

/** Installs it, where a macro can call it with nonsense but not replace it. `cell` is one shared Int32. */
export function beacon(
  { freeze }: OwnCopies,
  cell: Int32Array,
  disguise: (value: unknown, name: string, depth: number) => void,
): void {
  // A method, and no arrow, for its name: by that a macro is known that is to be stopped while it is in here.
  const { $corralAt: at } = {
    $corralAt(id: number, value: unknown): unknown {
      cell[0] = id;
      return value;
    },
  };
  freeze(at);
  disguise(at, '$corralAt', 0);
  Object.defineProperty(globalThis, '$corralAt', { value: at });
}
