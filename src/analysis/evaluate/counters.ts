// Owns counters that are a linear function of a loop's turn: what operators make of them, and how a comparison is decided
// for all turns at once.

import type { Machine } from './machine.ts';
import { GiveUp, Linear, Obj, Text, UNKNOWN, Unknown, type Value } from './values.ts';

/** Above it a counter's own rounding begins. */
const EXACT_MAX = 2 ** 52;

/** An operator with at least one counter; what is then no counter any more is not known. */
export function linear(m: Machine, operator: string, a: Value, b: Value): Value {
  if (a instanceof Unknown || b instanceof Unknown) return UNKNOWN;
  // Its digits change from turn to turn.
  if (typeof a === 'string' || typeof b === 'string') {
    if (operator === '+') return UNKNOWN;
    throw new GiveUp('a counter and a text');
  }
  if (a instanceof Obj || b instanceof Obj) return objects(operator);
  const left = toLinear(a);
  const right = toLinear(b);
  if (!left || !right || typeof left.base !== typeof right.base)
    throw new GiveUp('a mixed counter');
  switch (operator) {
    case '+':
      return exact(left.base + right.base, left.slope + right.slope);
    case '-':
      return exact(left.base - right.base, left.slope - right.slope);
    case '*':
      if (isFixed(right)) return exact(left.base * right.base, left.slope * right.base);
      if (isFixed(left)) return exact(left.base * right.base, left.base * right.slope);
      break;
    case '/':
      if (isFixed(right) && typeof left.base === 'number')
        return exact(left.base / right.base, left.slope / right.base);
      break;
    case '%':
      return remainder(m, left, right);
    case '|':
    case '>>':
    case '&':
      if (isFixed(right)) return bits(m, operator, left, right.base);
      break;
    case '**':
    case '<<':
    case '>>>':
    case '^':
      break;
    default:
      return compare(m, operator, left, right);
  }
  return UNKNOWN;
}

function objects(operator: string): Value {
  if (operator === '===') return false;
  if (operator === '!==') return true;
  throw new GiveUp('a counter and an object');
}

/** True when a counter is not 0 in this turn; lowers the horizon to where that changes. */
export function isNotZero(m: Machine, value: Linear): boolean {
  const zero = (typeof value.base === 'bigint' ? 0n : 0) as never;
  return !linear(m, '===', value, zero);
}

/** A text that grows or shrinks from turn to turn. */
export function text(m: Machine, operator: string, a: Value, b: Value): Value {
  const left = lengthOf(a);
  const right = lengthOf(b);
  if (!left || !right) {
    if (operator === '+') return UNKNOWN;
    throw new GiveUp('a text and something else');
  }
  if (operator === '+') {
    const sum = linear(m, '+', left, right);
    return sum instanceof Linear ? new Text(sum) : UNKNOWN;
  }
  const isEquality = ['===', '==', '!==', '!='].includes(operator);
  // Of different lengths they are different; of the same, nobody knows.
  if (!isEquality || linear(m, '===', left, right)) throw new GiveUp('a text that changes');
  return operator.startsWith('!');
}

function lengthOf(value: Value): Linear | null {
  if (value instanceof Text) return value.length;
  return typeof value === 'string' ? new Linear(value.length, 0) : null;
}

function toLinear(value: Value): Linear | null {
  if (value instanceof Linear) return value;
  if (typeof value === 'number') return Number.isNaN(value) ? null : new Linear(value, 0);
  if (typeof value === 'boolean') return new Linear(Number(value), 0);
  // The types call both kinds numbers; their operators are the same.
  if (typeof value === 'bigint') return new Linear(value as never, 0n as never);
  return null;
}

function isFixed({ slope }: Linear): boolean {
  return !slope;
}

function exact(base: number, slope: number): Value {
  if (typeof base === 'number' && !(Math.abs(base) < EXACT_MAX && Math.abs(slope) < EXACT_MAX))
    return UNKNOWN;
  return new Linear(base, slope);
}

