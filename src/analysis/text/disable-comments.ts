// Owns `corral-disable…` comments: finding them, and saying which findings they silence. What they silence is not shown by
// lint; admission never asks, so a macro cannot silence its own guard.

import type { AnyNode, Program } from 'acorn';
import type { Finding } from '../../model/report.ts';
import { eachChild } from '../facts/tree.ts';
import { Lines } from './lines.ts';

/** One rule a comment silences, and where. */
export interface Disable {
  /** As written: a rule's id, or `pattern:` and a pattern's. */
  readonly rule: string;
  /** Why, in the author's words; null when not said. */
  readonly reason: string | null;
  /** Where the rule is named: offsets into the source. */
  readonly start: number;
  readonly end: number;
  /** The lines whose findings are silenced, 1-based; the last one included, Infinity for the rest of the text. */
  readonly firstLine: number;
  readonly lastLine: number;
  /** What may be cut out to take the comment away: offsets; null where it names other rules too, or stands inside code. */
  readonly cut: { readonly start: number; readonly end: number } | null;
}

/** What the comments of a text say. */
export interface Disables {
  readonly list: readonly Disable[];
  /** Comments that name no rule: offsets. */
  readonly nameless: readonly { readonly start: number; readonly end: number }[];
}

/** A finding that a comment silences. */
export interface Suppressed {
  readonly finding: Finding;
  readonly disable: Disable;
}

const MARK = 'corral-disable';
/** More rules named than this in one text are not read. */
const NAMED_MAX = 500;
/** Nor more comments. */
const COMMENTS_MAX = 2000;
const NAME_CHARS_MAX = 100;
/** Of a longer comment the rest is not read. */
const TEXT_CHARS_MAX = 10_000;
const REASON_CHARS_MAX = 500;
const NONE: Disables = { list: [], nameless: [] };
const DIRECTIVE = /corral-(disable-next-line|disable-line|disable|enable)(?![\w-])/g;
const BREAK = /[\n\r\u2028\u2029]/;
const LINE_END = /[\n\r\u2028\u2029]/g;

interface Comment {
  readonly kind: string;
  readonly start: number;
  /** Where what follows the directive's word begins and ends. */
  readonly textStart: number;
  readonly end: number;
}

/**
 * Reads the comments.
 * @param code the text, its types taken out; every offset as in the source
 * @param program its tree, which tells comments from strings; null when it does not parse
 */
export function readDisables(code: string, program: Program | null): Disables {
  // Most texts have none, and must not pay for it.
  if (!code.includes(MARK)) return NONE;
  const lines = new Lines(code);
  const list: Disable[] = [];
  const nameless: { start: number; end: number }[] = [];
  const open: number[] = [];
  for (const comment of commentsIn(code, program)) {
    const { names, reason } = readText(code, comment);
    const line = lines.at(comment.start).line;
    if (comment.kind === 'enable') {
      closeOpen(list, open, names, line);
      continue;
    }
    if (names.length === 0) nameless.push({ start: comment.start, end: comment.end });
    const [firstLine, lastLine] = linesOf(comment, code, lines);
    const cut = names.length === 1 ? cutOf(comment, code, lines) : null;
    for (const name of names) {
      if (list.length >= NAMED_MAX) break;
      if (comment.kind === 'disable') open.push(list.length);
      list.push({ ...name, reason, firstLine, lastLine, cut });
    }
  }
  return { list, nameless };
}

/** `corral-enable` ends what is open of the rules it names, or of all. */
function closeOpen(
  list: Disable[],
  open: number[],
  names: readonly { readonly rule: string }[],
  line: number,
): void {
  const rules = new Set(names.map(({ rule }) => rule));
  for (const index of open) {
    const disable = list[index] as Disable;
    const isMeant = rules.size === 0 || rules.has(disable.rule);
    if (isMeant && disable.lastLine === Number.POSITIVE_INFINITY)
      list[index] = { ...disable, lastLine: line };
  }
  if (rules.size === 0) open.length = 0;
}

