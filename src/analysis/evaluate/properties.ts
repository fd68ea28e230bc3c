// Owns reading and writing properties of the evaluator's objects.

import { linear } from './counters.ts';
import type { Machine } from './machine.ts';
import {
  ArrayObj,
  BuiltinObj,
  CollectionObj,
  errorObject,
  FunctionObj,
  GiveUp,
  HOST,
  isPrimitive,
  Linear,
  Obj,
  OpaqueObj,
  ProxyObj,
  Slot,
  Text,
  THING,
  Thrown,
  UNKNOWN,
  Unknown,
  type Value,
} from './values.ts';

const ITEMS_MAX = 20_000;
const PROPS_MAX = 5_000;

/** `target[key]`. */
export function getProperty(m: Machine, target: Value, key: string): Value {
  if (target instanceof Obj) return getOf(m, target, key);
  if (typeof target === 'string') return ofText(m, target, key);
  if (target instanceof Unknown) return ofUnknown(target, key);
  if (target instanceof Text) return key === 'length' ? target.length : UNKNOWN;
  if (target === null || target === undefined)
    throw new Thrown(errorObject('TypeError', `cannot read ${key}`));
  return m.ports.method(target, key);
}

/** Of what may be nothing at all reading fails, and that would end whatever comes by it. */
function ofUnknown(target: Unknown, key: string): Value {
  if (target === HOST) return key === 'input' ? THING : HOST;
  if (target === THING) return UNKNOWN;
  throw new GiveUp('a property of something unknown');
}

function ofText(m: Machine, text: string, key: string): Value {
  if (key === 'length') return text.length;
  const index = Number(key);
  if (Number.isInteger(index) && String(index) === key) return text[index];
  return m.ports.method(text, key);
}

/** The trap of a Proxy for this, null where it has none. */
function trapOf({ handler }: ProxyObj, name: string): FunctionObj | null {
  const trap = handler.props.get(name)?.value;
  return trap instanceof FunctionObj ? trap : null;
}

function getOf(m: Machine, target: Obj, key: string): Value {
  if (target instanceof ProxyObj) {
    m.spend(1);
    const trap = trapOf(target, 'get');
    if (trap) return m.call(trap, target.handler, [target.target, key, target]);
    return getOf(m, target.target, key);
  }
  if (target instanceof ArrayObj) {
    if (key === 'length') return target.length ?? target.items.length;
    const index = arrayIndex(key);
    if (index !== null) return target.length ? UNKNOWN : target.items[index];
  }
  if (target instanceof OpaqueObj) return UNKNOWN;
  if (target instanceof CollectionObj && key === 'size') return target.entries.size;
  if (key === 'prototype' && target instanceof FunctionObj) return prototypeOf(target);
  for (let owner: Obj | null = target; owner; owner = owner.proto) {
    const slot = owner.props.get(key);
    if (!slot) continue;
    if (!slot.accessor) return slot.value;
    m.spend(1);
    return slot.accessor.get ? m.call(slot.accessor.get, target, []) : undefined;
  }
  return key === '__proto__' ? target.proto : m.ports.method(target, key);
}

/** What instances of a function inherit from; made when it is first asked for. */
export function prototypeOf(callable: FunctionObj): Value {
  const known = callable.props.get('prototype');
  if (known) return known.value;
  if (!callable.code || callable.code.isArrow) return undefined;
  const prototype = new Obj();
  callable.props.set('prototype', new Slot(prototype));
  return prototype;
}

/** The index a key is, null for any other key. */
function arrayIndex(key: string): number | null {
  const index = Number(key);
  return Number.isInteger(index) && index >= 0 && String(index) === key ? index : null;
}

/** True for an index that is at or past the end, in this turn and those up to the horizon. */
export function isPast(m: Machine, index: Linear, length: Value): boolean {
  return linear(m, '>=', index, length) === true;
}

/** `target[index]`, without turning the index into text where that can be helped. */
export function getElement(
  m: Machine,
  target: Value,
  index: Value,
  toKey: (value: Value) => string,
) {
  if (target instanceof ArrayObj) {
    if (index instanceof Linear || index instanceof Unknown) {
      if (target.props.size > 0) throw new GiveUp('an unknown element');
      const isBeyond =
        index instanceof Linear && isPast(m, index, target.length ?? target.items.length);
      return isBeyond ? undefined : UNKNOWN;
    }
    if (typeof index === 'number' && Number.isInteger(index) && index >= 0)
      return target.length ? UNKNOWN : target.items[index];
  }
  if (target instanceof Unknown) return ofUnknown(target, '');
  if (typeof target === 'string' && (index instanceof Linear || index instanceof Unknown))
    return index instanceof Linear && isPast(m, index, target.length) ? undefined : UNKNOWN;
  return getProperty(m, target, toKey(index));
}

