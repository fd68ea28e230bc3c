// Owns compiling expressions.

import type { AnyNode, Property } from 'acorn';
import type { NodeOf } from '../facts.ts';
import type { Compiler } from './compiler.ts';
import { toKey, toNumber, toText, truth } from './conversions.ts';
import { globalValue } from './globals.ts';
import { collect, iterate } from './iteration.ts';
import type { Activation, Expression } from './machine.ts';
import { binary } from './operators.ts';
import {
  deleteProperty,
  getElement,
  getProperty,
  hasProperty,
  keysOf,
  prototypeOf,
  setProperty,
} from './properties.ts';
import {
  ArrayObj,
  Enough,
  FunctionObj,
  GiveUp,
  Linear,
  Obj,
  PromiseObj,
  ProxyObj,
  RegexObj,
  Slot,
  Text,
  Thrown,
  UNKNOWN,
  Unknown,
  type Value,
} from './values.ts';

/** Compiles an expression. @throws {GiveUp} for what the evaluator does not know */
export function compileExpression(c: Compiler, node: AnyNode): Expression {
  switch (node.type) {
    case 'Identifier':
      return readName(c, node);
    case 'Literal':
      return literal(node);
    case 'MemberExpression':
      return member(c, node).get;
    case 'CallExpression':
      return callExpression(c, node);
    case 'NewExpression':
      return newExpression(c, node);
    case 'BinaryExpression':
      return binaryExpression(c, node);
    case 'LogicalExpression':
      return logical(c, node);
    case 'AssignmentExpression':
      return assignment(c, node);
    case 'UpdateExpression':
      return update(c, node);
    case 'UnaryExpression':
      return unary(c, node);
    case 'ConditionalExpression': {
      const test = c.expression(node.test);
      const yes = c.expression(node.consequent);
      const no = c.expression(node.alternate);
      return (act) => (truth(c.m, test(act)) ? yes(act) : no(act));
    }
    case 'ObjectExpression':
      return objectLiteral(c, node);
    case 'ArrayExpression':
      return arrayLiteral(c, node);
    case 'TemplateLiteral':
      return template(c, node);
    case 'ArrowFunctionExpression':
    case 'FunctionExpression':
      return c.callable(node);
    default:
      return rare(c, node);
  }
}

function rare(c: Compiler, node: AnyNode): Expression {
  switch (node.type) {
    case 'ThisExpression':
      return (act) => act.self;
    case 'SequenceExpression': {
      const parts = node.expressions.map((each) => c.expression(each));
      return (act) => parts.reduce<Value>((_, part) => part(act), undefined);
    }
    case 'AwaitExpression':
      return awaiting(c, node);
    case 'ChainExpression':
      return chain(c, node);
    case 'ClassExpression':
      return c.classValue(node);
    case 'YieldExpression':
      return yielding(c, node);
    case 'TaggedTemplateExpression':
      return tagged(c, node);
    case 'ParenthesizedExpression':
      return c.expression(node.expression);
    case 'MetaProperty':
      return (act) => act.newTarget ?? undefined;
    default:
      throw new GiveUp(node.type);
  }
}

function readName(c: Compiler, node: NodeOf<'Identifier'>): Expression {
  const variable = c.variableOf(node);
  if (variable) {
    const cellOf = c.scope.cellOf(variable);
    return (act) => cellOf(act).v;
  }
  const { name } = node;
  if (name === 'arguments') {
    if (c.scope.node?.type === 'ArrowFunctionExpression')
      throw new GiveUp('arguments of an outer function');
    return (act) => new ArrayObj([...act.args]);
  }
  return () => globalValue(name, c.categories);
}

function literal(node: NodeOf<'Literal'>): Expression {
  if (node.regex) return () => new RegexObj();
  const value = node.bigint != null ? BigInt(node.bigint) : (node.value as Value);
  return () => value;
}

