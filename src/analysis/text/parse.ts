// Owns turning a text into a syntax tree: which of the two forms it has, and what is wrong with its syntax. The only caller of acorn's parser.

import { type Options, Parser, type Program } from 'acorn';
import type { MacroForm, SyntaxProblem } from './macro-form.ts';
import { stripTypes } from './strip-types.ts';

/** A parsed text: `ast` is null exactly when there is a problem. */
export interface Parsed {
  readonly form: MacroForm;
  /** JavaScript with every position as in the source; the source itself where its types could not be taken out. */
  readonly code: string;
  readonly ast: Program | null;
  readonly problem: SyntaxProblem | null;
}

const OPTIONS: Options = { ecmaVersion: 2026, allowHashBang: false, sourceType: 'script' };
const MODULE_OPTIONS: Options = { ...OPTIONS, sourceType: 'module' };

/** acorn's flags of an async function's scope (SCOPE_FUNCTION, SCOPE_ASYNC); a test holds this against acorn itself. */
const ASYNC_FUNCTION_SCOPE = 2 | 4;
/** Names entered into scopes, by `var` into each one around it: bounds the time and memory a hostile text can cost. */
const DECLARATIONS_MAX = 2_000_000;
/** Reading a BigInt takes more than linear time. */
const DIGITS_MAX = 50_000;
/** What is said of a text whose tree is deeper than a walk may go. */
export const TOO_DEEP = 'the code is nested too deeply; split the expression or use functions';

/** What acorn's parser has besides its declared interface, as far as this file overrides it. */
interface ParserInternals {
  readonly input: string;
  readonly pos: number;
  readonly start: number;
  scopeStack: Scope[];
  raise(position: number, message: string): never;
  enterScope(flags: number): void;
  declareName(name: string, type: number, position: number): void;
  skipLineComment(markLength: number): void;
  parseLiteral(value: unknown): { value?: unknown };
  parseClassId(node: NamedClass, isStatement: boolean | 'nullableID'): void;
}
interface NamedClass {
  readonly id: { readonly name: string; readonly start: number } | null;
}
interface Scope {
  flags: number;
  var: NameList;
  lexical: NameList;
  functions: NameList;
}

/** Stands in for the arrays acorn keeps names in: looking one up takes the same time however many there are. */
class NameList {
  // Most scopes declare nothing, or one name.
  #first: string | undefined = undefined;
  #names: Set<string> | null = null;

  /** acorn asks for the first name of a catch clause's scope. */
  get 0(): string | undefined {
    return this.#first;
  }

  indexOf(name: string): number {
    return name === this.#first || this.#names?.has(name) ? 0 : -1;
  }

  push(name: string): void {
    if (this.#first === undefined) {
      this.#first = name;
      return;
    }
    this.#names ??= new Set();
    this.#names.add(name);
  }
}

const Base = Parser as unknown as {
  new (options: Options, input: string): ParserInternals & { parse(): Program };
};

/** acorn, held to what V8 will read inside an async function's braces, and bounded against hostile text. */
class MacroParser extends Base {
  #declarations = 0;

  constructor(options: Options, input: string) {
    super(options, input);
    // The body of an async function, and nothing else, is what the runner puts the text into.
    const top = this.scopeStack[0];
    if (top && options.sourceType === 'script') top.flags = ASYNC_FUNCTION_SCOPE;
  }

  override enterScope(flags: number): void {
    this.scopeStack.push({
      flags,
      var: new NameList(),
      lexical: new NameList(),
      functions: new NameList(),
    });
  }

