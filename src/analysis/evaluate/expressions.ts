// Owns compiling expressions: names and literals here, all others in files of their own.

import type { AnyNode } from 'acorn';
import type { NodeOf } from '../facts/facts.ts';
import { assignment, update } from './assignments.ts';
import { callExpression, newExpression, tagged } from './calls.ts';
import { chain } from './chains.ts';
import type { Compiler } from './compiler.ts';
import { truth } from './conversions.ts';
import { globalValue } from './globals.ts';
import { arrayLiteral, objectLiteral, template } from './literals.ts';
import type { Expression } from './machine.ts';
import { member } from './members.ts';
import { binaryExpression, logical, unary } from './operations.ts';
import { awaiting, yielding } from './suspensions.ts';
import { ArrayObj, GiveUp, RegexObj, type Value } from './values.ts';

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
