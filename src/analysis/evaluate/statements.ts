// Owns compiling statements; loops are in loop-statements.ts.

import type { AnyNode } from 'acorn';
import type { NodeOf } from '../facts/facts.ts';
import { nothing } from './blocks.ts';
import type { Compiler } from './compiler.ts';
import { truth } from './conversions.ts';
import { switchStatement, tryStatement } from './jumps.ts';
import { compileLoop, labelled } from './loop-statements.ts';
import type { Activation, Completion, Statement } from './machine.ts';
import { GiveUp, Thrown } from './values.ts';

/** Compiles a statement. @throws {GiveUp} for what the evaluator does not know */
export function compileStatement(c: Compiler, node: AnyNode): Statement {
  switch (node.type) {
    case 'ExpressionStatement': {
      const work = c.expression(node.expression);
      return (act) => {
        work(act);
        return 'next';
      };
    }
    case 'VariableDeclaration':
      return declaration(c, node);
    case 'IfStatement': {
      const test = c.expression(node.test);
      const yes = c.statement(node.consequent);
      const no = node.alternate ? c.statement(node.alternate) : nothing;
      return (act) => (truth(c.m, test(act)) ? yes(act) : no(act));
    }
    case 'BlockStatement':
      return c.block(node.body);
    case 'ReturnStatement': {
      const value = node.argument ? c.expression(node.argument) : () => undefined;
      return (act) => {
        act.result = value(act);
        return 'return';
      };
    }
    case 'WhileStatement':
    case 'DoWhileStatement':
    case 'ForStatement':
    case 'ForInStatement':
    case 'ForOfStatement':
      return compileLoop(c, node, []);
    default:
      return rare(c, node);
  }
}

function rare(c: Compiler, node: AnyNode): Statement {
  switch (node.type) {
    case 'LabeledStatement':
      return labelled(c, node, []);
    case 'BreakStatement':
    case 'ContinueStatement': {
      const label = node.label?.name ?? null;
      const completion: Completion = node.type === 'BreakStatement' ? 'break' : 'continue';
      return (act) => {
        act.label = label;
        return completion;
      };
    }
    case 'ThrowStatement': {
      const value = c.expression(node.argument);
      return (act) => {
        throw new Thrown(value(act));
      };
    }
    case 'TryStatement':
      return tryStatement(c, node);
    case 'SwitchStatement':
      return switchStatement(c, node);
    case 'ClassDeclaration': {
      if (!node.id) return nothing;
      const made = c.classValue(node);
      const assign = c.target(node.id);
      return (act) => {
        assign(act, made(act));
        return 'next';
      };
    }
    // Hoisted: the block around it has made it already.
    case 'FunctionDeclaration':
    case 'EmptyStatement':
    case 'DebuggerStatement':
      return nothing;
    case 'ExportDefaultDeclaration':
    case 'ExportNamedDeclaration':
      return node.declaration?.type.endsWith('Declaration')
        ? c.statement(node.declaration as AnyNode)
        : nothing;
    default:
      throw new GiveUp(node.type);
  }
}

export function declaration(c: Compiler, node: NodeOf<'VariableDeclaration'>): Statement {
  if (node.kind === 'using' || node.kind === 'await using') throw new GiveUp(node.kind);
  const parts = node.declarations.flatMap(({ id, init }) => {
    if (!init && node.kind === 'var') return [];
    const assign = c.target(id);
    const value = init ? c.expression(init) : () => undefined;
    return [(act: Activation) => assign(act, value(act))];
  });
  return (act) => {
    for (const part of parts) part(act);
    return 'next';
  };
}
