// Owns the methods JavaScript gives to texts, numbers, arrays, functions, maps and sets.

import { toNumber, toPrimitive, toText, truth } from './conversions.ts';
import { collect } from './iteration.ts';
import type { Machine } from './machine.ts';
import { binary, sameValue, strictEqual } from './operators.ts';
import { pushItem } from './properties.ts';
import {
  ArrayObj,
  CollectionObj,
  errorObject,
  FunctionObj,
  GeneratorObj,
  GiveUp,
  isPrimitive,
  Linear,
  type Native,
  Obj,
  PromiseObj,
  RegexObj,
  SYMBOLS,
  Text,
  Thrown,
  UNKNOWN,
  Unknown,
  type Value,
} from './values.ts';

const TEXT_MAX = 200_000;
const ITEMS_MAX = 50_000;

/** A native as a value. */
export function native(work: Native): FunctionObj {
  return new FunctionObj(null, [], undefined, work);
}

/** The method of that name, or undefined. */
export function methodOf(target: Value, key: string): Value {
  const own = tableOf(target);
  if (own && Object.hasOwn(own, key)) return own[key];
  if (target instanceof Obj && Object.hasOwn(OBJECT, key)) return OBJECT[key];
  // JavaScript has more there than the evaluator knows.
  if (key in realPrototype(target)) throw new GiveUp(`the method ${key}`);
  return undefined;
}

/** What all of JavaScript's own iterators inherit from. */
const ITERATOR: object = Object.getPrototypeOf(Object.getPrototypeOf([].values()));

function realPrototype(target: Value): object {
  if (target instanceof ArrayObj) return Array.prototype;
  if (target instanceof CollectionObj) return target.isSet ? Set.prototype : Map.prototype;
  if (target instanceof FunctionObj) return Function.prototype;
  if (target instanceof PromiseObj) return Promise.prototype;
  if (target instanceof GeneratorObj) return ITERATOR;
  if (target instanceof RegexObj) return RegExp.prototype;
  if (target instanceof Obj) return Object.prototype;
  return Object(target);
}

function tableOf(target: Value): Record<string, FunctionObj> | null {
  if (typeof target === 'string') return STRING;
  if (typeof target === 'number' || target instanceof Linear) return NUMBER;
  if (typeof target === 'bigint' || typeof target === 'boolean') return NUMBER;
  if (target instanceof ArrayObj) return ARRAY;
  if (target instanceof CollectionObj) return target.isSet ? SET : MAP;
  if (target instanceof FunctionObj) return FUNCTION;
  if (target instanceof GeneratorObj) return GENERATOR;
  if (target instanceof RegexObj) return REGEX;
  if (target instanceof PromiseObj) return PROMISE;
  return null;
}

function table(methods: Record<string, Native>): Record<string, FunctionObj> {
  return Object.fromEntries(Object.entries(methods).map(([name, work]) => [name, native(work)]));
}

// Texts and numbers: their methods see primitives only, so JavaScript's own do the work.

const STRING_NAMES =
  'charAt charCodeAt codePointAt at indexOf lastIndexOf includes startsWith endsWith slice substring substr toUpperCase toLowerCase trim trimStart trimEnd padStart padEnd repeat concat split replace replaceAll toString valueOf';
const STRING: Record<string, FunctionObj> = Object.fromEntries(
  STRING_NAMES.split(' ').map((name) => [name, native(stringMethod(name))]),
);

function stringMethod(name: string): Native {
  const work = String.prototype[name as 'at'] as (...args: unknown[]) => unknown;
  return (m, args, self) => {
    if (typeof self !== 'string') return UNKNOWN;
    if (name.startsWith('replace') && args[1] instanceof FunctionObj)
      return replaceBy(m, self, args[0], args[1], name === 'replaceAll');
    if (args[0] instanceof RegexObj) return UNKNOWN;
    if (args.some((each) => each instanceof Obj)) return ofObjects(m, name, self, args);
    if (!args.every(isPrimitive)) return UNKNOWN;
    m.spend(1 + (self.length >> 5));
    const [count, filler] = args;
    if (name === 'repeat' && Number(count) * self.length > TEXT_MAX)
      throw new GiveUp(`makes a text of more than ${TEXT_MAX} characters`, true);
    if (name.startsWith('pad') && Number(count) > TEXT_MAX)
      throw new GiveUp(`makes a text of more than ${TEXT_MAX} characters`, true);
    if (name.startsWith('replace') && String(filler).length * self.length > TEXT_MAX * 10)
      throw new GiveUp(`makes a text of more than ${TEXT_MAX} characters`, true);
    return guarded(() => {
      const result = work.apply(self, args as unknown[]);
      if (!Array.isArray(result)) return result as Value;
      m.spend(result.length);
      return new ArrayObj(result);
    });
  };
}

