// Owns the methods of texts and numbers: they see primitives only, so JavaScript's own do the work.

import { toPrimitive, toText } from './conversions.ts';
import type { Machine } from './machine.ts';
import { native } from './native.ts';
import { isPast } from './properties.ts';
import {
  ArrayObj,
  errorObject,
  FunctionObj,
  GiveUp,
  isPrimitive,
  Linear,
  type Native,
  Obj,
  RegexObj,
  Thrown,
  UNKNOWN,
  type Value,
} from './values.ts';

export const TEXT_MAX = 200_000;
// Texts and numbers: their methods see primitives only, so JavaScript's own do the work.
const STRING_NAMES =
  'charAt charCodeAt codePointAt at indexOf lastIndexOf includes startsWith endsWith slice substring substr toUpperCase toLowerCase trim trimStart trimEnd padStart padEnd repeat concat split replace replaceAll toString valueOf';
export const STRING: Record<string, FunctionObj> = Object.fromEntries(
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
    const [place] = args;
    if (
      place instanceof Linear &&
      (name === 'charAt' || name === 'at') &&
      isPast(m, place, self.length)
    )
      return name === 'at' ? undefined : '';
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

export const NUMBER: Record<string, FunctionObj> = Object.fromEntries(
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
