// Owns how to walk a syntax tree: for each node type its child properties in source order; knows nothing of meaning.

import type { AnyNode } from 'acorn';

/** The most levels a syntax tree may have: walks are recursive, here and in whoever reads the tree later. */
export const TREE_DEPTH_MAX = 800;

const BODY = ['body'] as const;
const ARGUMENT = ['argument'] as const;
const LEFT_RIGHT = ['left', 'right'] as const;
const FUNCTION = ['id', 'params', 'body'] as const;
const CALL = ['callee', 'arguments'] as const;
const CLASS = ['id', 'superClass', 'body'] as const;
const CONDITIONAL = ['test', 'consequent', 'alternate'] as const;
const NONE = [] as const;

/** Child properties by node type, in the order they stand in the source. */
const CHILDREN: Record<AnyNode['type'], readonly string[]> = {
  ArrayExpression: ['elements'],
  ArrayPattern: ['elements'],
  ArrowFunctionExpression: FUNCTION,
  AssignmentExpression: LEFT_RIGHT,
  AssignmentPattern: LEFT_RIGHT,
  AwaitExpression: ARGUMENT,
  BinaryExpression: LEFT_RIGHT,
  BlockStatement: BODY,
  BreakStatement: NONE,
  CallExpression: CALL,
  CatchClause: ['param', 'body'],
  ChainExpression: ['expression'],
  ClassBody: BODY,
  ClassDeclaration: CLASS,
  ClassExpression: CLASS,
  ConditionalExpression: CONDITIONAL,
  ContinueStatement: NONE,
  DebuggerStatement: NONE,
  DoWhileStatement: ['body', 'test'],
  EmptyStatement: NONE,
  ExportAllDeclaration: NONE,
  ExportDefaultDeclaration: ['declaration'],
  ExportNamedDeclaration: ['declaration'],
  ExportSpecifier: NONE,
  ExpressionStatement: ['expression'],
  ForInStatement: ['left', 'right', 'body'],
  ForOfStatement: ['left', 'right', 'body'],
  ForStatement: ['init', 'test', 'update', 'body'],
  FunctionDeclaration: FUNCTION,
  FunctionExpression: FUNCTION,
  Identifier: NONE,
  IfStatement: CONDITIONAL,
  ImportAttribute: NONE,
  ImportDeclaration: NONE,
  ImportDefaultSpecifier: NONE,
  ImportExpression: ['source', 'options'],
  ImportNamespaceSpecifier: NONE,
  ImportSpecifier: NONE,
  LabeledStatement: BODY,
  Literal: NONE,
  LogicalExpression: LEFT_RIGHT,
  MemberExpression: ['object', 'property'],
  MetaProperty: NONE,
  MethodDefinition: ['key', 'value'],
  NewExpression: CALL,
  ObjectExpression: ['properties'],
  ObjectPattern: ['properties'],
  ParenthesizedExpression: ['expression'],
  PrivateIdentifier: NONE,
  Program: BODY,
  Property: ['key', 'value'],
  PropertyDefinition: ['key', 'value'],
  RestElement: ARGUMENT,
  ReturnStatement: ARGUMENT,
  SequenceExpression: ['expressions'],
  SpreadElement: ARGUMENT,
  StaticBlock: BODY,
  Super: NONE,
  SwitchCase: ['test', 'consequent'],
  SwitchStatement: ['discriminant', 'cases'],
  TaggedTemplateExpression: ['tag', 'quasi'],
  TemplateElement: NONE,
  TemplateLiteral: ['expressions'],
  ThisExpression: NONE,
  ThrowStatement: ARGUMENT,
  TryStatement: ['block', 'handler', 'finalizer'],
  UnaryExpression: ARGUMENT,
  UpdateExpression: ARGUMENT,
  VariableDeclaration: ['declarations'],
  VariableDeclarator: ['id', 'init'],
  WhileStatement: ['test', 'body'],
  WithStatement: ['object', 'body'],
  YieldExpression: ARGUMENT,
};

/** Calls `visit` for each child of a node, in source order. */
export function eachChild(node: AnyNode, visit: (child: AnyNode) => void): void {
  const record = node as unknown as Record<string, AnyNode | (AnyNode | null)[] | null | undefined>;
  for (const key of CHILDREN[node.type]) {
    const child = record[key];
    if (Array.isArray(child)) {
      for (const item of child) if (item) visit(item);
    } else if (child) {
      // A shorthand property `{ a }` has one node as key and value: it is visited once, as the value.
      if (key === 'key' && record.value === child) continue;
      visit(child);
    }
  }
}

/** The nodes around an offset, from the outermost to the innermost. */
export function* nodesAround(offset: number, program: AnyNode): Generator<AnyNode> {
  let node: AnyNode | null = program;
  while (node) {
    yield node;
    let inner: AnyNode | null = null;
    eachChild(node, (child) => {
      if (child.start <= offset && offset < child.end) inner = child;
    });
    node = inner;
  }
}

/** True for a node that is another, or stands in it. */
export function isWithin(inner: AnyNode, outer: AnyNode): boolean {
  return outer.start <= inner.start && inner.end <= outer.end;
}

/** True for the nodes that start a function of their own. */
export function isFunction(
  node: AnyNode,
): node is Extract<AnyNode, { type: `${string}Function${string}` }> {
  return (
    node.type === 'FunctionDeclaration' ||
    node.type === 'FunctionExpression' ||
    node.type === 'ArrowFunctionExpression'
  );
}

/** True for `&&=`, `||=` and `??=`: what they assign is worked out only sometimes. */
export function isLogical({
  operator,
}: Extract<AnyNode, { type: 'AssignmentExpression' }>): boolean {
  return operator === '&&=' || operator === '||=' || operator === '??=';
}