/** Objects among the arguments are made primitives first, by the macro's own code. */
function ofObjects(m: Machine, name: string, self: string, args: readonly Value[]): Value {
  const hint = ['at', 'charAt', 'repeat', 'slice', 'substring'].includes(name)
    ? 'number'
    : 'string';
  const plain = args.map((each) => toPrimitive(m, each, hint));
  if (!plain.every(isPrimitive)) return UNKNOWN;
  return stringMethod(name)(m, plain, self);
}

/** What a callback makes of each match; what a regular expression matches is not known, but that it may match is. */
function replaceBy(
  m: Machine,
  self: string,
  wanted: Value,
  callback: FunctionObj,
  isAll: boolean,
): Value {
  if (typeof wanted !== 'string') {
    m.call(callback, undefined, [UNKNOWN, UNKNOWN, UNKNOWN]);
    return UNKNOWN;
  }
  const replace = (match: string, ...rest: unknown[]) => {
    m.spend(2);
    const text = toText(m, m.call(callback, undefined, [match, rest.at(-2) as Value, self]));
    if (typeof text !== 'string') throw new GiveUp('an unknown text');
    return text;
  };
  return isAll ? self.replaceAll(wanted, replace) : self.replace(wanted, replace);
}

/** JavaScript's own RangeErrors and TypeErrors become the macro's. */
function guarded(work: () => Value): Value {
  try {
    return work();
  } catch (error) {
    if (error instanceof RangeError || error instanceof TypeError)
      throw new Thrown(errorObject(error.name, error.message));
    throw error;
  }
}

const NUMBER: Record<string, FunctionObj> = Object.fromEntries(
  ['toFixed', 'toString', 'toPrecision', 'valueOf'].map((name) => [
    name,
    native((_m, args, self) => {
      if (!isPrimitive(self) || !args.every(isPrimitive))
        return name === 'valueOf' ? self : UNKNOWN;
      const work = Object(self)[name] as ((...rest: unknown[]) => Value) | undefined;
      if (!work) throw new Thrown(errorObject('TypeError', `no ${name}`));
      return guarded(() => work.apply(self, args as unknown[]));
    }),
  ]),
);

// Arrays

function arrayOf(self: Value): ArrayObj {
  if (!(self instanceof ArrayObj)) throw new GiveUp('an array method of something else');
  return self;
}

/** An array whose items are known. */
function known(m: Machine, self: Value): ArrayObj {
  const array = arrayOf(self);
  if (array.length) throw new GiveUp('a growing array');
  m.spend(1 + (array.items.length >> 3));
  return array;
}

function change(m: Machine, self: Value): ArrayObj {
  const array = known(m, self);
  if (array.isFrozen) throw new Thrown(errorObject('TypeError', 'a frozen array'));
  m.touch(array);
  return array;
}

/** pop and shift. */
function take(m: Machine, self: Value, end: 'pop' | 'shift'): Value {
  const array = arrayOf(self);
  if (!array.length) return change(m, array).items[end]();
  m.touch(array);
  // An empty array stays empty: that it is not must be certain.
  if (truth(m, binary(m, '===', array.length, 0))) throw new GiveUp('an empty array');
  array.length = new Linear(array.length.base - 1, array.length.slope);
  return UNKNOWN;
}

/** Native array methods that take no function and only look at or move what is there. */
const PLAIN_NAMES =
  'slice concat reverse fill splice at flat with toReversed toSpliced copyWithin'.split(' ');
