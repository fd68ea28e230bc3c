// Owns JavaScript's conversions of the evaluator's values: an object becomes a primitive by calling the macro's
// own toString, valueOf or Symbol.toPrimitive.

import { isNotZero } from './counters.ts';
import type { Machine } from './machine.ts';
import { getProperty } from './properties.ts';
import {
  ArrayObj,
  errorObject,
  FunctionObj,
  GiveUp,
  isPrimitive,
  Linear,
  Obj,
  OpaqueObj,
  SYMBOLS,
  Text,
  Thrown,
  UNKNOWN,
  type Value,
} from './values.ts';

/** Whether JavaScript takes a value for true. */
export function truth(m: Machine, value: Value): boolean {
  if (isPrimitive(value)) return Boolean(value);
  if (value instanceof Obj) return true;
  if (value instanceof Linear) return isNotZero(m, value);
  if (value instanceof Text) return isNotZero(m, value.length);
  throw new GiveUp('a decision about something unknown');
}

/** An object as a primitive; unknown values and counters stay what they are. */
export function toPrimitive(
  m: Machine,
  value: Value,
  hint: 'default' | 'number' | 'string',
): Value {
  if (!(value instanceof Obj)) return value;
  if (value instanceof OpaqueObj) return UNKNOWN;
  const exotic = getProperty(m, value, SYMBOLS.toPrimitive);
  if (exotic instanceof FunctionObj) return primitiveOnly(m.call(exotic, value, [hint]));
  const order = hint === 'string' ? ['toString', 'valueOf'] : ['valueOf', 'toString'];
  for (const name of order) {
    const method = getProperty(m, value, name);
    if (!(method instanceof FunctionObj)) continue;
    const result = m.call(method, value, []);
    if (!(result instanceof Obj)) return result;
  }
  if (value instanceof ArrayObj) return arrayText(m, value);
  if (value instanceof FunctionObj) throw new GiveUp('the text of a function');
  return '[object Object]';
}

function primitiveOnly(value: Value): Value {
  if (value instanceof Obj) throw new Thrown(errorObject('TypeError', 'no primitive'));
  return value;
}

function arrayText(m: Machine, array: ArrayObj): Value {
  if (array.length) throw new GiveUp('the text of a growing array');
  m.spend(array.items.length);
  const parts: string[] = [];
  for (const item of array.items) {
    const part = item === null || item === undefined ? '' : toText(m, item);
    if (typeof part !== 'string') return UNKNOWN;
    parts.push(part);
  }
  return parts.join(',');
}

/** A value as text; UNKNOWN where it is not known. */
export function toText(m: Machine, value: Value): Value {
  const primitive = toPrimitive(m, value, 'string');
  if (primitive instanceof Text) return primitive;
  return isPrimitive(primitive) ? String(primitive) : UNKNOWN;
}

/** A value as a property's key. */
export function toKey(m: Machine, value: Value): string {
  const text = typeof value === 'string' ? value : toText(m, value);
  if (typeof text !== 'string') throw new GiveUp('a key that is not known');
  return text;
}

/** A value as a number; a counter stays a counter. */
export function toNumber(m: Machine, value: Value): Value {
  const primitive = toPrimitive(m, value, 'number');
  if (!isPrimitive(primitive)) return primitive instanceof Linear ? primitive : UNKNOWN;
  if (typeof primitive === 'bigint') return primitive;
  return Number(primitive);
}
