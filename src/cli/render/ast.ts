// Owns the syntax tree of a dump as a readable tree: one node a line, bounded in depth and length, the place of the end
// marked. The tree comes from a file and may be anything.

import { cutLine, cutText, type Line, type Piece, piece } from '../../dumps/line.ts';
import type { CrashDump } from '../../model/dump.ts';
import { safeText } from '../../model/safe-text.ts';

/** A tree longer than this is cut (lines). */
const LINES_MAX = 2000;
/** A tree deeper than this is not drawn further: drawing it is recursive. */
const LEVELS_MAX = 1000;
/** Nodes looked at, whatever the file holds. */
const NODES_MAX = 1_000_000;
const TEXT_MAX = 60;
const END_MARK = '  ◀ it ended here';

/** Properties that are no part of what a node says. */
const SILENT = new Set([
  'type',
  'start',
  'end',
  'loc',
  'range',
  'raw',
  'sourceType',
  'bigint',
  'regex',
]);

/** A node of a tree: of what is read from a file, only this much is sure. */
export interface AstNode {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [property: string]: unknown;
}

interface Walk {
  readonly lines: Line[];
  readonly lineStarts: readonly number[];
  readonly source: string;
  /** The nodes around the place of the end, outermost first; they are shown however deep they lie. */
  readonly path: ReadonlySet<AstNode>;
  readonly end: AstNode | null;
  readonly depth: number;
  readonly widest: number;
  left: number;
}

/**
 * The syntax tree in lines; `depth` is how many levels are opened besides those that lead to the place of the end. What is
 * wider than `widest` is cut, but for the mark of the end.
 */
export function astLines(
  dump: CrashDump,
  depth: number,
  widest = Number.POSITIVE_INFINITY,
): Line[] {
  if (!isNode(dump.ast)) {
    const why = dump.astOmitted ? safeText(dump.astOmitted) : 'the source could not be parsed';
    return [[piece(`no syntax tree: ${why}`, 'dim')]];
  }
  const lineStarts = toLineStarts(dump.source);
  const path = pathToEnd(dump.ast, dump, lineStarts);
  const walk: Walk = {
    lines: [],
    lineStarts,
    source: dump.source,
    path: new Set(path),
    end: path.at(-1) ?? null,
    depth,
    widest,
    left: NODES_MAX,
  };
  draw(dump.ast, '', walk, { level: 0, lead: '', isLast: true });
  if (walk.lines.length >= LINES_MAX)
    walk.lines.push([
      piece(`… cut after ${LINES_MAX} lines; open fewer levels with --depth`, 'dim'),
    ]);
  return walk.lines;
}

function draw(
  node: AstNode,
  name: string,
  walk: Walk,
  at: { readonly level: number; readonly lead: string; readonly isLast: boolean },
): void {
  if (walk.lines.length >= LINES_MAX) return;
  const children = childrenOf(node);
  // Beyond the depth only the way to the end is opened; what stands beside it is shown closed.
  const isOnWay = walk.path.has(node) && node !== walk.end;
  const isOpen = at.level < LEVELS_MAX && (at.level < walk.depth || isOnWay);
  const branch = at.level === 0 ? '' : at.isLast ? '└─ ' : '├─ ';
  const hidden = isOpen || children.length === 0 ? 0 : countNodes(node, walk);
  const mark = node === walk.end ? END_MARK : '';
  const said = [
    piece(at.lead + branch, 'dim'),
    ...nodePieces(node, name, walk),
    piece(hidden > 0 ? `  … ${hidden} more inside` : '', 'dim'),
  ];
  walk.lines.push([...cutLine(said, walk.widest - mark.length), piece(mark, 'bad')]);
  if (!isOpen) return;
  const lead = at.lead + (at.level === 0 ? '' : at.isLast ? '   ' : '│  ');
  children.forEach(([childName, child], index) => {
    draw(child, childName, walk, {
      level: at.level + 1,
      lead,
      isLast: index === children.length - 1,
    });
  });
}

