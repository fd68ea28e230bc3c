// Owns what the evaluator knows of JavaScript's and Corral's globals; a name that is not here ends the evaluation.

import { toNumber, toText, truth } from './conversions.ts';
import { collect } from './iteration.ts';
import type { Machine } from './machine.ts';
import { native } from './methods.ts';
import { binary } from './operators.ts';
import { getProperty, keysOf, setProperty } from './properties.ts';
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
  type Native,
  Obj,
  OpaqueObj,
  PromiseObj,
  ProxyObj,
  RegexObj,
  Slot,
  SYMBOLS,
  Thrown,
  UNKNOWN,
  Unknown,
  type Value,
} from './values.ts';

const ITEMS_MAX = 50_000;
const JSON_DEPTH_MAX = 100;

/** A namespace object. */
function namespace(members: Record<string, Native | Value>): BuiltinObj {
  const object = new BuiltinObj();
  fill(object, members);
  return object;
}

function fill(object: Obj, members: Record<string, Native | Value>): void {
  for (const [name, member] of Object.entries(members)) {
    const value = typeof member === 'function' ? native(member) : member;
    object.props.set(name, new Slot(value));
  }
}

function withMembers(work: Native, members: Record<string, Native | Value>): FunctionObj {
  const callable = native(work);
  fill(callable, members);
  return callable;
}

// Numbers

const ROUNDING = new Set(['floor', 'ceil', 'round', 'trunc']);
const MATH_NAMES = Object.getOwnPropertyNames(Math).filter(
  (name) => typeof Math[name as 'abs'] === 'function' && name !== 'random',
);

function mathMethod(name: string): Native {
  const work = Math[name as 'abs'] as (...args: number[]) => number;
  return (m, args) => {
    const numbers = args.map((each) => toNumber(m, each));
    if (numbers.some((each) => each instanceof Linear)) return mathOfCounter(m, name, numbers);
    if (!numbers.every((each) => typeof each === 'number')) return UNKNOWN;
    m.spend(1 + (numbers.length >> 3));
    return work(...numbers);
  };
}

function mathOfCounter(m: Machine, name: string, numbers: readonly Value[]): Value {
  const [first] = numbers;
  if (numbers.length === 1 && first instanceof Linear) {
    const isWhole = Number.isSafeInteger(first.base) && Number.isSafeInteger(first.slope);
    if (ROUNDING.has(name) && isWhole) return first;
    if (name === 'abs')
      return truth(m, binary(m, '<', first, 0)) ? binary(m, '-', 0, first) : first;
  }
  if (name !== 'max' && name !== 'min') return UNKNOWN;
  if (numbers.some((each) => each instanceof Unknown)) return UNKNOWN;
  const operator = name === 'max' ? '>' : '<';
  return numbers.reduce((best, each) => (truth(m, binary(m, operator, each, best)) ? each : best));
}

const NUMBER_STATICS: Record<string, Native | Value> = {
  isInteger: (_m, [x]) => known(x) ?? Number.isInteger(x),
  isSafeInteger: (_m, [x]) => known(x) ?? Number.isSafeInteger(x),
  isFinite: (_m, [x]) => known(x) ?? Number.isFinite(x),
  isNaN: (_m, [x]) => known(x) ?? Number.isNaN(x),
  parseInt: toWhole,
  parseFloat: toFraction,
  MAX_SAFE_INTEGER: Number.MAX_SAFE_INTEGER,
  MIN_SAFE_INTEGER: Number.MIN_SAFE_INTEGER,
  MAX_VALUE: Number.MAX_VALUE,
  MIN_VALUE: Number.MIN_VALUE,
  EPSILON: Number.EPSILON,
  POSITIVE_INFINITY: Number.POSITIVE_INFINITY,
  NEGATIVE_INFINITY: Number.NEGATIVE_INFINITY,
  NaN: Number.NaN,
};

/** UNKNOWN for what is not known, null for what is. */
function known(value: Value): Unknown | null {
  return isPrimitive(value) || value instanceof Obj ? null : UNKNOWN;
}

function toWhole(m: Machine, [value, radix]: readonly Value[]): Value {
  const text = toText(m, value);
  if (typeof text !== 'string' || !isPrimitive(radix)) return UNKNOWN;
  return Number.parseInt(text, Number(radix ?? 10) || 10);
}

function toFraction(m: Machine, [value]: readonly Value[]): Value {
  const text = toText(m, value);
  return typeof text === 'string' ? Number.parseFloat(text) : UNKNOWN;
}

// Collections and objects

function list(m: Machine, items: readonly Value[]): ArrayObj {
  if (items.length > ITEMS_MAX)
    throw new GiveUp(`makes an array of more than ${ITEMS_MAX} items`, true);
  m.spend(items.length >> 2);
  return new ArrayObj([...items]);
}

