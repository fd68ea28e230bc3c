// Owns reading YAML that a person wrote: a text becomes plain data with the place of every key, or its faults with theirs.

import {
  type Document,
  isMap,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  visit,
  type YAMLParseError,
  type YAMLWarning,
} from 'yaml';
import { toMessage } from '../model/errors.ts';
import { safeText } from '../model/safe-text.ts';

/** A place in a text; both 1-based. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** What is wrong with a text as YAML. */
export interface YamlFault {
  /** Null when it is about the text as a whole. */
  readonly place: Place | null;
  readonly message: string;
}

/** A text that is well formed. */
export interface ReadYaml {
  /** Plain data; an empty text is null. */
  readonly data: unknown;
  /** True when a key or an item is there. */
  has(path: readonly PropertyKey[]): boolean;
  /** Where a key or an item stands, or the nearest thing around it that is there. */
  placeOf(path: readonly PropertyKey[]): Place;
}

interface Fault {
  readonly offset: number;
  readonly message: string;
}

/** A text nested deeper than this is not read by a parser, which would run out of stack. */
const DEPTH_MAX = 100;
/** So many faults are told of one text. */
const FAULTS_MAX = 20;

/**
 * Reads a text as YAML 1.2; never throws. Aliases and tags are refused.
 * @param what what the text is to its writer, for messages: `a pattern`
 */
export function readYaml(
  text: string,
  what: string,
): { readonly read: ReadYaml } | { readonly faults: readonly YamlFault[] } {
  const deep = deepLine(text);
  if (deep !== null) {
    const place = { line: deep, column: 1 };
    return { faults: [{ place, message: `is nested too deeply for ${what}` }] };
  }
  const lines = new LineCounter();
  const placeAt = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    // An empty text has no line to count.
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  try {
    const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
    const faults = faultsOf(document, text);
    if (faults.length > 0)
      return {
        faults: faults
          .slice(0, FAULTS_MAX)
          .map(({ offset, message }) => ({ place: placeAt(offset), message })),
      };
    return {
      read: {
        data: document.toJS({ maxAliasCount: 0 }),
        has: (path) => document.hasIn(path),
        placeOf: (path) => placeAt(offsetOf(document.contents, path)),
      },
    };
  } catch (error) {
    return {
      faults: [{ place: null, message: `cannot be read as YAML: ${shown(toMessage(error))}` }],
    };
  }
}

function shown(text: string): string {
  return safeText(text, { charsMax: 200 });
}

function faultsOf(document: Document.Parsed, text: string): Fault[] {
  const faults = [...document.errors, ...document.warnings].map((error) => ({
    offset: error.pos[0],
    message: toFault(error, text),
  }));
  return faults.length > 0 ? faults : refusedIn(document.contents);
}

/** What the parser finds wrong, in other words than those for who calls it. */
function toFault({ code, pos, message }: YAMLParseError | YAMLWarning, text: string): string {
  if (code === 'DUPLICATE_KEY') {
    const key = /^(?:"[^"]*"|'[^']*'|[^\s:]+)/.exec(text.slice(pos[0]))?.[0] ?? '';
    return `the key \`${shown(key)}\` stands twice; keep one of them`;
  }
  if (code === 'MULTIPLE_DOCS') return 'a second document begins (---); there can be only one';
  return `is no YAML: ${shown(message)}`;
}

/** The line where brackets or indents pass the depth allowed, else null. */
function deepLine(text: string): number | null {
  let depth = 0;
  let line = 1;
  for (const char of text) {
    if (char === '\n') line += 1;
    else if (char === '[' || char === '{') depth += 1;
    else if (char === ']' || char === '}') depth = Math.max(0, depth - 1);
    if (depth > DEPTH_MAX) return line;
  }
  const dashes = text.split('\n').findIndex((each) => /^\s*(?:[-?:] ?){100}/.test(each));
  return dashes < 0 ? null : dashes + 1;
}

/** The first alias or tag: a page needs neither, the one multiplies, and the other makes something else of a value. */
function refusedIn(contents: unknown): Fault[] {
  const faults: Fault[] = [];
  const refuse = ({ range }: Pick<Node, 'range'>, message: string) => {
    faults.push({ offset: range?.[0] ?? 0, message });
    return visit.BREAK;
  };
  visit(contents as Node, {
    Alias: (_, node) => refuse(node, 'has a YAML alias (*name); write the value out instead'),
    Value: (_, node) =>
      node.tag === undefined
        ? undefined
        : refuse(node, `has a YAML tag (${shown(node.tag)}); write the value without it`),
  });
  return faults;
}

/** Where a path stands: the key of its last part, or of the last part that is there. */
function offsetOf(contents: unknown, path: readonly PropertyKey[]): number {
  let node = contents as Node | null | undefined;
  let offset = node?.range?.[0] ?? 0;
  for (const part of path) {
    let next: Node | null | undefined;
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => keyText(key) === String(part)) as
        | Pair<Node, Node>
        | undefined;
      if (!pair) break;
      offset = pair.key.range?.[0] ?? offset;
      next = pair.value;
    } else if (isSeq(node)) {
      next = node.get(part, true) as Node | undefined;
      offset = next?.range?.[0] ?? offset;
    }
    if (!next) break;
    node = next;
  }
  return offset;
}

function keyText(key: unknown): string {
  return String((key as { value?: unknown } | null)?.value ?? key);
}
