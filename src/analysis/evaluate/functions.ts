// Owns compiling functions and classes, and running them.

import type { AnyNode, Function as FunctionNode } from 'acorn';
import type { NodeOf } from '../facts/facts.ts';
import { type Compiler, FunctionScope } from './compiler.ts';
import { toKey } from './conversions.ts';
import { define } from './literals.ts';
import { Activation, type Code, type Expression, type Machine } from './machine.ts';
import { staticKey } from './members.ts';
import { prototypeOf } from './properties.ts';
import {
  ArrayObj,
  errorObject,
  FunctionObj,
  GeneratorObj,
  GiveUp,
  Obj,
  PromiseObj,
  Slot,
  Thrown,
  type Value,
} from './values.ts';

const CALL_STEPS = 4;

/** Calls a function, of the macro or of the language. */
export function invoke(
  m: Machine,
  callee: FunctionObj,
  self: Value,
  args: readonly Value[],
  newTarget: FunctionObj | null,
): Value {
  const isAwaited = m.isAwaited;
  m.isAwaited = false;
  if (callee.native) {
    m.spend(1);
    return callee.native(m, args, self);
  }
  const { code } = callee;
  if (!code) throw new GiveUp('a function without code');
  if (code.isClass && !newTarget) throw new Thrown(errorObject('TypeError', 'a class needs new'));
  m.spend(CALL_STEPS);
  const given = { args, newTarget, count: code.count, self: code.isArrow ? callee.self : self };
  if (code.isGenerator) {
    if (code.isAsync) throw new GiveUp('an async generator');
    return new GeneratorObj((give) => {
      run(m, code, new Activation(callee, { ...given, give }));
    });
  }
  const act = new Activation(callee, given);
  if (newTarget && code.isClass && !callee.parentClass && self instanceof Obj)
    callee.initialise?.(self);
  return code.isAsync ? runAsync(m, code, act, isAwaited) : run(m, code, act);
}

function run(m: Machine, code: Code, act: Activation): Value {
  m.within(act, () => code.run(act));
  return act.result;
}

/** An async function is run through at its call; what comes after an await of a call nobody awaits is not known. */
function runAsync(m: Machine, code: Code, act: Activation, isAwaited: boolean): Value {
  if (!isAwaited) m.detached++;
  const { tries } = m;
  m.tries = isAwaited ? tries : 0;
  try {
    const result = run(m, code, act);
    return result instanceof PromiseObj ? result : new PromiseObj(result, false);
  } catch (error) {
    if (error instanceof Thrown) return new PromiseObj(error.value, true);
    throw error;
  } finally {
    m.tries = tries;
    if (!isAwaited) m.detached--;
  }
}

/** Compiles a function; the expression makes it a value that keeps the variables around it. */
export function compileFunction(c: Compiler, node: FunctionNode): Expression {
  const { code, capture } = compileCode(c, node, false);
  return (act) => new FunctionObj(code, capture(act), act.self, null);
}

function compileCode(c: Compiler, node: FunctionNode, isClass: boolean) {
  const outer = c.scope;
  const scope = new FunctionScope(node);
  c.scope = scope;
  const parameters = compileParameters(c, node);
  const selfName = node.type === 'FunctionExpression' && node.id ? c.target(node.id) : null;
  const isBlock = node.body.type === 'BlockStatement';
  const body = isBlock ? c.statement(node.body) : null;
  const value = isBlock ? null : c.expression(node.body);
  c.scope = outer;
  const free = [...scope.free.keys()];
  for (const variable of free) if (variable.owner === outer.node) outer.shared.add(variable);
  const sources = free.map((variable) => outer.cellOf(variable));
  const code: Code = {
    node: node as AnyNode,
    name: 'name',
    isArrow: node.type === 'ArrowFunctionExpression',
    isAsync: node.async,
    isGenerator: node.generator,
    isClass,
    get count() {
      return scope.own.size;
    },
    run(act) {
      if (selfName && act.callee) selfName(act, act.callee);
      parameters(act);
      if (value) act.result = value(act);
      else body?.(act);
    },
  };
  return { code, capture: (act: Activation) => sources.map((source) => source(act)) };
}

