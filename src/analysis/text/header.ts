// Owns reading the `==Macro==` comment block at the top of a source; runs nothing, throws nothing, stops at the first code.

import { toMessage } from '../../model/errors.ts';
import type { Header, HeaderProblem, InputDeclaration } from '../../model/header.ts';
import { type LimitName, parseLimit } from '../../model/limits.ts';
import { readInputLine } from './input-line.ts';
import { mistakenTag } from './mistaken-tag.ts';

const MARK = '==Macro==';
/** More lines than this in a block are not a header. */
const LINES_MAX = 500;
const LINE_CHARS_MAX = 2000;
const RETRY_MAX = 10;
const GRANT = /^[a-z][A-Za-z0-9]{0,31}(?:\.[a-z][A-Za-z0-9]{0,31})?$/;
const TAG_LINE = /^([ \t]*\/\/[ \t]*)@(\S*)/;

const EMPTY: Header = Object.freeze({
  present: false,
  name: '',
  description: '',
  version: '',
  grants: null,
  limits: {},
  inputs: null,
  retry: 0,
  retryFailed: false,
  other: {},
  problems: [],
});

interface Draft {
  readonly texts: { name: string; description: string; version: string };
  readonly seen: Set<string>;
  grants: string[] | null;
  readonly limits: Partial<Record<LimitName, number>>;
  inputs: InputDeclaration[] | null;
  retry: number;
  retryFailed: boolean;
  readonly other: Record<string, string>;
  readonly problems: HeaderProblem[];
}

/** One tag as it stands in its line; columns are 0-based offsets into the line. */
interface Tag {
  readonly name: string;
  readonly value: string;
  readonly line: number;
  readonly tagAt: number;
  readonly valueAt: number;
}

/** Reads a macro's header. Never throws; whatever is wrong becomes a problem of the header. */
export function readHeader(source: string): Header {
  if (!source.includes(MARK)) return EMPTY;
  const lines = topLines(source);
  const open = lines.findIndex((line) => /^[ \t]*\/\/[ \t]*==Macro==[ \t]*$/.test(line.text));
  if (open < 0) return misplaced(source);
  const draft: Draft = {
    texts: { name: '', description: '', version: '' },
    seen: new Set(),
    grants: null,
    limits: {},
    inputs: null,
    retry: 0,
    retryFailed: false,
    other: {},
    problems: [],
  };
  let closed = false;
  for (const { text, line } of lines.slice(open + 1, open + 1 + LINES_MAX)) {
    if (/^[ \t]*\/\/[ \t]*==\/Macro==[ \t]*$/.test(text)) {
      closed = true;
      break;
    }
    readLine(draft, text, line);
  }
  if (!closed) {
    const line = lines[open]?.line ?? 1;
    problem(
      draft,
      line,
      0,
      lines[open]?.text.length ?? 1,
      'the header is not closed; end it with `// ==/Macro==` before the first code',
    );
  }
  return {
    present: true,
    ...draft.texts,
    grants: draft.grants,
    limits: draft.limits,
    inputs: draft.inputs,
    retry: draft.retry,
    retryFailed: draft.retryFailed,
    other: draft.other,
    problems: draft.problems,
  };
}

/** The blank and comment lines before the first code; block comments count as blank. */
function topLines(source: string): { text: string; line: number }[] {
  const lines: { text: string; line: number }[] = [];
  let inBlock = false;
  let line = 0;
  let at = 0;
  while (at < source.length && lines.length < 2 * LINES_MAX) {
    const end = lineEnd(source, at);
    const text = source.slice(at, end).replace(/^\ufeff/, '');
    at = end + (source.startsWith('\r\n', end) ? 2 : 1);
    line += 1;
    const trimmed = text.trim();
    if (inBlock) {
      const close = text.indexOf('*/');
      if (close < 0) continue;
      inBlock = false;
      if (text.slice(close + 2).trim() !== '') break;
    } else if (trimmed.startsWith('/*')) {
      const close = text.indexOf('*/', text.indexOf('/*') + 2);
      inBlock = close < 0;
      if (!inBlock && text.slice(close + 2).trim() !== '') break;
    } else if (trimmed.startsWith('//') || (trimmed.startsWith('#!') && line === 1)) {
      lines.push({ text: text.slice(0, LINE_CHARS_MAX), line });
    } else if (trimmed !== '') break;
  }
  return lines;
}

function lineEnd(source: string, from: number): number {
  for (let at = from; at < source.length; at++) {
    const code = source.charCodeAt(at);
    if (code === 10 || code === 13 || code === 0x2028 || code === 0x2029) return at;
  }
  return source.length;
}

function misplaced(source: string): Header {
  const match = /^[ \t]*\/\/[ \t]*==Macro==[ \t]*$/m.exec(source);
  if (!match) return EMPTY;
  const line = source.slice(0, match.index).split(/\r\n|[\n\r\u2028\u2029]/).length;
  const message =
    'the header stands after the first code and is not read; move it to the top of the file';
  const place = { line, column: 1, endColumn: match[0].length + 1 };
  return { ...EMPTY, problems: [{ ...place, message, level: 'warning' }] };
}

function problem(
  draft: Draft,
  line: number,
  from: number,
  to: number,
  message: string,
  level: HeaderProblem['level'] = 'error',
): void {
  const endColumn = Math.max(to, from + 1) + 1;
  draft.problems.push({ line, column: from + 1, endColumn, message, level });
}