/** `target[key] = value`. */
export function setProperty(m: Machine, target: Value, key: string, value: Value): void {
  if (target instanceof Unknown) return;
  if (!(target instanceof Obj)) {
    if (isPrimitive(target) && target !== null && target !== undefined)
      throw new Thrown(errorObject('TypeError', `cannot set ${key}`));
    throw new Thrown(errorObject('TypeError', `cannot set ${key} of nothing`));
  }
  if (target instanceof ProxyObj) {
    m.spend(1);
    const trap = trapOf(target, 'set');
    if (trap) m.call(trap, target.handler, [target.target, key, value, target]);
    else setProperty(m, target.target, key, value);
    return;
  }
  for (let owner: Obj | null = target; owner; owner = owner.proto) {
    const accessor = owner.props.get(key)?.accessor;
    if (accessor) {
      m.spend(1);
      if (!accessor.set) throw new Thrown(errorObject('TypeError', `${key} has only a getter`));
      m.call(accessor.set, target, [value]);
      return;
    }
  }
  if (target instanceof BuiltinObj || (target instanceof FunctionObj && target.native))
    throw new GiveUp('a built-in is changed');
  if (target.isFrozen) throw new Thrown(errorObject('TypeError', `${key} is read-only`));
  if (key === '__proto__') throw new GiveUp('a prototype is changed');
  m.touch(target);
  if (target instanceof ArrayObj && setItem(m, target, key, value)) return;
  if (target.props.size > PROPS_MAX)
    throw new GiveUp(`makes an object of more than ${PROPS_MAX} properties`, true);
  target.props.set(key, new Slot(value));
}

function setItem(m: Machine, array: ArrayObj, key: string, value: Value): boolean {
  if (key === 'length') {
    if (typeof value !== 'number') throw new GiveUp('a length that is not known');
    if (value > array.items.length) throw new GiveUp('an array with holes');
    if (array.length) throw new GiveUp('the length of a growing array');
    array.items.length = value;
    return true;
  }
  const index = arrayIndex(key);
  if (index === null) return false;
  if (array.length) throw new GiveUp('an element of a growing array');
  if (index > array.items.length + 1000) throw new GiveUp('an array with holes');
  if (index > ITEMS_MAX) throw new GiveUp(`makes an array of more than ${ITEMS_MAX} items`, true);
  m.spend(1);
  while (array.items.length < index) array.items.push(undefined);
  array.items[index] = value;
  return true;
}

/** Adds at the end. */
export function pushItem(m: Machine, array: ArrayObj, value: Value): void {
  if (array.isFrozen) throw new Thrown(errorObject('TypeError', 'a frozen array'));
  m.touch(array);
  if (array.length) array.length = new Linear(array.length.base + 1, array.length.slope);
  else if (array.items.length >= ITEMS_MAX)
    throw new GiveUp(`makes an array of more than ${ITEMS_MAX} items`, true);
  else array.items.push(value);
}

/** `delete target[key]`. */
export function deleteProperty(m: Machine, target: Value, key: string): void {
  if (!(target instanceof Obj) || target instanceof ArrayObj || target instanceof ProxyObj)
    throw new GiveUp('a delete');
  m.touch(target);
  target.props.delete(key);
}

/** `key in target`. */
export function hasProperty(m: Machine, target: Value, key: string): Value {
  if (target instanceof Unknown) return UNKNOWN;
  if (!(target instanceof Obj)) throw new Thrown(errorObject('TypeError', 'no object'));
  if (target instanceof ProxyObj) {
    m.spend(1);
    const trap = trapOf(target, 'has');
    if (trap) return m.call(trap, target.handler, [target.target, key]);
    return hasProperty(m, target.target, key);
  }
  if (target instanceof ArrayObj) {
    if (target.length) return UNKNOWN;
    const index = arrayIndex(key);
    if (index !== null) return index < target.items.length;
  }
  for (let owner: Obj | null = target; owner; owner = owner.proto)
    if (owner.props.has(key)) return true;
  if (m.ports.method(target, key) !== undefined) return true;
  return false;
}

/** The own enumerable keys, as `for…in` and Object.keys see them. */
export function keysOf(target: Value): string[] {
  if (target instanceof ProxyObj) throw new GiveUp('the keys of a Proxy');
  if (target instanceof ArrayObj) {
    if (target.length) throw new GiveUp('the keys of a growing array');
    return [...target.items.keys()].map(String).concat([...target.props.keys()]);
  }
  if (typeof target === 'string') return [...target].map((_, index) => String(index));
  if (target instanceof FunctionObj || target instanceof Obj) {
    const keys = [...target.props.keys()].filter((key) => !/^(?:@@|#)/.test(key));
    const indexes = keys.filter((key) => arrayIndex(key) !== null);
    // JavaScript puts whole numbers first, in order.
    if (indexes.length === 0) return keys;
    return [
      ...indexes.sort((a, b) => Number(a) - Number(b)),
      ...keys.filter((key) => arrayIndex(key) === null),
    ];
  }
  if (target instanceof Unknown) throw new GiveUp('the keys of something unknown');
  return [];
}