function compileParameters(c: Compiler, node: FunctionNode): (act: Activation) => void {
  const parts = node.params.map((param, index) => {
    if (param.type !== 'RestElement') {
      const assign = c.target(param);
      return (act: Activation) => assign(act, act.args[index]);
    }
    const rest = c.target(param.argument);
    return (act: Activation) => rest(act, new ArrayObj(act.args.slice(index)));
  });
  return (act) => {
    for (const part of parts) part(act);
  };
}

// Classes

type ClassNode = NodeOf<'ClassDeclaration' | 'ClassExpression'>;

/** Compiles a class. */
export function compileClass(c: Compiler, node: ClassNode): Expression {
  const parent = node.superClass ? c.expression(node.superClass) : null;
  const builder = node.body.body.find(
    (member) => member.type === 'MethodDefinition' && member.kind === 'constructor',
  ) as NodeOf<'MethodDefinition'> | undefined;
  const compiled = builder ? compileCode(c, builder.value as FunctionNode, true) : null;
  const members = node.body.body
    .filter((member) => member !== builder)
    .map((member) => classMember(c, member));
  const named = node.id ? c.target(node.id) : null;
  return (act) => {
    const above = parent?.(act) ?? null;
    if (above !== null && (!(above instanceof FunctionObj) || above.native))
      throw new GiveUp('a parent class');
    const made = new FunctionObj(
      compiled?.code ?? emptyConstructor(c, above),
      compiled?.capture(act) ?? [],
      undefined,
      null,
    );
    const abovePrototype = above ? prototypeOf(above) : null;
    const prototype = new Obj(abovePrototype instanceof Obj ? abovePrototype : null);
    made.props.set('prototype', new Slot(prototype));
    made.proto = above;
    made.parentClass = above;
    made.home = prototype;
    named?.(act, made);
    const fields: ((self: Obj) => void)[] = [];
    for (const member of members) member(act, made, prototype, fields);
    made.initialise = (self) => {
      for (const field of fields) field(self);
    };
    return made;
  };
}

/** What a class without a constructor does. */
function emptyConstructor(c: Compiler, above: FunctionObj | null): Code {
  return {
    node: c.facts.program,
    name: 'constructor',
    isArrow: false,
    isAsync: false,
    isGenerator: false,
    isClass: true,
    count: 0,
    run(act) {
      if (!above || !(act.self instanceof Obj)) return;
      invoke(c.m, above, act.self, act.args, act.newTarget);
      act.callee?.initialise?.(act.self);
    },
  };
}

type MemberStep = (
  act: Activation,
  made: FunctionObj,
  prototype: Obj,
  fields: ((self: Obj) => void)[],
) => void;

function classMember(c: Compiler, member: AnyNode): MemberStep {
  if (member.type === 'StaticBlock') {
    const body = c.block(member.body);
    return (act, made) => withSelf(act, made, () => body(act));
  }
  if (member.type !== 'MethodDefinition' && member.type !== 'PropertyDefinition')
    throw new GiveUp(member.type);
  const key = member.computed ? c.expression(member.key) : null;
  const name = key ? '' : staticKey(member.key);
  const value = member.value ? c.expression(member.value as AnyNode) : () => undefined;
  const keyOf = (act: Activation) => (key ? toKey(c.m, key(act)) : name);
  if (member.type === 'MethodDefinition') {
    return (act, made, prototype) => {
      const owner = member.static ? made : prototype;
      const method = value(act);
      if (method instanceof FunctionObj) method.home = owner;
      define(owner, keyOf(act), member.kind, method);
    };
  }
  return (act, made, _prototype, fields) => {
    const at = keyOf(act);
    const set = (self: Obj) => {
      withSelf(act, self, () => {
        c.m.touch(self);
        self.props.set(at, new Slot(value(act)));
      });
    };
    if (member.static) set(made);
    else fields.push(set);
  };
}

/** Field values and static blocks see the instance or class as `this`. */
function withSelf(act: Activation, self: Obj, work: () => void): void {
  const outer = act.self;
  act.self = self;
  try {
    work();
  } finally {
    act.self = outer;
  }
}