function readLine(draft: Draft, text: string, line: number): void {
  const match = TAG_LINE.exec(text);
  if (!match) {
    const words = text.replace(/^[ \t]*\/\//, '').trim();
    if (words !== '') {
      problem(
        draft,
        line,
        text.indexOf('//'),
        text.trimEnd().length,
        `\`${words.slice(0, 60)}\` is not a tag; every line of a header starts with one, for example \`// @name patrol\``,
        'warning',
      );
    }
    return;
  }
  const tagAt = (match[1] ?? '').length;
  const rest = text.slice(match[0].length);
  const value = rest.trim();
  const tag: Tag = {
    name: match[2] ?? '',
    value,
    line,
    tagAt,
    valueAt: value === '' ? match[0].length : match[0].length + rest.indexOf(value),
  };
  const read = Object.hasOwn(TAGS, tag.name) ? TAGS[tag.name] : readOther;
  read?.(draft, tag);
}

const TAGS: Record<string, (draft: Draft, tag: Tag) => void> = {
  name: readText,
  description: readText,
  version: readText,
  grant: readGrant,
  limit: readLimits,
  input: readInput,
  retry: readRetry,
};

function wrong(draft: Draft, tag: Tag, message: string, level?: HeaderProblem['level']): void {
  problem(draft, tag.line, tag.tagAt, tag.valueAt + tag.value.length, message, level);
}

/** True when the tag was there before; the first one counts. */
function isRepeated(draft: Draft, tag: Tag): boolean {
  if (!draft.seen.has(tag.name)) {
    draft.seen.add(tag.name);
    return false;
  }
  wrong(draft, tag, `\`@${tag.name}\` stands twice; the first one counts, remove this`, 'warning');
  return true;
}

function readText(draft: Draft, tag: Tag): void {
  if (isRepeated(draft, tag)) return;
  if (tag.value === '') {
    const example = { name: 'patrol', version: '1.0.0' }[tag.name] ?? 'Walk the wall';
    wrong(
      draft,
      tag,
      `\`@${tag.name}\` says nothing; write for example \`@${tag.name} ${example}\``,
    );
    return;
  }
  draft.texts[tag.name as keyof Draft['texts']] = tag.value;
}

/** The words of a tag's value with where each stands in its line; commas separate too. */
function words(tag: Tag): { text: string; from: number; to: number }[] {
  return [...tag.value.matchAll(/[^\s,]+/g)].map((match) => {
    const from = tag.valueAt + match.index;
    return { text: match[0], from, to: from + match[0].length };
  });
}

function readGrant(draft: Draft, tag: Tag): void {
  draft.grants ??= [];
  for (const word of words(tag)) {
    if (!GRANT.test(word.text)) {
      const message = `\`@grant ${word.text}\` is neither a category nor a command; write for example \`@grant combat chat.say\``;
      problem(draft, tag.line, word.from, word.to, message);
    } else if (!draft.grants.includes(word.text)) draft.grants.push(word.text);
  }
}

function readLimits(draft: Draft, tag: Tag): void {
  const pairs = words(tag);
  if (pairs.length === 0)
    wrong(draft, tag, '`@limit` names no limit; write for example `@limit cpu=500ms heap=64mb`');
  for (const pair of pairs) {
    try {
      const { name, value } = parseLimit(pair.text);
      if (draft.limits[name] !== undefined) {
        const message = `\`@limit ${pair.text}\`: ${name} is limited twice; the lower one counts`;
        problem(draft, tag.line, pair.from, pair.to, message, 'warning');
      }
      draft.limits[name] = Math.min(value, draft.limits[name] ?? value);
    } catch (error) {
      const said = toMessage(error);
      const quoted = `\`${pair.text}\``;
      const message = said.startsWith(quoted)
        ? `\`@limit ${pair.text}\`${said.slice(quoted.length)}`
        : `\`@limit ${pair.text}\`: ${said}`;
      problem(draft, tag.line, pair.from, pair.to, message);
    }
  }
}

function readInput(draft: Draft, tag: Tag): void {
  draft.inputs ??= [];
  const read = readInputLine(tag.value);
  if (read.problem) {
    const { from, to, message } = read.problem;
    problem(draft, tag.line, tag.valueAt + from, tag.valueAt + to, message);
  }
  for (const input of read.inputs) {
    if (draft.inputs.some((known) => known.name === input.name))
      wrong(draft, tag, `\`@input ${input.name}\` is declared twice; give each its own name`);
    else draft.inputs.push(input);
  }
}

function readRetry(draft: Draft, tag: Tag): void {
  if (isRepeated(draft, tag)) return;
  const [first, second, third] = words(tag);
  const count = /^\d{1,3}$/.test(first?.text ?? '') ? Number(first?.text) : Number.NaN;
  if (!(count <= RETRY_MAX)) {
    const message = `\`@retry ${tag.value.slice(0, 40)}\` is not a whole number from 0 to ${RETRY_MAX}; write for example \`@retry 2\``;
    wrong(draft, tag, message);
    return;
  }
  const odd = second?.text === 'failed' ? third : second;
  if (odd) {
    const message = `\`${odd.text.slice(0, 40)}\` is nothing to retry for; write \`@retry ${count} failed\` to have it run again when it throws, or \`@retry ${count}\` for when it was lost`;
    problem(draft, tag.line, odd.from, odd.to, message);
    return;
  }
  draft.retry = count;
  draft.retryFailed = second !== undefined;
}

function readOther(draft: Draft, tag: Tag): void {
  if (!/^[A-Za-z][\w-]{0,63}$/.test(tag.name)) {
    wrong(
      draft,
      tag,
      `\`@${tag.name.slice(0, 40)}\` is not a tag's name; write for example \`@name patrol\``,
    );
    return;
  }
  const mistaken = mistakenTag(tag.name);
  if (mistaken !== null) wrong(draft, tag, mistaken, 'warning');
  if (!Object.hasOwn(draft.other, tag.name)) draft.other[tag.name] = tag.value;
}
