// Owns what `Function.prototype.toString` says: a macro's functions without the beacons that analysis put into them, and
// what the bridge gives a macro as native code.

import type { OwnCopies } from './own-copies.ts';
import type { OwnMethods } from './own-methods.ts';

/** Puts it in place; gives the function that makes others count as native, in an object all that it holds. */
export function functionText(own: OwnCopies, methods: OwnMethods) {
  const { call, define, getOwnPropertyDescriptor, ownKeys, NativeWeakMap } = own;
  const { functionText: nativeText, indexOf, slice, weakGet, weakSet } = methods;
  // As in src/analysis/beacons.ts: `$corralAt(7,X/*$corralAt*/)`.
  const OPEN = '$corralAt(';
  const CLOSE = '/*$corralAt*/)';
  const natives = new NativeWeakMap();

  const find = (text: string, part: string, from: number): number =>
    call(indexOf, text, part, from) as number;
  const cut = (text: string, from: number, to: number): string =>
    call(slice, text, from, to) as string;
  const withoutBeacons = (text: string): string => {
    let bare = '';
    let from = 0;
    let open = find(text, OPEN, 0);
    let close = find(text, CLOSE, 0);
    while (open >= 0 && close >= 0) {
      const isOpen = open < close;
      const at = isOpen ? open : close;
      bare += cut(text, from, at);
      from = isOpen ? find(text, ',', at) + 1 : at + CLOSE.length;
      if (isOpen) open = find(text, OPEN, from);
      else close = find(text, CLOSE, from);
    }
    // After the last opening there are closings only.
    while (close >= 0) {
      bare += cut(text, from, close);
      from = close + CLOSE.length;
      close = find(text, CLOSE, from);
    }
    return bare + cut(text, from, text.length);
  };

  const disguise = (value: unknown, name: string, depth: number): void => {
    if (typeof value === 'function') {
      call(weakSet, natives, value, `function ${name}() { [native code] }`);
    }
    if (value === null || (typeof value !== 'object' && typeof value !== 'function')) return;
    const names = depth > 0 ? ownKeys(value) : [];
    for (let i = 0; i < names.length; i++) {
      const key = names[i] as string;
      const { value: member, get } = getOwnPropertyDescriptor(value, key) as PropertyDescriptor;
      disguise(member, key, depth - 1);
      if (get) disguise(get, `get ${key}`, 0);
    }
  };
  // A method, as only those have neither a prototype nor a construct of their own, like the native one.
  const method = {
    toString(this: unknown): string {
      // Of what is not a function, the native one throws.
      const text = call(nativeText, this) as string;
      const native = call(weakGet, natives, this) as string | undefined;
      return native ?? withoutBeacons(text);
    },
  };
  disguise(method.toString, 'toString', 0);
  define(own.FunctionPrototype, 'toString', method.toString, false);
  return disguise;
}
