// Owns making a program's facts out of one walk over it: who a name or a call means is asked of what the walk found.

import type { AnyNode, Function as FunctionNode, Program } from 'acorn';
import { constantOf } from './constants.ts';
import type { CallNode, Exit, Facts, FunctionFact, LoopFact } from './facts.ts';
import { isFunction } from './tree.ts';
import { walkProgram } from './walk.ts';

/** Gathers the facts of a program; null when it is nested too deeply to be read. */
export function gatherFacts(program: Program): Facts | { readonly tooDeep: AnyNode } {
  const walked = walkProgram(program);
  if ('tooDeep' in walked) return walked;
  const { scopes, functions, calls } = walked;
  const byNode = new Map<AnyNode, FunctionFact>();
  for (const fact of functions) if (fact.node) byNode.set(fact.node as AnyNode, fact);
  const factOf = (node: AnyNode) => byNode.get(node) ?? null;
  const variableOf = (node: AnyNode) =>
    (node.type === 'Identifier' && scopes.variables.get(node)) || null;
  const globalName = (node: AnyNode) =>
    node.type === 'Identifier' && !scopes.variables.has(node) ? node.name : null;
  const calleeOf = (call: AnyNode) => {
    if (call.type !== 'CallExpression') return null;
    const { callee } = call;
    if (isFunction(callee)) return factOf(callee as AnyNode);
    const variable = variableOf(callee);
    if (!variable || scopes.isDynamic || variable.writes.length !== 1) return null;
    const value = variable.writes[0]?.value;
    return value ? factOf(value) : null;
  };
  const isOpen = (exit: Exit, loop: LoopFact) => {
    for (let { guard } = exit; guard; guard = guard.outer) {
      if (guard.test.start < loop.node.start) return true;
      const test = constantOf(guard.test, scopes);
      if (test && Boolean(test.value) !== guard.when) return false;
    }
    return true;
  };
  const main = mainOf(program, factOf, variableOf);
  const callsOf = (name: string) => calls.filter(({ node }) => isCallOf(node, name, globalName));
  // Functions written inside an object literal, and all that they see, are kept by V8 far longer than they live.
  const asked = { factOf, variableOf, globalName, calleeOf, isOpen, callsOf };
  return { program, ...walked, main, ...asked };
}

/** True for a call of a global, or for `name.` of one of its methods. */
function isCallOf({ callee }: CallNode, name: string, globalName: Facts['globalName']): boolean {
  if (callee.type !== 'MemberExpression') return globalName(callee) === name;
  const root = globalName(callee.object as AnyNode);
  return root !== null && name.length === root.length + 1 && name === `${root}.`;
}

function mainOf(
  program: Program,
  factOf: Facts['factOf'],
  variableOf: Facts['variableOf'],
): FunctionNode | null {
  const node = program.body.find((each) => each.type === 'ExportDefaultDeclaration');
  if (!node) return null;
  const declaration = node.declaration as AnyNode;
  const value = variableOf(declaration)?.writes[0]?.value ?? declaration;
  return factOf(value)?.node ?? null;
}
