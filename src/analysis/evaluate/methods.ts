// Owns which methods JavaScript gives to which values.

import { ARRAY, arrayText } from './array-methods.ts';
import { MAP, SET } from './collection-methods.ts';
import { toText } from './conversions.ts';
import { collect } from './iteration.ts';
import { native, table } from './native.ts';
import { NUMBER, STRING } from './text-methods.ts';
import {
  ArrayObj,
  CollectionObj,
  FunctionObj,
  GeneratorObj,
  GiveUp,
  Linear,
  type Native,
  Obj,
  PromiseObj,
  RegexObj,
  SYMBOLS,
  UNKNOWN,
  type Value,
} from './values.ts';

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
