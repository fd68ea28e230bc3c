// Owns `Math`, `Number` and their kind.

import { toNumber, toText, truth } from './conversions.ts';
import type { Machine } from './machine.ts';
import { binary } from './operators.ts';
import { isPrimitive, Linear, type Native, Obj, UNKNOWN, Unknown, type Value } from './values.ts';

const ROUNDING = new Set(['floor', 'ceil', 'round', 'trunc']);
export const MATH_NAMES = Object.getOwnPropertyNames(Math).filter(
  (name) => typeof Math[name as 'abs'] === 'function' && name !== 'random',
);

export function mathMethod(name: string): Native {
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

export const NUMBER_STATICS: Record<string, Native | Value> = {
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

export function toWhole(m: Machine, [value, radix]: readonly Value[]): Value {
  const text = toText(m, value);
  if (typeof text !== 'string' || !isPrimitive(radix)) return UNKNOWN;
  return Number.parseInt(text, Number(radix ?? 10) || 10);
}

export function toFraction(m: Machine, [value]: readonly Value[]): Value {
  const text = toText(m, value);
  return typeof text === 'string' ? Number.parseFloat(text) : UNKNOWN;
}