/** Reading and writing a member; its object and key are evaluated once. */
function member(c: Compiler, node: NodeOf<'MemberExpression'>) {
  const { m } = c;
  if (node.object.type === 'Super') return superMember(c, node);
  const object = c.expression(node.object);
  if (!node.computed) {
    const key = staticKey(node.property);
    return {
      object,
      get: (act: Activation) => getProperty(m, object(act), key),
      of: (_act: Activation, target: Value) => getProperty(m, target, key),
      key: (_act: Activation): Value => key,
    };
  }
  const index = c.expression(node.property);
  const asKey = (value: Value) => toKey(m, value);
  return {
    object,
    get: (act: Activation) => {
      const target = object(act);
      return getElement(m, target, index(act), asKey);
    },
    of: (act: Activation, target: Value) => getElement(m, target, index(act), asKey),
    key: index,
  };
}

function superMember(c: Compiler, node: NodeOf<'MemberExpression'>) {
  const key = node.computed ? c.expression(node.property) : () => staticKey(node.property);
  const get = (act: Activation): Value => {
    const above = act.callee?.home?.proto;
    if (!above) throw new GiveUp('super');
    return getProperty(c.m, above, toKey(c.m, key(act)));
  };
  return { object: (act: Activation) => act.self, get, of: get, key };
}

/** The name of `a.name` and `{ name: … }`. */
export function staticKey(node: AnyNode): string {
  if (node.type === 'Identifier') return node.name;
  if (node.type === 'PrivateIdentifier') return `#${node.name}`;
  if (node.type === 'Literal' && !node.regex) return String(node.bigint ?? node.value);
  throw new GiveUp('a key');
}

// Calls

function argumentsOf(c: Compiler, nodes: readonly AnyNode[]): (act: Activation) => Value[] {
  if (nodes.every((node) => node.type !== 'SpreadElement')) {
    const parts = nodes.map((node) => c.expression(node));
    return (act) => {
      const values: Value[] = [];
      for (const part of parts) values.push(part(act));
      return values;
    };
  }
  const parts = nodes.map((node) =>
    node.type === 'SpreadElement'
      ? { isSpread: true, value: c.expression(node.argument) }
      : { isSpread: false, value: c.expression(node) },
  );
  return (act) =>
    parts.flatMap(({ isSpread, value }) => {
      const one = value(act);
      return isSpread ? collect(c.m, one) : [one];
    });
}

function callExpression(c: Compiler, node: NodeOf<'CallExpression'>): Expression {
  const { m } = c;
  const { callee } = node;
  const args = argumentsOf(c, node.arguments);
  if (callee.type === 'Super') {
    return (act) => {
      const parent = act.callee?.parentClass;
      if (!parent || !(act.self instanceof Obj)) throw new GiveUp('super()');
      m.ports.invoke(m, parent, act.self, args(act), act.newTarget);
      act.callee?.initialise?.(act.self);
      return undefined;
    };
  }
  if (callee.type !== 'MemberExpression') {
    const target = c.expression(callee);
    return (act) => {
      const called = target(act);
      if (node.optional && called == null) return undefined;
      return m.call(called, undefined, args(act));
    };
  }
  const access = member(c, callee);
  return (act) => {
    const self = access.object(act);
    if (callee.optional && self == null) return undefined;
    const called = access.of(act, self);
    if (node.optional && called == null) return undefined;
    return m.call(called, self, args(act));
  };
}

function newExpression(c: Compiler, node: NodeOf<'NewExpression'>): Expression {
  const target = c.expression(node.callee);
  const args = argumentsOf(c, node.arguments);
  return (act) => construct(c, target(act), args(act));
}

function construct(c: Compiler, callee: Value, args: readonly Value[]): Value {
  const { m } = c;
  if (callee instanceof ProxyObj) {
    const trap = getProperty(m, callee.handler, 'construct');
    if (trap instanceof FunctionObj)
      return m.call(trap, callee.handler, [callee.target, new ArrayObj([...args]), callee]);
    return construct(c, callee.target, args);
  }
  if (!(callee instanceof FunctionObj)) throw new GiveUp('new of something unknown');
  if (callee.native) return m.call(callee, undefined, args);
  const prototype = prototypeOf(callee);
  const self = new Obj(prototype instanceof Obj ? prototype : null);
  const result = m.ports.invoke(m, callee, self, args, callee);
  return result instanceof Obj ? result : self;
}