  override declareName(name: string, type: number, position: number): void {
    this.#declarations = (this.#declarations ?? 0) + this.scopeStack.length;
    if (this.#declarations > DECLARATIONS_MAX)
      this.raise(position, 'this declares more names than a macro may');
    super.declareName(name, type, position);
  }

  override skipLineComment(markLength: number): void {
    // In the text's first line `-->` is an operator for V8, as the runner's own text stands before it.
    if (markLength === 3 && !/[\n\r\u2028\u2029]/.test(this.input.slice(0, this.pos)))
      this.raise(this.pos, '`-->` cannot stand in the first line; write `//` instead');
    super.skipLineComment(markLength);
  }

  override parseClassId(node: NamedClass, isStatement: boolean | 'nullableID'): void {
    super.parseClassId(node, isStatement);
    // Code of a class is strict, its name included; acorn looks at the body alone.
    if (node.id && /^(?:eval|arguments)$/.test(node.id.name))
      this.raise(node.id.start, `a class cannot be named \`${node.id.name}\``);
  }

  override parseLiteral(value: unknown): { value?: unknown } {
    const node = super.parseLiteral(value);
    // ESTree allows null here; the digits stay in `bigint`, and the tree stays plain JSON.
    if (typeof value === 'bigint') node.value = null;
    return node;
  }
}

/** Parses a macro. Never throws: what is wrong with the text comes back as its problem. */
export function parseMacro(text: string, language: 'js' | 'ts'): Parsed {
  // What starts a script in a shell is a comment in a function's body.
  const source = text.replace(/^#!/, '//');
  const before = checkText(source);
  if (before) return { form: 'body', code: source, ast: null, problem: before };
  if (language === 'js') return parseForms(source);
  const stripped = stripTypes(source);
  if (stripped.problem) {
    return { form: stripped.form, code: source, ast: null, problem: stripped.problem };
  }
  return parseForms(stripped.code);
}

/** What a parser would take too long over, or say unclearly. */
function checkText(source: string): SyntaxProblem | null {
  const digits = longDigits(source);
  if (digits !== null) {
    const message = `more than ${DIGITS_MAX} digits in a row; no macro needs such a number or name`;
    return { message, start: digits, end: digits + 1 };
  }
  return null;
}

const DIGIT = /[0-9a-fA-F_]/;

/** Where more digits stand in a row than a number may have; so long a row covers one of the places looked at. */
function longDigits(source: string): number | null {
  for (let at = DIGITS_MAX; at < source.length; at += DIGITS_MAX) {
    let from = at;
    while (from > at - DIGITS_MAX && DIGIT.test(source[from] ?? '')) from--;
    let to = at;
    while (to - from <= DIGITS_MAX && DIGIT.test(source[to] ?? '')) to++;
    if (to - from > DIGITS_MAX) return from + 1;
  }
  return null;
}

function parseForms(code: string): Parsed {
  const body = parseAs(code, OPTIONS);
  if (body.ast || !/\b(?:export|import)\b/.test(code)) return { form: 'body', code, ...body };
  const module = parseAs(code, MODULE_OPTIONS);
  if (!module.ast) {
    // Neither form fits: a text whose only fault as a body is its export or import meant to be a module.
    return MODULE_ONLY.test(body.problem?.message ?? '')
      ? { form: 'module', code, ...module }
      : { form: 'body', code, ...body };
  }
  const problem = moduleProblem(module.ast);
  return { form: 'module', code, ast: problem ? null : module.ast, problem };
}

const MODULE_ONLY = /^'import' and 'export' may|^Cannot use 'import\.meta'/;

/** A module must export its macro and may import nothing. */
function moduleProblem(ast: Program): SyntaxProblem | null {
  let hasDefault = false;
  for (const node of ast.body) {
    if (node.type === 'ImportDeclaration' || node.type === 'ExportAllDeclaration')
      return { message: NO_IMPORT, start: node.start, end: node.end };
    if (node.type === 'ExportNamedDeclaration' && node.source)
      return { message: NO_IMPORT, start: node.start, end: node.end };
    if (node.type === 'ExportDefaultDeclaration') hasDefault = true;
    if (node.type === 'ExportNamedDeclaration')
      hasDefault ||= node.specifiers.some(
        ({ exported }) =>
          (exported.type === 'Identifier' ? exported.name : exported.value) === 'default',
      );
  }
  if (hasDefault) return null;
  const message =
    'this module exports no macro; write `export default async (macro) => { … }`, or leave out every `export`';
  const first = ast.body.find((node) => node.type.startsWith('Export')) ?? ast;
  return { message, start: first.start, end: Math.min(first.end, first.start + 6) };
}

/** What is said of every kind of import. */
export const NO_IMPORT =
  'a macro cannot import; everything it may use is there already, and other macros are called with `macros.call(name)`';

function parseAs(
  code: string,
  options: Options,
): { ast: Program | null; problem: SyntaxProblem | null } {
  let parser: MacroParser | null = null;
  try {
    parser = new MacroParser(options, code);
    return { ast: parser.parse(), problem: null };
  } catch (error) {
    return { ast: null, problem: toProblem(error, code, parser) };
  }
}

function toProblem(error: unknown, code: string, parser: MacroParser | null): SyntaxProblem {
  if (error instanceof SyntaxError && 'pos' in error && typeof error.pos === 'number') {
    const message = error.message.replace(/ \(\d+:\d+\)$/, '');
    const start = Math.min(error.pos, code.length);
    if (message.startsWith('Not enough stack space'))
      return { message: TOO_DEEP, start, end: start + 1 };
    return { message: toSentence(message, code, start), start, end: tokenEnd(code, start) };
  }
  const start = Math.min(parser?.start ?? 0, code.length);
  const message =
    error instanceof RangeError
      ? TOO_DEEP
      : `this cannot be parsed: ${String(error).slice(0, 200)}`;
  return { message, start, end: start + 1 };
}

/** acorn's words, with what stands there where acorn does not say it. */
function toSentence(message: string, code: string, at: number): string {
  if (message !== 'Unexpected token') return message;
  if (at >= code.length) return 'the text ends too early: a bracket, brace or quote is still open';
  return `unexpected \`${code.slice(at, tokenEnd(code, at))}\``;
}

function tokenEnd(code: string, start: number): number {
  const word = /[\w$]{1,40}/y;
  word.lastIndex = start;
  const match = word.exec(code);
  return match ? word.lastIndex : Math.min(code.length, start + 1);
}