const CHANGING = new Set(['reverse', 'fill', 'splice', 'copyWithin']);

function plainMethod(name: string): Native {
  const work = Array.prototype[name as 'at'] as (...args: unknown[]) => unknown;
  return (m, args, self) => {
    const array = CHANGING.has(name) ? change(m, self) : known(m, self);
    const inner = args.map((each) =>
      each instanceof ArrayObj && name === 'concat' ? known(m, each).items : each,
    );
    if (args.some((each) => each instanceof Linear || each instanceof Unknown))
      throw new GiveUp('an unknown place in an array');
    if (name === 'flat') throw new GiveUp('flat');
    m.spend(array.items.length);
    const result = work.apply(array.items, inner as unknown[]);
    if (name === 'fill') array.hasHoles = false;
    if (array.items.length > ITEMS_MAX)
      throw new GiveUp(`makes an array of more than ${ITEMS_MAX} items`, true);
    if (result === array.items) return array;
    return Array.isArray(result) ? new ArrayObj(result) : (result as Value);
  };
}

function find(m: Machine, self: Value, wanted: Value, isLast: boolean): Value {
  const { items } = known(m, self);
  for (let n = 0; n < items.length; n++) {
    const at = isLast ? items.length - 1 - n : n;
    const same = strictEqual(items[at], wanted);
    if (same instanceof Unknown) return UNKNOWN;
    if (same) return at;
  }
  return -1;
}

/** Calls back for each item; `visit` returns true to end it. */
function each(
  m: Machine,
  self: Value,
  callback: Value,
  visit: (result: Value, item: Value, index: number) => boolean,
  isBackward = false,
): void {
  const array = known(m, self);
  if (array.hasHoles) throw new GiveUp('an array with holes');
  const count = array.items.length;
  for (let n = 0; n < count; n++) {
    const index = isBackward ? count - 1 - n : n;
    if (index >= array.items.length) continue;
    const item = array.items[index];
    m.spend(1);
    if (visit(m.call(callback, undefined, [item, index, array]), item, index)) return;
  }
}

function search(name: string, isBackward: boolean): Native {
  return (m, [callback], self) => {
    let found: Value = name.endsWith('Index') ? -1 : undefined;
    each(
      m,
      self,
      callback,
      (result, item, index) => {
        if (!truth(m, result)) return false;
        found = name.endsWith('Index') ? index : item;
        return true;
      },
      isBackward,
    );
    return found;
  };
}

function reduce(isBackward: boolean): Native {
  return (m, args, self) => {
    const array = known(m, self);
    if (args.length < 2 && array.items.length === 0)
      throw new Thrown(errorObject('TypeError', 'reduce of nothing'));
    const order = [...array.items.keys()];
    if (isBackward) order.reverse();
    let sum = args.length > 1 ? args[1] : array.items[order.shift() as number];
    for (const index of order) {
      m.spend(1);
      sum = m.call(args[0], undefined, [sum, array.items[index], index, array]);
    }
    return sum;
  };
}

function sorted(m: Machine, items: readonly Value[], compare: Value): Value[] {
  const before = (a: Value, b: Value): boolean => {
    m.spend(1);
    if (compare !== undefined) {
      const order = toNumber(m, m.call(compare, undefined, [a, b]));
      if (typeof order !== 'number') throw new GiveUp('an unknown order');
      return order <= 0;
    }
    const left = toText(m, a);
    const right = toText(m, b);
    if (typeof left !== 'string' || typeof right !== 'string') throw new GiveUp('an unknown order');
    return left <= right;
  };
  const merge = (part: readonly Value[]): Value[] => {
    if (part.length < 2) return part.slice();
    const middle = part.length >> 1;
    const left = merge(part.slice(0, middle));
    const right = merge(part.slice(middle));
    const result: Value[] = [];
    let l = 0;
    let r = 0;
    while (l < left.length && r < right.length)
      result.push(before(left[l], right[r]) ? left[l++] : right[r++]);
    return [...result, ...left.slice(l), ...right.slice(r)];
  };
  return merge(items);
}

