// Owns the methods of arrays.

import { toNumber, toText, truth } from './conversions.ts';
import type { Machine } from './machine.ts';
import { native, table } from './native.ts';
import { binary, sameValue, strictEqual } from './operators.ts';
import { pushItem } from './properties.ts';
import { TEXT_MAX } from './text-methods.ts';
import {
  ArrayObj,
  errorObject,
  type FunctionObj,
  GeneratorObj,
  GiveUp,
  Linear,
  type Native,
  SYMBOLS,
  Thrown,
  UNKNOWN,
  Unknown,
  type Value,
} from './values.ts';

export const ITEMS_MAX = 20_000;

function arrayOf(self: Value): ArrayObj {
  if (!(self instanceof ArrayObj)) throw new GiveUp('an array method of something else');
  return self;
}

/** An array whose items are known. */
export function known(m: Machine, self: Value): ArrayObj {
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
export function each(
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

export const ARRAY: Record<string, FunctionObj> = {
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

export function arrayText(m: Machine, array: ArrayObj): Value {
  const parts = known(m, array).items.map((item) => (item == null ? '' : toText(m, item)));
  return parts.every((part) => typeof part === 'string') ? parts.join(',') : UNKNOWN;
}