function arrayConstructor(m: Machine, args: readonly Value[]): Value {
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

function arrayFrom(m: Machine, [source, callback]: readonly Value[]): Value {
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

function objectStatics(): Record<string, Native | Value> {
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

function collectionConstructor(isSet: boolean): Native {
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
function visitJson(m: Machine, value: Value, depth: number): void {
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

// Everything by name

const ERRORS = ['Error', 'TypeError', 'RangeError', 'SyntaxError', 'ReferenceError', 'EvalError'];
const nothing: Native = () => undefined;
const unknown: Native = () => UNKNOWN;
const LOG = namespace(
  Object.fromEntries(['log', 'info', 'warn', 'error', 'debug'].map((name) => [name, nothing])),
);
fill(LOG, { trace: nothing });

const GLOBALS: Record<string, Value> = {
  undefined,
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  Math: namespace({
    ...Object.fromEntries(MATH_NAMES.map((name) => [name, mathMethod(name)])),
    random: unknown,
    PI: Math.PI,
    E: Math.E,
    SQRT2: Math.SQRT2,
    LN2: Math.LN2,
    LN10: Math.LN10,
  }),
  Number: withMembers((m, args) => {
    if (args.length === 0) return 0;
    const value = toNumber(m, args[0]);
    return typeof value === 'bigint' ? Number(value) : value;
  }, NUMBER_STATICS),
  String: withMembers((m, args) => (args.length === 0 ? '' : toText(m, args[0])), {
    fromCharCode: (_m, args) =>
      args.every((each) => typeof each === 'number') ? String.fromCharCode(...args) : UNKNOWN,
  }),
  Boolean: native((m, [value]) => truth(m, value)),
  BigInt: native((_m, [value]) => {
    if (typeof value === 'bigint') return value;
    if (typeof value === 'number' && Number.isSafeInteger(value)) return BigInt(value);
    throw new GiveUp('a BigInt of something else');
  }),
  parseInt: native(toWhole),
  parseFloat: native(toFraction),
  isNaN: native((m, [x]) => {
    const value = toNumber(m, x);
    return typeof value === 'number' ? Number.isNaN(value) : UNKNOWN;
  }),
  isFinite: native((m, [x]) => {
    const value = toNumber(m, x);
    return typeof value === 'number' ? Number.isFinite(value) : UNKNOWN;
  }),
  Array: withMembers(arrayConstructor, {
    isArray: (_m, [value]) => (value instanceof Unknown ? UNKNOWN : value instanceof ArrayObj),
    of: (m, args) => list(m, args),
    from: arrayFrom,
  }),
  Object: withMembers((_m, [value]) => (value instanceof Obj ? value : new Obj()), objectStatics()),
  Map: native(collectionConstructor(false)),
  Set: native(collectionConstructor(true)),
  WeakMap: native(collectionConstructor(false)),
  WeakSet: native(collectionConstructor(true)),
  Symbol: namespace({ ...SYMBOLS }),
  Proxy: native((_m, [target, handler]) => {
    if (!(target instanceof Obj) || !(handler instanceof Obj)) throw new GiveUp('a Proxy');
    return new ProxyObj(target, handler);
  }),
  JSON: namespace({
    parse: unknown,
    stringify(m, [value]) {
      visitJson(m, value, 0);
      return UNKNOWN;
    },
  }),
  RegExp: native(() => new RegexObj()),
  Promise: namespace({
    resolve: (_m, [value]) => (value instanceof PromiseObj ? value : new PromiseObj(value, false)),
    all(m, [source]) {
      const items = collect(m, source).map((item) => {
        if (!(item instanceof PromiseObj)) return item;
        if (item.isRejected) throw new GiveUp('a rejected promise');
        return item.value;
      });
      return new PromiseObj(new ArrayObj(items), false);
    },
  }),
  Date: withMembers(() => new OpaqueObj(), { now: unknown, parse: unknown }),
  queueMicrotask: native((m, [callback]) => {
    m.jobs.push(() => m.call(callback, undefined, []));
    return undefined;
  }),
  performance: namespace({ now: unknown }),
  console: LOG,
  log: withMembers(nothing, { info: nothing, warn: nothing, error: nothing, debug: nothing }),
  sleep: native((m) => {
    if (m.tries > 0) throw new GiveUp('a sleep in a try');
    return new PromiseObj(undefined, false);
  }),
  random: native(unknown),
  now: native(unknown),
  budget: native(unknown),
  input: UNKNOWN,
  command: HOST,
  state: HOST,
  macros: HOST,
  ...Object.fromEntries(
    ERRORS.map((name) => [name, native((_m, [message]) => errorObject(name, message))]),
  ),
};

/** True for a global the evaluator has a value for. */
export function isKnownGlobal(name: string, categories: ReadonlySet<string> | null): boolean {
  return Object.hasOwn(GLOBALS, name) || (categories?.has(name) ?? false);
}

/**
 * The value of a global.
 * @param categories the host's command categories; null when they are not known
 * @throws {GiveUp} for a name that is not known
 */
export function globalValue(name: string, categories: ReadonlySet<string> | null): Value {
  if (Object.hasOwn(GLOBALS, name)) return GLOBALS[name];
  if (categories?.has(name)) return HOST;
  throw new GiveUp(`the global ${name}`);
}