function entriesOf(m: Machine, self: Value): GeneratorObj {
  const array = arrayOf(self);
  return new GeneratorObj((give) => {
    for (let at = 0; at < known(m, array).items.length; at++)
      give(new ArrayObj([at, array.items[at]]));
  });
}

const ARRAY: Record<string, FunctionObj> = {
  ...Object.fromEntries(PLAIN_NAMES.map((name) => [name, native(plainMethod(name))])),
  ...table({
    push(m, args, self) {
      for (const value of args) {
        m.spend(1);
        pushItem(m, arrayOf(self), value);
      }
      return arrayOf(self).length ?? arrayOf(self).items.length;
    },
    pop: (m, _args, self) => take(m, self, 'pop'),
    shift: (m, _args, self) => take(m, self, 'shift'),
    unshift(m, args, self) {
      if (arrayOf(self).length) {
        for (const value of args) pushItem(m, arrayOf(self), value);
        return UNKNOWN;
      }
      const array = change(m, self);
      if (array.items.length + args.length > ITEMS_MAX)
        throw new GiveUp(`makes an array of more than ${ITEMS_MAX} items`, true);
      return array.items.unshift(...args);
    },
    join(m, [separator], self) {
      const { items } = known(m, self);
      const parts = items.map((item) => (item == null ? '' : toText(m, item)));
      const by = separator === undefined ? ',' : toText(m, separator);
      if (!parts.every((part) => typeof part === 'string') || typeof by !== 'string')
        return UNKNOWN;
      const joined = parts.join(by);
      if (joined.length > TEXT_MAX)
        throw new GiveUp(`makes a text of more than ${TEXT_MAX} characters`, true);
      return joined;
    },
    indexOf: (m, [wanted], self) => find(m, self, wanted, false),
    lastIndexOf: (m, [wanted], self) => find(m, self, wanted, true),
    includes(m, [wanted], self) {
      return known(m, self).items.some((item) => sameValue(item, wanted));
    },
    forEach(m, [callback], self) {
      each(m, self, callback, () => false);
      return undefined;
    },
    map(m, [callback], self) {
      const results: Value[] = [];
      each(m, self, callback, (result) => {
        results.push(result);
        return false;
      });
      return new ArrayObj(results);
    },
    filter(m, [callback], self) {
      const kept: Value[] = [];
      each(m, self, callback, (result, item) => {
        if (truth(m, result)) kept.push(item);
        return false;
      });
      return new ArrayObj(kept);
    },
    flatMap(m, [callback], self) {
      const results: Value[] = [];
      each(m, self, callback, (result) => {
        if (result instanceof ArrayObj) results.push(...known(m, result).items);
        else results.push(result);
        return false;
      });
      return new ArrayObj(results);
    },
    some(m, [callback], self) {
      let found = false;
      each(m, self, callback, (result) => {
        found = truth(m, result);
        return found;
      });
      return found;
    },
    every(m, [callback], self) {
      let all = true;
      each(m, self, callback, (result) => {
        all = truth(m, result);
        return !all;
      });
      return all;
    },
    find: search('find', false),
    findIndex: search('findIndex', false),
    findLast: search('findLast', true),
    findLastIndex: search('findLastIndex', true),
    reduce: reduce(false),
    reduceRight: reduce(true),
    sort(m, [compare], self) {
      const array = change(m, self);
      const result = sorted(m, array.items, compare);
      array.items.splice(0, array.items.length, ...result);
      return array;
    },
    toSorted: (m, [compare], self) => new ArrayObj(sorted(m, known(m, self).items, compare)),
    entries: (m, _args, self) => entriesOf(m, self),
    values: (_m, _args, self) => self,
    keys: (m, _args, self) => new ArrayObj([...known(m, self).items.keys()]),
    [SYMBOLS.iterator]: (_m, _args, self) => self,
  }),
};

// Maps and sets

function collectionOf(self: Value): CollectionObj {
  if (!(self instanceof CollectionObj)) throw new GiveUp('a method of a Map or Set');
  return self;
}

function keyed(key: Value): Value {
  if (key instanceof Linear || key instanceof Unknown || key instanceof Text)
    throw new GiveUp('a key that is not known');
  return key;
}