/** `a?.b.c`: nothing further is asked of nothing. */
function chain(c: Compiler, node: NodeOf<'ChainExpression'>): Expression {
  const nothing = new Enough();
  const link = (inner: AnyNode): Expression => {
    if (inner.type === 'MemberExpression' && inner.object.type !== 'Super') {
      const object = link(inner.object);
      const index = inner.computed ? c.expression(inner.property) : null;
      const key = index ? '' : staticKey(inner.property);
      return (act) => {
        const target = object(act);
        if (inner.optional && target == null) throw nothing;
        if (!index) return getProperty(c.m, target, key);
        return getElement(c.m, target, index(act), (value) => toKey(c.m, value));
      };
    }
    if (inner.type !== 'CallExpression') return c.expression(inner);
    if (inner.callee.type === 'MemberExpression' && inner.callee.object.type !== 'Super')
      return chainCall(inner, inner.callee);
    return c.expression(inner);
  };
  const chainCall = (
    inner: NodeOf<'CallExpression'>,
    callee: NodeOf<'MemberExpression'>,
  ): Expression => {
    const object = link(callee.object as AnyNode);
    const index = callee.computed
      ? c.expression(callee.property)
      : () => staticKey(callee.property);
    const args = argumentsOf(c, inner.arguments);
    return (act) => {
      const self = object(act);
      if (callee.optional && self == null) throw nothing;
      const called = getProperty(c.m, self, toKey(c.m, index(act)));
      if (inner.optional && called == null) throw nothing;
      return c.m.call(called, self, args(act));
    };
  };
  const whole = link(node.expression);
  return (act) => {
    try {
      return whole(act);
    } catch (error) {
      if (error === nothing) return undefined;
      throw error;
    }
  };
}

// Operators

function binaryExpression(c: Compiler, node: NodeOf<'BinaryExpression'>): Expression {
  const { m } = c;
  const { operator } = node;
  if (node.left.type === 'PrivateIdentifier') throw new GiveUp('a private in');
  const left = c.expression(node.left);
  const right = c.expression(node.right);
  if (operator === 'in')
    return (act) => {
      const key = toKey(m, left(act));
      return hasProperty(m, right(act), key);
    };
  if (operator === 'instanceof') return (act) => instanceOf(left(act), right(act));
  const fast = FAST[operator];
  if (!fast) return (act) => binary(m, operator, left(act), right(act));
  return (act) => {
    const a = left(act);
    const b = right(act);
    if (typeof a === 'number' && typeof b === 'number') return fast(a, b);
    return binary(m, operator, a, b);
  };
}

const FAST: Partial<Record<string, (a: number, b: number) => Value>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
  '%': (a, b) => a % b,
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
  '===': (a, b) => a === b,
  '!==': (a, b) => a !== b,
};

function instanceOf(value: Value, callable: Value): Value {
  if (!(callable instanceof FunctionObj) || callable.native || value instanceof Unknown)
    throw new GiveUp('instanceof');
  if (!(value instanceof Obj)) return false;
  const prototype = prototypeOf(callable);
  for (let above = value.proto; above; above = above.proto) if (above === prototype) return true;
  return false;
}

function logical(c: Compiler, node: NodeOf<'LogicalExpression'>): Expression {
  const left = c.expression(node.left);
  const right = c.expression(node.right);
  const { operator } = node;
  return (act) => {
    const value = left(act);
    return isDecided(c, operator, value) ? value : right(act);
  };
}

function isDecided(c: Compiler, operator: string, value: Value): boolean {
  if (operator === '&&') return !truth(c.m, value);
  if (operator === '||') return truth(c.m, value);
  if (value instanceof Unknown) throw new GiveUp('?? of something unknown');
  return value != null;
}

