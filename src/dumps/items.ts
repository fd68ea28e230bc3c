// Owns how one thing of a dump looks in one line: a variable, a frame, a command, a log line. Their text is made safe here.

import type { CrashDump } from '../model/dump.ts';
import { formatDuration } from '../model/limits.ts';
import { safeText } from '../model/safe-text.ts';
import { isSecretName, MASKED } from '../model/secret-name.ts';
import { cutText, type Line, type Piece, piece } from './line.ts';

/** Short text of a macro. */
export function short(text: string, charsMax = 100): string {
  return safeText(cutText(text, charsMax));
}

/** A value of a command, as short JSON; what has a name that sounds secret is masked. */
export function shortJson(value: unknown, charsMax = 60): string {
  try {
    return short(JSON.stringify(value, mask) ?? '', charsMax);
  } catch {
    // A dump from elsewhere may be nested deeper than JSON can be written.
    return '…';
  }
}

function mask(key: string, value: unknown): unknown {
  return isSecretName(key) ? MASKED : value;
}

/** ms since the start, right-aligned. */
export function at(ms: number): Piece {
  return piece(`${formatDuration(ms).padStart(7)}  `, 'dim');
}

/** A variable and what it held; a masked one stays masked. */
export function variableLine({
  name,
  type,
  preview,
  size,
}: CrashDump['stack'][number]['locals'][number]): Line {
  const value =
    preview === ''
      ? piece('(not read)', 'dim')
      : piece(
          short(preview, type === 'string' && (size ?? 0) > 200 ? 60 : 200),
          preview === MASKED ? 'dim' : null,
        );
  const isPlain = [
    'object',
    'unknown',
    'number',
    'string',
    'boolean',
    'undefined',
    'null',
  ].includes(type);
  return [
    piece(short(name, 60), 'name'),
    piece(' = ', 'dim'),
    value,
    piece(type === 'string' && (size ?? 0) > 200 ? `  ${size} characters` : '', 'dim'),
    piece(isPlain || preview.toLowerCase().startsWith(type) ? '' : `  ${short(type, 30)}`, 'dim'),
  ];
}

/** A frame: the function, and where in it. */
export function frameLine(frame: CrashDump['stack'][number]): Line {
  const name = `${frame.async ? 'async ' : ''}${short(frame.functionName || '(anonymous)', 40)}`;
  const column = frame.column === null ? '' : `:${frame.column}`;
  return [piece(name.padEnd(20), 'name'), piece(` ${short(frame.file)}:${frame.line}${column}`)];
}

/** A command: when, what, what came of it, and the line that gave it. */
export function commandLine(command: CrashDump['commands'][number], charsMax = 60): Line {
  const { name, args, line, error, result } = command;
  return [
    at(command.at),
    piece((line === null ? '' : `line ${line}`).padEnd(9), 'dim'),
    piece(short(name, 60), 'name'),
    piece(` ${shortJson(args, charsMax)}`),
    typeof error === 'string'
      ? piece(` ✖ ${short(error, charsMax * 2)}`, 'bad')
      : piece(` → ${shortJson(result ?? null, charsMax)}`, 'dim'),
  ];
}

const LOG_ROLE: Record<string, Piece['role']> = {
  debug: 'dim',
  info: 'good',
  warn: 'warn',
  error: 'bad',
};

/** A log line. */
export function logLine({ at: ms, level, text }: CrashDump['logs'][number], charsMax = 100): Line {
  return [
    at(ms),
    piece(short(level, 8).padEnd(5), LOG_ROLE[level] ?? null),
    piece(` ${short(text, charsMax)}`),
  ];
}

/** The first few of a list, and how many more there are. */
export function bounded<Item>(
  items: readonly Item[],
  most: number,
  toLine: (item: Item) => Line,
  rest: string,
): Line[] {
  const lines = items.slice(0, most).map(toLine);
  if (items.length > most) lines.push([piece(`and ${items.length - most} more ${rest}`, 'dim')]);
  return lines;
}
