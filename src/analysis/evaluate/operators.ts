// Owns what JavaScript's operators do with the evaluator's values.

import { toPrimitive } from './conversions.ts';
import { linear, text } from './counters.ts';
import type { Machine } from './machine.ts';
import { GiveUp, isPrimitive, Linear, Obj, Text, UNKNOWN, Unknown, type Value } from './values.ts';

const TEXT_MAX = 200_000;
const BIGINT_BITS_MAX = 4_000n;
const BIGINT_MAX = 1n << BIGINT_BITS_MAX;

/** The result of a binary operator. */
export function binary(m: Machine, operator: string, a: Value, b: Value): Value {
  if (a instanceof Text || b instanceof Text) return text(m, operator, a, b);
  if (a instanceof Linear || b instanceof Linear) return linear(m, operator, a, b);
  if (operator === '===') return strictEqual(a, b);
  if (operator === '!==') return not(strictEqual(a, b));
  if (operator === '==' || operator === '!=') {
    const same = looseEqual(m, a, b);
    return operator === '==' ? same : not(same);
  }
  const left = isPrimitive(a) ? a : toPrimitive(m, a, operator === '+' ? 'default' : 'number');
  const right = isPrimitive(b) ? b : toPrimitive(m, b, operator === '+' ? 'default' : 'number');
  if (left instanceof Linear || right instanceof Linear) return linear(m, operator, left, right);
  if (left instanceof Unknown || right instanceof Unknown) return UNKNOWN;
  return plain(m, operator, left as never, right as never);
}

/** Two primitives, by JavaScript itself: no code of the macro can be reached from them. */
function plain(m: Machine, operator: string, a: number, b: number): Value {
  switch (operator) {
    case '+': {
      const sum = a + b;
      if (typeof sum === 'string') {
        const { length } = sum as string;
        if (length > TEXT_MAX)
          throw new GiveUp(`makes a text of more than ${TEXT_MAX} characters`, true);
        m.spend(length >> 6);
      }
      return bounded(sum);
    }
    case '-':
      return bounded(a - b);
    case '*':
      return bounded(a * b);
    case '/':
      return bounded(a / b);
    case '%':
      return bounded(a % b);
    case '**':
      if (typeof a === 'bigint' && Number(b) > Number(BIGINT_BITS_MAX))
        throw new GiveUp(`makes a BigInt of more than ${BIGINT_BITS_MAX} bits`, true);
      return bounded(a ** b);
    case '<':
      return a < b;
    case '<=':
      return a <= b;
    case '>':
      return a > b;
    case '>=':
      return a >= b;
    case '&':
      return a & b;
    case '|':
      return a | b;
    case '^':
      return a ^ b;
    case '<<':
      if (typeof a === 'bigint' && Number(b) > Number(BIGINT_BITS_MAX))
        throw new GiveUp(`makes a BigInt of more than ${BIGINT_BITS_MAX} bits`, true);
      return bounded(a << b);
    case '>>':
      return a >> b;
    case '>>>':
      return a >>> b;
    default:
      throw new GiveUp(`operator ${operator}`);
  }
}

/** A BigInt that grows without end takes ever longer to reckon with. */
function bounded(value: number): Value {
  const whole = value as unknown;
  if (typeof whole === 'bigint' && (whole > BIGINT_MAX || whole < -BIGINT_MAX))
    throw new GiveUp(`makes a BigInt of more than ${BIGINT_BITS_MAX} bits`, true);
  return value;
}

function not(value: Value): Value {
  return value instanceof Unknown ? value : !value;
}

/** `===`. */
export function strictEqual(a: Value, b: Value): Value {
  if (a instanceof Unknown || b instanceof Unknown) return UNKNOWN;
  return a === b;
}

/** As Array.includes and Map compare. @throws {GiveUp} for what is not known */
export function sameValue(a: Value, b: Value): boolean {
  if (isPrimitive(a) && isPrimitive(b)) return a === b || (Number.isNaN(a) && Number.isNaN(b));
  const same = strictEqual(a, b);
  if (same instanceof Unknown || a instanceof Linear || b instanceof Linear)
    throw new GiveUp('a comparison of something unknown');
  return same === true;
}

function looseEqual(m: Machine, a: Value, b: Value): Value {
  if (a instanceof Unknown || b instanceof Unknown) return UNKNOWN;
  if (a instanceof Obj && b instanceof Obj) return a === b;
  if (a instanceof Obj || b instanceof Obj) {
    const other = a instanceof Obj ? b : a;
    if (other === null || other === undefined) return false;
    const left = a instanceof Obj ? toPrimitive(m, a, 'default') : a;
    const right = b instanceof Obj ? toPrimitive(m, b, 'default') : b;
    return looseEqual(m, left, right);
  }
  // biome-ignore lint/suspicious/noDoubleEquals: this is what the macro's own operator does
  return a == b;
}