function unary(c: Compiler, node: NodeOf<'UnaryExpression'>): Expression {
  const { m } = c;
  const { operator } = node;
  if (operator === 'delete') return deletion(c, node);
  const argument = c.expression(node.argument);
  switch (operator) {
    case '!':
      return (act) => !truth(m, argument(act));
    case '-':
      return (act) => {
        const value = toNumber(m, argument(act));
        if (typeof value === 'number') return -value;
        return binary(m, '*', value, typeof value === 'bigint' ? -1n : -1);
      };
    case '+':
      return (act) => toNumber(m, argument(act));
    case '~':
      return (act) => {
        const value = toNumber(m, argument(act));
        return typeof value === 'number' || typeof value === 'bigint' ? ~value : UNKNOWN;
      };
    case 'void':
      return (act) => {
        argument(act);
        return undefined;
      };
    case 'typeof':
      return (act) => typeOf(argument(act));
    default:
      throw new GiveUp(operator);
  }
}

function typeOf(value: Value): Value {
  if (value instanceof FunctionObj) return 'function';
  if (value instanceof Linear) return typeof value.base;
  if (value instanceof Text) return 'string';
  if (value instanceof Unknown) return UNKNOWN;
  return typeof value;
}

function deletion(c: Compiler, node: NodeOf<'UnaryExpression'>): Expression {
  const { argument } = node;
  if (argument.type !== 'MemberExpression') throw new GiveUp('a delete');
  const access = member(c, argument);
  return (act) => {
    const target = access.object(act);
    deleteProperty(c.m, target, toKey(c.m, access.key(act)));
    return true;
  };
}

// Assignments

function assignment(c: Compiler, node: NodeOf<'AssignmentExpression'>): Expression {
  const { m } = c;
  const { left, operator } = node;
  const right = c.expression(node.right);
  if (operator === '=') {
    const assign = c.target(left);
    return (act) => {
      const value = right(act);
      assign(act, value);
      return value;
    };
  }
  const plain = operator.slice(0, -1);
  const isLogical = ['&&', '||', '??'].includes(plain);
  return modify(c, left, (act, old) => {
    if (isLogical) return isDecided(c, plain, old) ? KEEP : right(act);
    const by = right(act);
    if (typeof old === 'number' && typeof by === 'number') {
      const fast = FAST[plain];
      if (fast) return fast(old, by);
    }
    return binary(m, plain, old, by);
  });
}

const KEEP = Symbol('keep');

/** Reads, changes and writes a name or member, whose parts are evaluated once; gives the new value. */
function modify(
  c: Compiler,
  node: AnyNode,
  change: (act: Activation, old: Value) => Value | typeof KEEP,
  wantsOld: ((old: Value) => Value) | null = null,
): Expression {
  const { m } = c;
  if (node.type === 'Identifier') {
    const read = c.expression(node);
    const assign = c.target(node);
    return (act) => {
      const old = read(act);
      const next = change(act, old);
      if (next === KEEP) return old;
      assign(act, next);
      return wantsOld ? wantsOld(old) : next;
    };
  }
  if (node.type !== 'MemberExpression') throw new GiveUp('an assignment');
  const access = member(c, node);
  return (act) => {
    const target = access.object(act);
    const key = toKey(m, access.key(act));
    const old = getProperty(m, target, key);
    const next = change(act, old);
    if (next === KEEP) return old;
    setProperty(m, target, key, next);
    return wantsOld ? wantsOld(old) : next;
  };
}

function update(c: Compiler, node: NodeOf<'UpdateExpression'>): Expression {
  const { m } = c;
  const isUp = node.operator === '++';
  const change = (_act: Activation, old: Value): Value => {
    if (typeof old === 'number') return isUp ? old + 1 : old - 1;
    const number = toNumber(m, old);
    const isBig =
      typeof number === 'bigint' || (number instanceof Linear && typeof number.base === 'bigint');
    return binary(m, isUp ? '+' : '-', number, isBig ? 1n : 1);
  };
  return modify(c, node.argument, change, node.prefix ? null : (old) => toNumber(m, old));
}

// Literals

function objectLiteral(c: Compiler, node: NodeOf<'ObjectExpression'>): Expression {
  const steps = node.properties.map((property) => {
    if (property.type === 'SpreadElement') {
      const source = c.expression(property.argument);
      return (act: Activation, object: Obj) => spreadInto(c, object, source(act));
    }
    return propertyStep(c, property);
  });
  return (act) => {
    const object = new Obj();
    c.m.spend(1);
    for (const step of steps) step(act, object);
    return object;
  };
}

