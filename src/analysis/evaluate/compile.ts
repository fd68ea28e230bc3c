// Owns the compiler: for each kind of node the file that knows it.

import type { AnyNode, Function as FunctionNode, Identifier } from 'acorn';
import type { Facts } from '../facts/facts.ts';
import type { Scopes } from '../facts/scopes.ts';
import { compileBlock } from './blocks.ts';
import { type Assign, type Compiler, FunctionScope } from './compiler.ts';
import { compileExpression } from './expressions.ts';
import { compileClass, compileFunction } from './functions.ts';
import type { Expression, Machine, Statement } from './machine.ts';
import { compileTarget } from './patterns.ts';
import { compileStatement } from './statements.ts';
import type { LoopWatch } from './watch.ts';

/** Compiles the nodes of one program. */
export class ProgramCompiler implements Compiler {
  readonly m: Machine;
  readonly facts: Facts;
  readonly scopes: Scopes;
  readonly watch: LoopWatch;
  readonly categories: ReadonlySet<string> | null;
  scope = new FunctionScope(null);

  constructor(
    m: Machine,
    watch: LoopWatch,
    program: { readonly facts: Facts; readonly categories: ReadonlySet<string> | null },
  ) {
    this.m = m;
    this.watch = watch;
    this.facts = program.facts;
    this.scopes = program.facts.scopes;
    this.categories = program.categories;
  }

  expression(node: AnyNode): Expression {
    return compileExpression(this, node);
  }

  statement(node: AnyNode): Statement {
    return compileStatement(this, node);
  }

  block(nodes: readonly AnyNode[]): Statement {
    return compileBlock(this, nodes);
  }

  target(node: AnyNode): Assign {
    return compileTarget(this, node);
  }

  callable(node: FunctionNode): Expression {
    return compileFunction(this, node);
  }

  classValue(node: Extract<AnyNode, { type: 'ClassDeclaration' | 'ClassExpression' }>): Expression {
    return compileClass(this, node);
  }

  variableOf(id: Identifier) {
    return this.scopes.variables.get(id) ?? null;
  }
}
