// Owns what the evaluator knows of JavaScript's and Corral's globals; a name that is not here ends the evaluation.

import { toNumber, toText, truth } from './conversions.ts';
import { collect } from './iteration.ts';
import { fill, namespace, withMembers } from './namespaces.ts';
import { native } from './native.ts';
import { MATH_NAMES, mathMethod, NUMBER_STATICS, toFraction, toWhole } from './number-globals.ts';
import {
  arrayConstructor,
  arrayFrom,
  collectionConstructor,
  list,
  objectStatics,
  visitJson,
} from './object-globals.ts';
import {
  ArrayObj,
  errorObject,
  GiveUp,
  HOST,
  type Native,
  Obj,
  OpaqueObj,
  PromiseObj,
  ProxyObj,
  RegexObj,
  SYMBOLS,
  THING,
  UNKNOWN,
  Unknown,
  type Value,
} from './values.ts';

const ERRORS = ['Error', 'TypeError', 'RangeError', 'SyntaxError', 'ReferenceError', 'EvalError'];
const nothing: Native = () => undefined;
export const unknown: Native = () => UNKNOWN;
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
  input: THING,
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