function spreadInto(c: Compiler, object: Obj, source: Value): void {
  if (source instanceof Unknown) throw new GiveUp('unknown properties');
  if (source == null) return;
  for (const key of keysOf(source)) object.props.set(key, new Slot(getProperty(c.m, source, key)));
}

function propertyStep(c: Compiler, property: Property): (act: Activation, object: Obj) => void {
  const key = property.computed ? c.expression(property.key) : null;
  const name = key ? '' : staticKey(property.key);
  const value = c.expression(property.value);
  if (name === '__proto__') throw new GiveUp('__proto__');
  return (act, object) => {
    const at = key ? toKey(c.m, key(act)) : name;
    const made = value(act);
    if (made instanceof FunctionObj && property.value.type === 'FunctionExpression')
      made.home = object;
    define(object, at, property.kind, made);
  };
}

/** Adds a property, or half an accessor, to an object or a class. */
export function define(object: Obj, key: string, kind: string, made: Value): void {
  if (kind !== 'get' && kind !== 'set') {
    object.props.set(key, new Slot(made));
    return;
  }
  if (!(made instanceof FunctionObj)) throw new GiveUp('an accessor');
  const known = object.props.get(key)?.accessor ?? { get: null, set: null };
  object.props.set(key, new Slot(undefined, { ...known, [kind]: made }));
}

function arrayLiteral(c: Compiler, node: NodeOf<'ArrayExpression'>): Expression {
  if (node.elements.some((each) => each === null)) throw new GiveUp('an array with holes');
  const items = argumentsOf(c, node.elements as AnyNode[]);
  return (act) => {
    const values = items(act);
    c.m.spend(1 + (values.length >> 2));
    return new ArrayObj(values);
  };
}

function template(c: Compiler, node: NodeOf<'TemplateLiteral'>): Expression {
  const parts = node.expressions.map((each) => c.expression(each));
  const texts = node.quasis.map(({ value }) => value.cooked ?? '');
  return (act) => {
    let text: Value = texts[0] ?? '';
    parts.forEach((part, index) => {
      const piece = toText(c.m, part(act));
      text = binary(c.m, '+', binary(c.m, '+', text, piece), texts[index + 1] ?? '');
    });
    return text;
  };
}

/** A tag is called with the texts and the values between them. */
function tagged(c: Compiler, node: NodeOf<'TaggedTemplateExpression'>): Expression {
  const access = node.tag.type === 'MemberExpression' ? member(c, node.tag) : null;
  const plain = access ? null : c.expression(node.tag);
  const parts = node.quasi.expressions.map((each) => c.expression(each));
  const texts = node.quasi.quasis.map(({ value }) => value.cooked ?? undefined);
  return (act) => {
    const self = access?.object(act);
    const tag = access ? access.of(act, self) : plain?.(act);
    return c.m.call(tag, self, [new ArrayObj(texts), ...parts.map((part) => part(act))]);
  };
}

// Async and generators

function awaiting(c: Compiler, node: NodeOf<'AwaitExpression'>): Expression {
  const argument = c.expression(node.argument);
  return (act) => {
    const { m } = c;
    // What an un-awaited call does after its first await comes later, and in an order the evaluator does not keep.
    if (m.detached > 0) throw new GiveUp('an await in a call nobody awaits');
    m.isAwaited = true;
    const value = argument(act);
    m.isAwaited = false;
    m.spend(1);
    m.runJobs();
    if (value instanceof PromiseObj) {
      if (value.isRejected) throw new Thrown(value.value);
      return value.value;
    }
    if (value instanceof Obj && getProperty(m, value, 'then') !== undefined)
      throw new GiveUp('a thenable');
    return value;
  };
}

function yielding(c: Compiler, node: NodeOf<'YieldExpression'>): Expression {
  const argument = node.argument ? c.expression(node.argument) : () => undefined;
  return (act) => {
    const { give } = act;
    if (!give) throw new GiveUp('a yield');
    if (!node.delegate) {
      give(argument(act));
      return undefined;
    }
    iterate(c.m, argument(act), (item) => {
      give(item);
      return false;
    });
    return undefined;
  };
}