function linesOf({ kind, start, end }: Comment, code: string, lines: Lines): [number, number] {
  const own = lines.at(start).line;
  if (kind === 'disable') return [own, Number.POSITIVE_INFINITY];
  if (kind === 'disable-line') return [own, lines.at(end).line];
  // Blank lines and further comments of this kind stand between it and what it means.
  let line = lines.at(end).line + 1;
  const { starts } = lines;
  for (let tries = 0; tries < NAMED_MAX && line < starts.length; tries++) {
    const text = code.slice(
      starts[line - 1],
      Math.min(starts[line] ?? 0, (starts[line - 1] ?? 0) + 200),
    );
    if (text.trim() !== '' && !/^\s*\/[/*]\s*corral-disable-next-line/.test(text)) break;
    line++;
  }
  return [line, line];
}

/** A comment that has its lines for itself goes with them; one behind code goes with the blanks before it. */
function cutOf({ start, end }: Comment, code: string, lines: Lines): Disable['cut'] {
  const first = lines.starts[lines.at(start).line - 1] ?? 0;
  const next = lines.starts[lines.at(end).line] ?? code.length;
  if (code.slice(end, next).trim() !== '') return null;
  const before = code.slice(first, start);
  if (before.trim() === '') return { start: first, end: next };
  return { start: first + before.trimEnd().length, end };
}

/** The comments that begin with a directive, in order. */
function commentsIn(code: string, program: Program | null): Comment[] {
  const literals = program ? literalsOf(program) : [];
  const comments: Comment[] = [];
  let literal = 0;
  let free = 0;
  for (const match of code.matchAll(DIRECTIVE)) {
    if (comments.length >= COMMENTS_MAX) break;
    const at = match.index;
    while (literal < literals.length && (literals[literal]?.end ?? 0) <= at) literal++;
    if ((literals[literal]?.start ?? Number.POSITIVE_INFINITY) <= at) continue;
    const start = commentStart(code, at);
    // What stands inside a comment that was read is part of its text.
    if (start === null || start < free) continue;
    const end = commentEnd(code, start);
    free = end;
    comments.push({ kind: match[1] as string, start, textStart: at + match[0].length, end });
  }
  return comments;
}

/** Where the comment begins whose first word stands at `at`; null when there is none. */
function commentStart(code: string, at: number): number | null {
  let before = at;
  // In `/* … */` a line break and a star of its own may stand in front.
  while (before > 0 && at - before < 100 && /[\s*]/.test(code[before - 1] ?? '')) before--;
  const isOneLine = !BREAK.test(code.slice(before, at));
  if (code.startsWith('//', before - 2)) return isOneLine ? before - 2 : null;
  // The stars of `/*` were skipped with the blanks.
  if (code[before - 1] === '/' && code[before] === '*') return before - 1;
  return null;
}

function commentEnd(code: string, start: number): number {
  if (code.startsWith('/*', start)) {
    const end = code.indexOf('*/', start + 2);
    return end < 0 ? code.length : end + 2;
  }
  LINE_END.lastIndex = start;
  return LINE_END.exec(code)?.index ?? code.length;
}

/** The names and the reason: `rule, rule -- reason`. */
function readText(code: string, { start, textStart, end }: Comment) {
  const isBlock = code.startsWith('/*', start);
  const textEnd = isBlock ? Math.max(textStart, end - 2) : end;
  const text = code.slice(textStart, Math.min(textEnd, textStart + TEXT_CHARS_MAX));
  const cut = /(?:^|\s)--+(?:\s|$)/.exec(text);
  const reason = cut ? text.slice(cut.index + cut[0].length).trim() : '';
  const list = cut ? text.slice(0, cut.index) : text;
  const names = [...list.matchAll(/[^\s,]+/g)].map((match) => ({
    rule: match[0].slice(0, NAME_CHARS_MAX),
    start: textStart + match.index,
    end: textStart + match.index + match[0].length,
  }));
  return { names, reason: reason === '' ? null : reason.slice(0, REASON_CHARS_MAX) };
}

/** Strings, templates and expressions in which something may look like a comment, in order. */
function literalsOf(program: Program): { start: number; end: number }[] {
  const found: { start: number; end: number }[] = [];
  const visit = (node: AnyNode): void => {
    if (node.type === 'Literal') found.push(node);
    // Of a template only its texts: in `${…}` a comment is a comment.
    if (node.type === 'TemplateLiteral') found.push(...node.quasis);
    eachChild(node, visit);
  };
  visit(program);
  return found.sort((a, b) => a.start - b.start);
}

/** Splits findings into those told and those silenced. */
export function applyDisables(
  findings: readonly Finding[],
  { list }: Disables,
): { readonly told: readonly Finding[]; readonly suppressed: readonly Suppressed[] } {
  if (list.length === 0) return { told: findings, suppressed: [] };
  const told: Finding[] = [];
  const suppressed: Suppressed[] = [];
  for (const finding of findings) {
    const disable = list.find((each) => silences(each, finding));
    if (disable) suppressed.push({ finding, disable });
    else told.push(finding);
  }
  return { told, suppressed };
}

/** True when a finding is one of those a comment means. */
export function silences({ rule, firstLine, lastLine }: Disable, finding: Finding): boolean {
  return finding.rule === rule && finding.line >= firstLine && finding.line <= lastLine;
}
