// Owns the grammar of an `@input` line: one or several `name[?]:type[=default]`, then words of description.

import { INPUT_TYPES, type InputDeclaration, type InputType } from '../../model/header.ts';

/** What one `@input` line says. */
export interface InputLine {
  readonly inputs: readonly InputDeclaration[];
  /** What is wrong, with where in the line (0-based), or null. */
  readonly problem: { readonly message: string; readonly from: number; readonly to: number } | null;
}

const DECLARATION = /([A-Za-z_$][\w$]{0,63})(\?)?:([A-Za-z]*)(=?)/y;
const QUOTED = /"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'/y;
const WORD = /\S*/y;

/** Reads the text after `@input`. Never throws. */
export function readInputLine(text: string): InputLine {
  const inputs: InputDeclaration[] = [];
  let at = skipBlanks(text, 0);
  while (at < text.length) {
    DECLARATION.lastIndex = at;
    const match = DECLARATION.exec(text);
    if (!match) break;
    const typeName = match[3] ?? '';
    const stop = DECLARATION.lastIndex;
    const problem = (message: string, to: number): InputLine => ({
      inputs: [],
      problem: { message, from: at, to },
    });
    if (!isInputType(typeName)) {
      return problem(
        `\`@input ${match[0]}\` has no known type; the types are ${INPUT_TYPES.join(', ')}`,
        stop,
      );
    }
    const hasDefault = match[4] === '=';
    const taken = hasDefault ? takeDefault(text, stop, typeName) : { raw: '', end: stop };
    const declaration = text.slice(at, taken.end);
    const defaultValue = hasDefault ? toDefault(taken.raw, typeName) : undefined;
    if (hasDefault && defaultValue === undefined) {
      return problem(`\`@input ${declaration}\`: ${WRONG_DEFAULT[typeName]}`, taken.end);
    }
    if (taken.end < text.length && !/\s/.test(text[taken.end] ?? '')) {
      return problem(`\`@input ${declaration}\` needs a blank after it`, taken.end + 1);
    }
    inputs.push({
      name: match[1] ?? '',
      type: typeName,
      optional: match[2] === '?' || hasDefault,
      ...(hasDefault ? { defaultValue } : {}),
      description: '',
    });
    at = skipBlanks(text, taken.end);
  }
  if (inputs.length === 0) {
    const message = `\`@input ${text.trim().slice(0, 60)}\` is not a declaration; write for example \`@input rounds:number=3\``;
    return { inputs, problem: { message, from: 0, to: Math.max(1, text.length) } };
  }
  const description = text.slice(at).trim();
  return { inputs: inputs.map((input) => ({ ...input, description })), problem: null };
}

const WRONG_DEFAULT: Record<InputType, string> = {
  string: 'a quote is not closed; write for example who:string="bob the guard"',
  number: 'the default is not a number; write for example rounds:number=3',
  integer: 'the default is not a whole number; write for example rounds:integer=3',
  boolean: 'the default is neither true nor false; write for example loud:boolean=true',
  json: 'the default is not JSON; write for example where:json={"x":1}',
};

function isInputType(name: string): name is InputType {
  return (INPUT_TYPES as readonly string[]).includes(name);
}

function skipBlanks(text: string, from: number): number {
  let at = from;
  while (at < text.length && /\s/.test(text[at] ?? '')) at += 1;
  return at;
}

function takeDefault(text: string, from: number, type: InputType): { raw: string; end: number } {
  if (type === 'json') {
    const end = jsonEnd(text, from);
    return { raw: text.slice(from, end), end };
  }
  QUOTED.lastIndex = from;
  const quoted = QUOTED.exec(text);
  if (quoted) {
    const raw = (quoted[1] ?? quoted[2] ?? '').replace(/\\(.)/g, '$1');
    return { raw: type === 'string' ? `=${raw}` : raw, end: QUOTED.lastIndex };
  }
  WORD.lastIndex = from;
  const word = WORD.exec(text)?.[0] ?? '';
  return { raw: type === 'string' ? unquoted(word) : word, end: from + word.length };
}

/** Marks a usable string with `=`, so that '' can mean "not closed" and an empty string stays a value. */
function unquoted(word: string): string {
  return word.startsWith('"') || word.startsWith("'") ? '' : `=${word}`;
}

function toDefault(raw: string, type: InputType): unknown {
  switch (type) {
    case 'string':
      return raw.startsWith('=') ? raw.slice(1) : undefined;
    case 'number':
    case 'integer': {
      const value = raw.trim() === '' ? Number.NaN : Number(raw);
      const fits = type === 'integer' ? Number.isSafeInteger(value) : Number.isFinite(value);
      return fits ? value : undefined;
    }
    case 'boolean':
      return raw === 'true' ? true : raw === 'false' ? false : undefined;
    case 'json':
      return parseJson(raw);
  }
}

function parseJson(raw: string): unknown {
  try {
    return JSON.parse(raw);
  } catch {
    return undefined;
  }
}

/** The end of a JSON value: brackets balanced and strings respected, else the end of the word. */
function jsonEnd(text: string, from: number): number {
  let depth = 0;
  let inString = false;
  for (let at = from; at < text.length; at++) {
    const char = text[at] ?? '';
    if (inString) {
      if (char === '\\') at += 1;
      else if (char === '"') inString = false;
    } else if (char === '"') inString = true;
    else if (char === '{' || char === '[') depth += 1;
    else if (char === '}' || char === ']') depth -= 1;
    else if (depth <= 0 && /\s/.test(char)) return at;
  }
  return text.length;
}