function put(m: Machine, self: Value, key: Value, value: Value): Value {
  const collection = collectionOf(self);
  m.touch(collection);
  if (collection.entries.size > ITEMS_MAX)
    throw new GiveUp(`makes a collection of more than ${ITEMS_MAX} entries`, true);
  collection.entries.set(keyed(key), value);
  return collection;
}

const COLLECTION: Record<string, Native> = {
  has(_m, [key], self) {
    return collectionOf(self).entries.has(keyed(key));
  },
  delete(m, [key], self) {
    m.touch(collectionOf(self));
    return collectionOf(self).entries.delete(keyed(key));
  },
  clear(m, _args, self) {
    m.touch(collectionOf(self));
    collectionOf(self).entries.clear();
    return undefined;
  },
  forEach(m, [callback], self) {
    for (const [key, value] of collectionOf(self).entries) {
      m.spend(1);
      m.call(callback, undefined, [value, key, self]);
    }
    return undefined;
  },
  keys: (_m, _args, self) => listing(self, (key) => key),
  values: (_m, _args, self) => listing(self, (_key, value) => value),
  entries: (_m, _args, self) => listing(self, (key, value) => new ArrayObj([key, value])),
};

/** Live, as JavaScript's own iterators are. */
function listing(self: Value, toItem: (key: Value, value: Value) => Value): GeneratorObj {
  const { entries } = collectionOf(self);
  return new GeneratorObj((give) => {
    for (const [key, value] of entries) give(toItem(key, value));
  });
}

const MAP = table({
  ...COLLECTION,
  get: (_m, [key], self) => collectionOf(self).entries.get(keyed(key)),
  set: (m, [key, value], self) => put(m, self, key, value),
});
const SET = table({ ...COLLECTION, add: (m, [key], self) => put(m, self, key, key) });

// Functions, generators, and what every object has

const FUNCTION = table({
  call: (m, [self, ...args], target) => m.call(target, self, args),
  apply: (m, [self, args], target) => m.call(target, self, args == null ? [] : collect(m, args)),
  bind: (_m, [self, ...first], target) =>
    native((m, args) => m.call(target, self, [...first, ...args])),
});

const GENERATOR = table({
  next() {
    throw new GiveUp('a generator by hand');
  },
  return() {
    throw new GiveUp('a generator by hand');
  },
  [SYMBOLS.iterator]: (_m, _args, self) => self,
});

/** Calls back with the outcome as soon as the running code waits; what comes of it is not known. */
function react(isFor: (promise: PromiseObj) => boolean, takesValue: boolean): Native {
  return (m, [callback], self) => {
    if (!(self instanceof PromiseObj)) throw new GiveUp('a promise of another kind');
    if (!isFor(self)) return self;
    m.jobs.push(() => {
      m.call(callback, undefined, takesValue ? [self.value] : []);
    });
    return new PromiseObj(UNKNOWN, false);
  };
}

// As pairs: an object with a `then` of its own would be taken for a promise.
const PROMISE = table(
  Object.fromEntries([
    ['then', react(({ isRejected }) => !isRejected, true)],
    ['catch', react(({ isRejected }) => isRejected, true)],
    ['finally', react(() => true, false)],
  ]),
);

/** What a regular expression finds is not known. */
const REGEX = table({ test: () => UNKNOWN, exec: () => UNKNOWN, toString: () => UNKNOWN });

const hasOwn: Native = (m, [key], self) => {
  const name = toText(m, key);
  if (!(self instanceof Obj) || typeof name !== 'string') return UNKNOWN;
  if (self instanceof ArrayObj) throw new GiveUp('hasOwnProperty of an array');
  return self.props.has(name);
};
const textOf: Native = (m, _args, self) =>
  self instanceof ArrayObj ? arrayText(m, self) : '[object Object]';
const itself: Native = (_m, _args, self) => self;
const OBJECT = table({ hasOwnProperty: hasOwn, toString: textOf, valueOf: itself });

function arrayText(m: Machine, array: ArrayObj): Value {
  const parts = known(m, array).items.map((item) => (item == null ? '' : toText(m, item)));
  return parts.every((part) => typeof part === 'string') ? parts.join(',') : UNKNOWN;
}
