// Owns the values that are certain before a macro runs: literals, and variables that only ever hold one.

import type { AnyNode } from 'acorn';
import type { Known, Scopes } from './scopes.ts';

/** Stands for an array, object, function or regular expression: truthy, nothing else is known. */
const SOMETHING = Object.freeze({});
const DEPTH_MAX = 50;

/** The value of an expression, or null where it is not certain. It must have no side effect to be certain. */
export function constantOf(node: AnyNode, scopes: Scopes, depth = 0): Known | null {
  if (depth > DEPTH_MAX) return null;
  const next = (inner: AnyNode) => constantOf(inner, scopes, depth + 1);
  switch (node.type) {
    case 'Literal':
      if (node.bigint != null) return null;
      if ('regex' in node && node.regex) return { value: SOMETHING };
      return { value: node.value as string | number | boolean | null };
    case 'TemplateLiteral':
      return node.expressions.length === 0 ? { value: node.quasis[0]?.value.cooked ?? '' } : null;
    case 'ArrayExpression':
      return node.elements.length === 0 ? { value: SOMETHING } : null;
    case 'ObjectExpression':
      return node.properties.length === 0 ? { value: SOMETHING } : null;
    case 'ArrowFunctionExpression':
    case 'FunctionExpression':
      return { value: SOMETHING };
    case 'Identifier':
      return constantName(node, scopes, depth);
    case 'ParenthesizedExpression':
      return next(node.expression);
    case 'UnaryExpression':
      // A name's type is a text, and never an empty one.
      if (node.operator === 'typeof' && node.argument.type === 'Identifier')
        return unary('typeof', next(node.argument)) ?? { value: SOMETHING };
      return unary(node.operator, next(node.argument));
    case 'LogicalExpression': {
      const left = next(node.left);
      if (!left) return null;
      const decides =
        node.operator === '&&'
          ? !left.value
          : node.operator === '||'
            ? Boolean(left.value)
            : left.value != null;
      return decides ? left : next(node.right);
    }
    case 'ConditionalExpression': {
      const test = next(node.test);
      return test && next(test.value ? node.consequent : node.alternate);
    }
    case 'SequenceExpression': {
      const last = node.expressions.at(-1);
      return last && node.expressions.every((each) => next(each)) ? next(last) : null;
    }
    case 'BinaryExpression':
      if (node.left.type === 'PrivateIdentifier') return null;
      return binary(node.operator, next(node.left), next(node.right));
    default:
      return null;
  }
}

function constantName(
  node: Extract<AnyNode, { type: 'Identifier' }>,
  scopes: Scopes,
  depth: number,
): Known | null {
  const variable = scopes.variables.get(node);
  if (!variable) {
    const globals: Record<string, Known> = {
      undefined: { value: undefined },
      NaN: { value: Number.NaN },
      Infinity: { value: Number.POSITIVE_INFINITY },
    };
    return Object.hasOwn(globals, node.name) ? (globals[node.name] ?? null) : null;
  }
  const [only] = variable.writes;
  if (scopes.isDynamic || variable.writes.length !== 1 || !only?.value) return null;
  // Read in the function that sets it, below the place that sets it: otherwise it may not be set yet.
  if (only.node.start > node.start || only.owner !== variable.owner) return null;
  // Asked once each: constants made of constants made of constants would double the work with each step.
  if (variable.known !== undefined) return variable.known;
  variable.known = constantOf(only.value, scopes, depth + 1);
  return variable.known;
}

function unary(operator: string, argument: Known | null): Known | null {
  if (!argument) return null;
  const { value } = argument;
  if (operator === '!') return { value: !value };
  if (operator === 'void') return { value: undefined };
  if (typeof value === 'object' && value !== null) return null;
  if (operator === '-') return { value: -Number(value) };
  if (operator === '+') return { value: Number(value) };
  if (operator === '~') return { value: ~Number(value) };
  return operator === 'typeof' ? { value: value === null ? 'object' : typeof value } : null;
}

const BINARY: Record<string, (a: never, b: never) => boolean | number | string> = {
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
  '===': (a, b) => a === b,
  '!==': (a, b) => a !== b,
  // biome-ignore lint/suspicious/noDoubleEquals: this is what the macro's own operator does
  '==': (a, b) => a == b,
  // biome-ignore lint/suspicious/noDoubleEquals: this is what the macro's own operator does
  '!=': (a, b) => a != b,
  '+': (a, b) => (a as number) + (b as number),
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
  '%': (a, b) => a % b,
  '&': (a, b) => a & b,
  '|': (a, b) => a | b,
  '^': (a, b) => a ^ b,
  '<<': (a, b) => a << b,
  '>>': (a, b) => a >> b,
  '>>>': (a, b) => a >>> b,
  '**': (a, b) => a ** b,
};

function binary(operator: string, left: Known | null, right: Known | null): Known | null {
  const work = Object.hasOwn(BINARY, operator) ? BINARY[operator] : undefined;
  if (!left || !right || !work) return null;
  const isPlain = ({ value }: Known) => typeof value !== 'object' || value === null;
  if (!isPlain(left) || !isPlain(right)) return null;
  const value = work(left.value as never, right.value as never);
  return typeof value === 'string' && value.length > 1000 ? null : { value };
}
