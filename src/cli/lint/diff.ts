// Owns what changed in a text as a unified diff, from the edits that were made.

import { Lines } from '../../analysis/text/lines.ts';
import { safeText } from '../../model/safe-text.ts';
import type { Edit } from './fix.ts';

/** One line of a diff. */
export interface DiffLine {
  readonly kind: 'file' | 'hunk' | 'same' | 'gone' | 'new';
  readonly text: string;
}

interface Change {
  /** 1-based lines of the text as it was, the last one included. */
  readonly first: number;
  readonly last: number;
  readonly lines: readonly string[];
}

const CONTEXT = 3;

/** The diff of a text and its edits, in their order; nothing for none. */
export function toDiff(file: string, source: string, edits: readonly Edit[]): DiffLine[] {
  if (edits.length === 0) return [];
  const lines = new Lines(source);
  const name = safeText(file);
  const hunks = toHunks(toChanges(source, lines, edits));
  let shift = 0;
  const body = hunks.flatMap((hunk) => {
    const shown = hunkLines(hunk, source, lines, shift);
    shift += hunk.reduce(
      (sum, { first, last, lines: now }) => sum + now.length - (last - first + 1),
      0,
    );
    return shown;
  });
  return [{ kind: 'file', text: `--- ${name}` }, { kind: 'file', text: `+++ ${name}` }, ...body];
}

/** Edits whose lines touch become one change of whole lines. */
function toChanges(source: string, lines: Lines, edits: readonly Edit[]): Change[] {
  const groups: Edit[][] = [];
  for (const edit of edits) {
    const last = groups.at(-1)?.at(-1);
    if (last && lines.at(last.end).line >= lines.at(edit.start).line) groups.at(-1)?.push(edit);
    else groups.push([edit]);
  }
  return groups.map((group) => {
    const first = lines.at(group[0]?.start ?? 0).line;
    const last = lines.at(group.at(-1)?.end ?? 0).line;
    let at = lines.starts[first - 1] ?? 0;
    let text = '';
    for (const edit of group) {
      text += source.slice(at, edit.start) + edit.text;
      at = edit.end;
    }
    text += source.slice(at, lines.starts[last] ?? source.length);
    const before = splitLines(source.slice(lines.starts[first - 1], lines.starts[last]));
    return withoutSame(first, before, splitLines(text));
  });
}

/** Leaves out the lines at both ends that are the same after as before. */
function withoutSame(first: number, before: readonly string[], after: readonly string[]): Change {
  const most = Math.min(before.length, after.length);
  let head = 0;
  while (head < most && before[head] === after[head]) head++;
  let tail = 0;
  while (tail < most - head && before.at(-1 - tail) === after.at(-1 - tail)) tail++;
  return {
    first: first + head,
    last: first + before.length - tail - 1,
    lines: after.slice(head, after.length - tail),
  };
}

function toHunks(changes: readonly Change[]): Change[][] {
  const hunks: Change[][] = [];
  for (const change of changes) {
    const before = hunks.at(-1)?.at(-1);
    if (before && change.first - before.last <= 2 * CONTEXT) hunks.at(-1)?.push(change);
    else hunks.push([change]);
  }
  return hunks;
}

function hunkLines(
  hunk: readonly Change[],
  source: string,
  lines: Lines,
  shift: number,
): DiffLine[] {
  const count = splitLines(source).length;
  const first = Math.max(1, (hunk[0]?.first ?? 1) - CONTEXT);
  const last = Math.min(count, (hunk.at(-1)?.last ?? 1) + CONTEXT);
  const textOf = (line: number) =>
    source.slice(lines.starts[line - 1], lines.starts[line] ?? source.length);
  const body: DiffLine[] = [];
  const add = (kind: DiffLine['kind'], text: string) =>
    body.push({
      kind,
      text: `${{ same: ' ', gone: '-', new: '+', file: '', hunk: '' }[kind]}${shown(text)}`,
    });
  let at = first;
  for (const change of hunk) {
    for (; at < change.first; at++) add('same', textOf(at));
    for (; at <= change.last; at++) add('gone', textOf(at));
    for (const text of change.lines) add('new', text);
  }
  for (; at <= last; at++) add('same', textOf(at));
  const many = (kind: 'gone' | 'new') =>
    body.filter((line) => line.kind === 'same' || line.kind === kind).length;
  const head = `@@ -${first},${many('gone')} +${first + shift},${many('new')} @@`;
  return [{ kind: 'hunk', text: head }, ...body];
}

function splitLines(text: string): string[] {
  const lines = text.split(/(?<=\r\n|[\n\u2028\u2029]|\r(?!\n))/);
  return lines.at(-1) === '' ? lines.slice(0, -1) : lines;
}

function shown(text: string): string {
  return safeText(text.replace(/[\r\n\u2028\u2029]+$/, '').replaceAll('\t', '  '));
}
