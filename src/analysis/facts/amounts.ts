// Owns how large a number in the text is, powers, shifts and BigInts included; a BigInt is known by its bits, since working it
// out is what may never end.

import type { AnyNode } from 'acorn';
import type { NodeOf } from './facts.ts';
import type { Scopes } from './scopes.ts';

/** BigInts up to so many bits are worked out. */
const EXACT_BITS = 64;

/** How large a BigInt is. */
export interface Bits {
  /** The most bits it has. */
  readonly bits: number;
  /** Its value where that is short. */
  readonly exact: bigint | null;
}

/** Nodes looked at for one number: a name stands for all of its initialiser, so a few names can stand for very many. */
const STEPS = 200;

interface Fuel {
  steps: number;
}

/** The number an expression surely is; null where that is not known, and for everything else. */
export function amountOf(node: AnyNode, scopes: Scopes): number | null {
  return amount(node, scopes, { steps: STEPS });
}

function amount(node: AnyNode, scopes: Scopes, fuel: Fuel): number | null {
  if (fuel.steps-- <= 0) return null;
  switch (node.type) {
    case 'Literal':
      return typeof node.value === 'number' ? node.value : null;
    case 'ParenthesizedExpression':
      return amount(node.expression, scopes, fuel);
    case 'BinaryExpression': {
      if (node.left.type === 'PrivateIdentifier') return null;
      const left = amount(node.left, scopes, fuel);
      const right = left === null ? null : amount(node.right, scopes, fuel);
      return left === null || right === null ? null : reckon(node.operator, left, right);
    }
    case 'UnaryExpression': {
      const inner = amount(node.argument, scopes, fuel);
      if (inner === null) return null;
      return node.operator === '-' ? -inner : node.operator === '+' ? inner : null;
    }
    case 'Identifier': {
      if (isGlobal(node, 'Infinity', scopes)) return Number.POSITIVE_INFINITY;
      const value = onlyValue(node, scopes);
      return value && amount(value, scopes, fuel);
    }
    case 'MemberExpression':
      return limitOfNumber(node, scopes);
    default:
      return null;
  }
}

/** How large a BigInt an expression makes; null where that is not known, and for everything else. */
export function bitsOf(node: AnyNode, scopes: Scopes): Bits | null {
  return bits(node, scopes, { steps: STEPS });
}

function bits(node: AnyNode, scopes: Scopes, fuel: Fuel): Bits | null {
  if (fuel.steps-- <= 0) return null;
  switch (node.type) {
    case 'Literal':
      return node.bigint == null ? null : toBits(node.bigint);
    case 'ParenthesizedExpression':
      return bits(node.expression, scopes, fuel);
    case 'Identifier': {
      const value = onlyValue(node, scopes);
      return value && bits(value, scopes, fuel);
    }
    case 'CallExpression': {
      const [argument] = node.arguments;
      const isMade = isGlobal(node.callee, 'BigInt', scopes) && argument !== undefined;
      const value = isMade ? amount(argument, scopes, fuel) : null;
      return value === null || !Number.isSafeInteger(value) ? null : exactly(BigInt(value));
    }
    case 'BinaryExpression': {
      if (node.left.type === 'PrivateIdentifier') return null;
      const left = bits(node.left, scopes, fuel);
      const right = left && bits(node.right, scopes, fuel);
      return left && right ? reckonBits(node.operator, left, right) : null;
    }
    default:
      return null;
  }
}

/** The initialiser of a variable that is given a value once, before it is read here; null for everything else. */
export function onlyValue(node: AnyNode, scopes: Scopes): AnyNode | null {
  const variable = node.type === 'Identifier' ? scopes.variables.get(node) : undefined;
  const [only] = variable?.writes ?? [];
  if (!only?.value || variable?.writes.length !== 1 || scopes.isDynamic) return null;
  return only.node.start < node.start ? only.value : null;
}

function reckon(operator: string, a: number, b: number): number | null {
  switch (operator) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '/':
      return a / b;
    case '%':
      return a % b;
    case '**':
      return a ** b;
    case '<<':
      return a << b;
    case '>>':
      return a >> b;
    case '>>>':
      return a >>> b;
    default:
      return null;
  }
}

/** `Number.MAX_SAFE_INTEGER` and its like. */
function limitOfNumber(node: NodeOf<'MemberExpression'>, scopes: Scopes): number | null {
  if (!isGlobal(node.object, 'Number', scopes) || node.property.type !== 'Identifier') return null;
  const limits: Record<string, number> = {
    MAX_SAFE_INTEGER: Number.MAX_SAFE_INTEGER,
    MAX_VALUE: Number.MAX_VALUE,
    POSITIVE_INFINITY: Number.POSITIVE_INFINITY,
  };
  const { name } = node.property;
  return Object.hasOwn(limits, name) ? (limits[name] ?? null) : null;
}

function reckonBits(operator: string, a: Bits, b: Bits): Bits | null {
  switch (operator) {
    case '*':
      return capped(a.bits + b.bits, a, b, (x, y) => x * y);
    case '+':
    case '-':
      return capped(Math.max(a.bits, b.bits) + 1, a, b, (x, y) =>
        operator === '+' ? x + y : x - y,
      );
    case '<<':
      return b.exact !== null && b.exact < 0n
        ? a
        : capped(a.bits + sizeOf(b), a, b, (x, y) => x << y);
    case '**': {
      // 2 ** n has n + 1 bits, 1 ** n and 0 ** n one.
      const isSmall = a.exact !== null && a.exact >= -1n && a.exact <= 1n;
      const perTurn = a.exact === null ? a.bits : Math.log2(Math.abs(Number(a.exact)));
      return isSmall ? a : capped(Math.ceil(perTurn * sizeOf(b)) + 1, a, b, (x, y) => x ** y);
    }
    default:
      return null;
  }
}

function capped(bits: number, a: Bits, b: Bits, work: (x: bigint, y: bigint) => bigint): Bits {
  if (!(bits <= EXACT_BITS) || a.exact === null || b.exact === null) return { bits, exact: null };
  // A negative exponent would throw.
  return b.exact < 0n ? { bits, exact: null } : exactly(work(a.exact, b.exact));
}

/** At least this much, as a number. */
function sizeOf({ bits, exact }: Bits): number {
  return exact === null ? 2 ** Math.max(0, bits - 1) : Math.max(0, Number(exact));
}

function toBits(digits: string): Bits {
  // As many bits as its digits can say; long ones are not worked out.
  if (digits.length > 20) return { bits: Math.floor((digits.length - 2) * 3), exact: null };
  return exactly(BigInt(digits));
}

function exactly(value: bigint): Bits {
  const size = value < 0n ? -value : value;
  return { bits: size.toString(2).length, exact: size > 2n ** 63n ? null : value };
}

function isGlobal(node: AnyNode, name: string, scopes: Scopes): boolean {
  return node.type === 'Identifier' && node.name === name && !scopes.variables.has(node);
}
