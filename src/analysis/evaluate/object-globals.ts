// Owns `Array`, `Object`, `Map`, `Set` and `JSON`.

import { toNumber, toText } from './conversions.ts';
import { collect } from './iteration.ts';
import type { Machine } from './machine.ts';
import { getProperty, keysOf, setProperty } from './properties.ts';
import {
  ArrayObj,
  CollectionObj,
  errorObject,
  FunctionObj,
  GiveUp,
  Linear,
  type Native,
  Obj,
  SYMBOLS,
  Thrown,
  UNKNOWN,
  Unknown,
  type Value,
} from './values.ts';

const ITEMS_MAX = 20_000;
const JSON_DEPTH_MAX = 100;

export function list(m: Machine, items: readonly Value[]): ArrayObj {
  if (items.length > ITEMS_MAX)
    throw new GiveUp(`makes an array of more than ${ITEMS_MAX} items`, true);
  m.spend(items.length >> 2);
  return new ArrayObj([...items]);
}

export function arrayConstructor(m: Machine, args: readonly Value[]): Value {
  if (args.length !== 1 || typeof args[0] !== 'number') {
    if (args[0] instanceof Linear || args[0] instanceof Unknown)
      throw new GiveUp('an array of unknown size');
    return list(m, args);
  }
  const [size] = args;
  if (!Number.isInteger(size) || size < 0 || size >= 2 ** 32)
    throw new Thrown(errorObject('RangeError', 'Invalid array length'));
  if (size > ITEMS_MAX) throw new GiveUp(`makes an array of more than ${ITEMS_MAX} items`, true);
  const array = list(m, new Array<Value>(size).fill(undefined));
  array.hasHoles = size > 0;
  return array;
}

export function arrayFrom(m: Machine, [source, callback]: readonly Value[]): Value {
  const items = itemsOf(m, source);
  if (callback === undefined) return list(m, items);
  return list(
    m,
    items.map((item, index) => {
      m.spend(1);
      return m.call(callback, undefined, [item, index]);
    }),
  );
}

function itemsOf(m: Machine, source: Value): Value[] {
  const isArrayLike =
    source instanceof Obj &&
    !(source instanceof ArrayObj) &&
    getProperty(m, source, SYMBOLS.iterator) === undefined &&
    source.props.has('length');
  if (!isArrayLike) return collect(m, source);
  const length = toNumber(m, getProperty(m, source, 'length'));
  if (typeof length !== 'number' || length > ITEMS_MAX)
    throw new GiveUp(`makes an array of more than ${ITEMS_MAX} items`, true);
  return Array.from({ length }, (_, index) => getProperty(m, source, String(index)));
}

export function objectStatics(): Record<string, Native | Value> {
  const each = (toItem: (m: Machine, target: Value, key: string) => Value): Native => {
    return (m, [target]) =>
      list(
        m,
        keysOf(target).map((key) => toItem(m, target, key)),
      );
  };
  return {
    keys: each((_m, _target, key) => key),
    values: each(getProperty),
    entries: each((m, target, key) => new ArrayObj([key, getProperty(m, target, key)])),
    assign(m, [target, ...sources]) {
      for (const source of sources) {
        if (source instanceof Unknown) throw new GiveUp('unknown properties');
        for (const key of keysOf(source)) setProperty(m, target, key, getProperty(m, source, key));
      }
      return target;
    },
    freeze(m, [target]) {
      if (target instanceof Obj) {
        m.touch(target);
        target.isFrozen = true;
      }
      return target;
    },
    isFrozen: (_m, [target]) => (target instanceof Obj ? target.isFrozen : true),
    create(_m, [proto]) {
      if (proto !== null && !(proto instanceof Obj)) throw new GiveUp('Object.create');
      return new Obj(proto);
    },
    fromEntries(m, [entries]) {
      const object = new Obj();
      for (const entry of collect(m, entries)) {
        const key = toText(m, getProperty(m, entry, '0'));
        if (typeof key !== 'string') throw new GiveUp('an unknown key');
        setProperty(m, object, key, getProperty(m, entry, '1'));
      }
      return object;
    },
    getPrototypeOf: (_m, [target]) => (target instanceof Obj ? target.proto : UNKNOWN),
  };
}

export function collectionConstructor(isSet: boolean): Native {
  return (m, [source]) => {
    const collection = new CollectionObj(isSet);
    if (source == null) return collection;
    for (const item of collect(m, source)) {
      if (isSet) collection.entries.set(item, item);
      else collection.entries.set(getProperty(m, item, '0'), getProperty(m, item, '1'));
    }
    return collection;
  };
}

/** Reads everything JSON.stringify would read: toJSON and getters are the macro's own code. */
export function visitJson(m: Machine, value: Value, depth: number): void {
  m.spend(1);
  if (!(value instanceof Obj) || value instanceof FunctionObj) return;
  if (depth > JSON_DEPTH_MAX) throw new Thrown(errorObject('TypeError', 'a circle in JSON'));
  const method = getProperty(m, value, 'toJSON');
  if (method instanceof FunctionObj) {
    const plain = m.call(method, value, []);
    if (plain !== value) {
      visitJson(m, plain, depth + 1);
      return;
    }
  }
  if (value instanceof CollectionObj) return;
  for (const key of keysOf(value)) visitJson(m, getProperty(m, value, key), depth + 1);
}