/** Regular only where the counter moves by whole multiples, and never changes its sign. */
function remainder(m: Machine, a: Linear, b: Linear): Value {
  const modulus = b.base;
  if (!isFixed(b) || typeof modulus !== 'number' || !isWhole(a) || !Number.isInteger(modulus))
    return UNKNOWN;
  if (modulus === 0) return Number.NaN;
  if (a.slope % modulus !== 0) {
    if (Math.abs(modulus) <= 64) m.moduli.add(Math.abs(modulus));
    return UNKNOWN;
  }
  if (a.base >= 0 ? a.slope < 0 : a.slope > 0) m.horizon = Math.min(m.horizon, turnsToZero(a));
  return a.base % modulus;
}

/** `x | 0` and the like change nothing while x is a 32-bit integer; `x & mask` is a remainder. */
function bits(m: Machine, operator: string, a: Linear, by: number): Value {
  if (typeof a.base !== 'number' || !isWhole(a)) return UNKNOWN;
  if (operator === '|' && by === 0) {
    const limit = a.slope > 0 ? 2 ** 31 : -(2 ** 31) - 1;
    if (Math.abs(a.base) >= 2 ** 31) return UNKNOWN;
    if (a.slope !== 0)
      m.horizon = Math.min(m.horizon, Math.max(0, Math.floor((limit - a.base) / a.slope)));
    return a;
  }
  if (
    operator === '&' &&
    by > 0 &&
    Number.isInteger(Math.log2(by + 1)) &&
    a.base >= 0 &&
    a.slope >= 0
  )
    return remainder(m, a, new Linear(by + 1, 0));
  return UNKNOWN;
}

function isWhole({ base, slope }: Linear): boolean {
  return Number.isSafeInteger(base) && Number.isSafeInteger(slope);
}

function turnsToZero({ base, slope }: Linear): number {
  return Math.max(0, Math.floor(Math.abs(Number(base)) / Math.abs(Number(slope))));
}

/** Decides now, and lowers the horizon to the first turn in which it would be decided differently. */
function compare(m: Machine, operator: string, a: Linear, b: Linear): boolean {
  const base = a.base - b.base;
  const slope = a.slope - b.slope;
  const isNumber = typeof base === 'number';
  const whole = !isNumber || (Number.isSafeInteger(base) && Number.isSafeInteger(slope));
  switch (operator) {
    case '<':
      return side(m, base < 0, slope <= 0, slope >= 0, -Number(base) / Number(slope), whole, 0);
    case '>=':
      return !side(m, base < 0, slope <= 0, slope >= 0, -Number(base) / Number(slope), whole, 0);
    case '>':
      return side(m, base > 0, slope >= 0, slope <= 0, -Number(base) / Number(slope), whole, 0);
    case '<=':
      return !side(m, base > 0, slope >= 0, slope <= 0, -Number(base) / Number(slope), whole, 0);
    case '===':
    case '==':
      return isZero(m, base, slope, whole);
    case '!==':
    case '!=':
      return !isZero(m, base, slope, whole);
    default:
      throw new GiveUp(`operator ${operator} on a counter`);
  }
}

/** The outcome of a strict comparison with zero, which flips when the line crosses it. */
function side(
  m: Machine,
  outcome: boolean,
  staysTrue: boolean,
  staysFalse: boolean,
  crossing: number,
  isWholeLine: boolean,
  slack: number,
): boolean {
  if (outcome ? staysTrue : staysFalse) return outcome;
  // True until it reaches zero, or false until it has passed it.
  const flip = outcome ? Math.ceil(crossing) : Math.floor(crossing) + 1;
  m.horizon = Math.min(m.horizon, isWholeLine ? flip : Math.floor(crossing) - 2 - slack);
  return outcome;
}

function isZero(m: Machine, base: number, slope: number, isWholeLine: boolean): boolean {
  const isNow = !base;
  if (!slope) return isNow;
  if (isNow) m.horizon = Math.min(m.horizon, 1);
  else {
    const crossing = -Number(base) / Number(slope);
    if (crossing > 0) {
      // Whole numbers step over zero or hit it exactly; others are not to be trusted near it.
      if (isWholeLine) {
        const isHit = typeof base === 'number' ? base % slope === 0 : Number.isInteger(crossing);
        if (isHit) m.horizon = Math.min(m.horizon, crossing);
      } else m.horizon = Math.min(m.horizon, Math.floor(crossing) - 2);
    }
  }
  return isNow;
}
