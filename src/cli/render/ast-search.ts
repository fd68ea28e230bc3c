// Owns finding nodes of a dump's syntax tree: by type, by line, or by a selector as eslint's rules use them.

import esquery from 'esquery';
import { cutText, type Line, piece } from '../../dumps/line.ts';
import type { CrashDump } from '../../model/dump.ts';
import { CorralError, toMessage } from '../../model/errors.ts';
import { safeText } from '../../model/safe-text.ts';
import { type AstNode, childrenOf, isNode, positionOf, toLineStarts } from './ast.ts';

/** What is looked for; all that is given must fit. */
export interface AstSearch {
  readonly types: readonly string[] | null;
  /** 1-based: nodes that begin on it. */
  readonly line: number | null;
  readonly query: string | null;
}

/** A node that was found, its place 1-based. */
export interface FoundNode {
  readonly type: string;
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
  readonly text: string;
}

const SHOWN_MAX = 500;
const TEXT_CHARS = 70;

/**
 * The nodes that fit, in source order.
 * @throws {CorralError} `bad-usage` for a selector that cannot be read, `bad-dump` where there is no tree
 */
export function searchAst(dump: CrashDump, search: AstSearch): FoundNode[] {
  if (!isNode(dump.ast)) {
    const why = dump.astOmitted ?? 'its source does not parse';
    throw new CorralError('bad-dump', `This crash dump has no syntax tree: ${safeText(why)}.`);
  }
  const starts = toLineStarts(dump.source);
  const { query } = search;
  const nodes = query === null ? allNodes(dump.ast) : queried(dump.ast, query);
  return nodes
    .map((node) => toFound(node, dump.source, starts))
    .filter(
      ({ type, line }) =>
        (search.types === null || search.types.includes(type)) &&
        (search.line === null || search.line === line),
    );
}

/** The nodes on a terminal: where, what, and how its text begins. */
export function foundLines(found: readonly FoundNode[]): Line[] {
  if (found.length === 0) return [[piece('no node of the tree fits', 'dim')]];
  const shown = found.slice(0, SHOWN_MAX);
  const width = Math.max(...shown.map(({ type }) => type.length));
  const lines = shown.map((node): Line => {
    const [first = ''] = node.text.split(/[\n\r\u2028\u2029]/, 1);
    return [
      piece(`${node.line}:${node.column}`.padEnd(9), 'dim'),
      piece(safeText(node.type, { charsMax: 40 }).padEnd(Math.min(width, 40)), 'name'),
      piece(`  ${safeText(cutText(first.replaceAll('\t', '  '), TEXT_CHARS))}`),
      piece(first.length < node.text.length ? ' …' : '', 'dim'),
    ];
  });
  const more = found.length - shown.length;
  return [
    ...lines,
    [
      piece(
        `${found.length} ${found.length === 1 ? 'node' : 'nodes'}${more > 0 ? `, the first ${SHOWN_MAX} shown` : ''}`,
        'dim',
      ),
    ],
  ];
}

function queried(ast: AstNode, query: string): AstNode[] {
  let selector: esquery.Selector;
  try {
    selector = esquery.parse(query);
  } catch (error) {
    throw new CorralError(
      'bad-usage',
      `Cannot read the selector ${JSON.stringify(query)}: ${toMessage(error)} Write for example --query 'CallExpression[callee.name="sleep"]'.`,
      { cause: error },
    );
  }
  try {
    const keysOf = (node: object) =>
      Object.entries(node).flatMap(([name, value]) =>
        isNode(value) || (Array.isArray(value) && value.some(isNode)) ? [name] : [],
      );
    const options = { fallback: keysOf } as esquery.ESQueryOptions;
    return esquery.match(ast as never, selector, options) as never;
  } catch (error) {
    throw new CorralError(
      'bad-dump',
      `The syntax tree of this crash dump cannot be searched: ${toMessage(error)}.`,
      { cause: error },
    );
  }
}

/** Every node; without recursion, for a tree from elsewhere may be very deep. */
function allNodes(ast: AstNode): AstNode[] {
  const found: AstNode[] = [];
  const open = [ast];
  for (let node = open.pop(); node; node = open.pop()) {
    found.push(node);
    for (const [, child] of childrenOf(node).reverse()) open.push(child);
  }
  return found;
}

function toFound(node: AstNode, source: string, starts: readonly number[]): FoundNode {
  const { line, column } = positionOf(node.start, starts);
  const end = positionOf(node.end, starts);
  return {
    type: node.type,
    line,
    column,
    endLine: end.line,
    endColumn: end.column,
    text: source.slice(node.start, node.end),
  };
}
