// Owns what is taken away from a macro: what can pass the heap limit unseen or block its thread, and
// what Node does not have either (docs/sandbox.md).

import type { Callback, OwnCopies } from './own-copies.ts';

/** Removes and narrows globals; runs before the macro, when nothing is replaced yet. */
export function narrow(
  own: OwnCopies,
  disguise: (value: unknown, name: string, depth: number) => void,
): void {
  const { call, construct, define, deleteProperty, getOwnPropertyDescriptor, ownKeys } = own;
  const { NativeArrayBuffer } = own;
  const globals = globalThis as unknown as Record<string, unknown>;
  // The prototype stays behind the one shared buffer there is; nothing may lead from it to the constructor.
  const sharedPrototype = SharedArrayBuffer.prototype;
  deleteProperty(sharedPrototype, 'constructor');
  deleteProperty(sharedPrototype, 'grow');
  delete globals.SharedArrayBuffer;
  delete globals.Atomics;
  delete globals.WebAssembly;
  // V8's own, no part of the language; Node has taken it away too.
  deleteProperty(Intl, 'v8BreakIterator');

  const prototype = NativeArrayBuffer.prototype;
  deleteProperty(prototype, 'resize');
  // biome-ignore lint/suspicious/noShadowRestrictedNames: the macro must see the name it knows
  const FixedArrayBuffer = function ArrayBuffer(this: unknown, length: unknown): ArrayBuffer {
    // A plain call is refused by the native constructor with its own message.
    if (new.target === undefined)
      return call(NativeArrayBuffer as unknown as Callback, undefined, length) as ArrayBuffer;
    return construct(NativeArrayBuffer, [length], new.target) as ArrayBuffer;
  };
  const names = ownKeys(NativeArrayBuffer);
  for (let i = 0; i < names.length; i++) {
    const name = names[i] as string;
    const descriptor = getOwnPropertyDescriptor(NativeArrayBuffer, name) as PropertyDescriptor;
    Object.defineProperty(FixedArrayBuffer, name, descriptor);
  }
  disguise(FixedArrayBuffer, 'ArrayBuffer', 0);
  define(prototype, 'constructor', FixedArrayBuffer, false);
  define(globalThis, 'ArrayBuffer', FixedArrayBuffer, false);
}
