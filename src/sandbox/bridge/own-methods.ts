// Owns the bridge's copies of prototype methods and getters, to be used through `call` and `brand` only.

import type { Callback, OwnCopies } from './own-copies.ts';

/** What {@link ownMethods} gives. */
export type OwnMethods = ReturnType<typeof ownMethods>;

/** Takes the copies; runs once in each isolate. */
export function ownMethods({ getOwnPropertyDescriptor, getPrototypeOf }: OwnCopies) {
  const getter = (prototype: object, name: string): Callback =>
    getOwnPropertyDescriptor(prototype, name)?.get as Callback;
  const typedArrays = getPrototypeOf(Uint8Array.prototype) as object;
  return {
    slice: String.prototype.slice as unknown as Callback,
    indexOf: String.prototype.indexOf as unknown as Callback,
    functionText: Function.prototype.toString as Callback,
    weakGet: WeakMap.prototype.get as Callback,
    weakSet: WeakMap.prototype.set as Callback,
    bigintText: BigInt.prototype.toString as Callback,
    symbolText: Symbol.prototype.toString as Callback,
    errorText: Error.prototype.toString as Callback,
    getTime: Date.prototype.getTime as Callback,
    dateText: Date.prototype.toISOString as Callback,
    mapSize: getter(Map.prototype, 'size'),
    mapForEach: Map.prototype.forEach as Callback,
    mapSet: Map.prototype.set as Callback,
    setSize: getter(Set.prototype, 'size'),
    setForEach: Set.prototype.forEach as Callback,
    setHas: Set.prototype.has as Callback,
    setAdd: Set.prototype.add as Callback,
    setDelete: Set.prototype.delete as Callback,
    regexpSource: getter(RegExp.prototype, 'source'),
    // One by one, in their order: the getter of `flags` itself would ask properties that a macro can set.
    regexpFlags: {
      d: getter(RegExp.prototype, 'hasIndices'),
      g: getter(RegExp.prototype, 'global'),
      i: getter(RegExp.prototype, 'ignoreCase'),
      m: getter(RegExp.prototype, 'multiline'),
      s: getter(RegExp.prototype, 'dotAll'),
      u: getter(RegExp.prototype, 'unicode'),
      v: getter(RegExp.prototype, 'unicodeSets'),
      y: getter(RegExp.prototype, 'sticky'),
    },
    bufferLength: getter(ArrayBuffer.prototype, 'byteLength'),
    viewBuffer: getter(typedArrays, 'buffer'),
    viewOffset: getter(typedArrays, 'byteOffset'),
    viewLength: getter(typedArrays, 'byteLength'),
    dataBuffer: getter(DataView.prototype, 'buffer'),
    dataOffset: getter(DataView.prototype, 'byteOffset'),
    dataLength: getter(DataView.prototype, 'byteLength'),
  };
}