function nodePieces(node: AstNode, name: string, walk: Walk): Piece[] {
  const { line, column } = positionOf(node.start, walk.lineStarts);
  return [
    piece(name === '' ? '' : `${name}: `, 'dim'),
    piece(safeText(node.type, { charsMax: 40 }), 'name'),
    piece(`  ${detailOf(node, walk.source)}`.trimEnd()),
    piece(`  ${line}:${column}`, 'dim'),
  ];
}

/** What a node says about itself: a name, a value, an operator. */
function detailOf(node: AstNode, source: string): string {
  if (node.type === 'Literal') return shown(source.slice(node.start, node.end));
  const words: string[] = [];
  for (const [name, value] of Object.entries(node)) {
    if (SILENT.has(name)) continue;
    if (typeof value === 'string') words.push(shown(value));
    else if (value === true) words.push(shown(name));
    else if (node.type === 'TemplateElement' && typeof value === 'object')
      words.push(shown(JSON.stringify(source.slice(node.start, node.end))));
  }
  return cutText(words.join(' '), TEXT_MAX);
}

function shown(text: string): string {
  return safeText(cutText(text, TEXT_MAX));
}

/** Child nodes by the name of their property, in source order as acorn writes them. */
export function childrenOf(node: AstNode): [string, AstNode][] {
  const children: [string, AstNode][] = [];
  for (const [name, value] of Object.entries(node)) {
    if (isNode(value)) children.push([shown(name), value]);
    if (!Array.isArray(value)) continue;
    value.forEach((item: unknown, index) => {
      if (isNode(item)) children.push([`${shown(name)}[${index}]`, item]);
    });
  }
  return children;
}

/** True for what looks like a node. */
export function isNode(value: unknown): value is AstNode {
  if (typeof value !== 'object' || value === null) return false;
  const { type, start, end } = value as Partial<AstNode>;
  return typeof type === 'string' && typeof start === 'number' && typeof end === 'number';
}

/** Nodes inside a node; without recursion, for a tree from elsewhere may be very deep. */
function countNodes(node: AstNode, walk: Walk): number {
  const open = [node];
  let count = -1;
  for (let next = open.pop(); next && walk.left > 0; next = open.pop()) {
    count += 1;
    walk.left -= 1;
    for (const [, child] of childrenOf(next)) open.push(child);
  }
  return count;
}

/** From the program to the innermost node that starts at the place of the end, or else lies around it. */
function pathToEnd(
  program: AstNode,
  { place, macro }: CrashDump,
  starts: readonly number[],
): AstNode[] {
  if (!place || place.file !== macro.file) return [];
  const lineStart = starts[place.line - 1];
  if (lineStart === undefined) return [];
  const lineEnd = (starts[place.line] ?? Number.POSITIVE_INFINITY) - 1;
  const isInside = ({ start, end }: AstNode, offset: number) => start <= offset && offset < end;
  const path = [program];
  for (let node: AstNode | undefined = program; node; ) {
    const children: AstNode[] = childrenOf(node).map(([, child]) => child);
    node =
      place.column === null
        ? // Only the line is known: the outermost statement that begins on it ends the way.
          children.find(({ start, end }) => end > lineStart && start < lineEnd)
        : children.find((child) => isInside(child, lineStart + (place.column ?? 1) - 1));
    if (node) path.push(node);
    if (node && place.column === null && node.start >= lineStart) break;
  }
  return path;
}

/** The offsets at which the lines of a text begin. */
export function toLineStarts(source: string): number[] {
  return [0, ...[...source.matchAll(/\r\n|[\n\r\u2028\u2029]/g)].map((m) => m.index + m[0].length)];
}

/** The place of an offset, 1-based. */
export function positionOf(
  offset: number,
  starts: readonly number[],
): { line: number; column: number } {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return { line: low + 1, column: offset - (starts[low] ?? 0) + 1 };
}
