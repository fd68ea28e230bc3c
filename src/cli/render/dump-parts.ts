// Owns the parts of a dump that are lists on a terminal: its stack with variables, its commands, its logs, its source.

import { commandLine, frameLine, logLine, short, variableLine } from '../../dumps/items.ts';
import { type Line, piece } from '../../dumps/line.ts';
import { cameBackWords } from '../../model/came-back.ts';
import { codeFrame, type FrameLine } from '../../model/code-frame.ts';
import type { CrashDump } from '../../model/dump.ts';
import { macroOfFile } from '../../model/ended-in.ts';
import { formatDuration } from '../../model/limits.ts';
import { safeText } from '../../model/safe-text.ts';

const LINE_BREAK = /\r\n|[\n\r\u2028\u2029]/;
const VALUE_CHARS = 1000;
const SOURCE_LINE_CHARS = 2000;

/** Frames further down are shown without their code: of a recursion they are all alike. */
const EXCERPTS_MAX = 10;
const EXCERPT_CONTEXT = 1;

/** Every frame with its code and its variables, or the stack of the error that was thrown. */
export function stackPart(dump: CrashDump, columns: number): Line[] {
  const { stack, error } = dump;
  if (stack.length > 0) {
    const sources = new Map(
      stack.map(({ file }) => [file, macroOfFile(dump, file)?.source.split(LINE_BREAK) ?? null]),
    );
    return stack.flatMap((frame, index) => {
      const lines = index < EXCERPTS_MAX ? sources.get(frame.file) : null;
      return [
        ...(index > 0 ? [[]] : []),
        frameLine(frame),
        ...(lines ? excerptLines(codeFrame(lines, frame, EXCERPT_CONTEXT, columns - 14)) : []),
        ...frame.locals.map((variable) => [piece('    '), ...variableLine(variable)]),
      ];
    });
  }
  if (!error)
    return [
      [
        piece(
          'no stack: the macro could not be stopped to look at it, or nothing of it was running',
          'dim',
        ),
      ],
    ];
  return error.stack.split('\n').map((line) => [piece(safeText(line, { charsMax: VALUE_CHARS }))]);
}

function excerptLines(frame: readonly FrameLine[]): Line[] {
  return frame.map(({ kind, gutter, text }) => [
    kind === 'marked' ? piece('  > ', 'bad') : piece('    '),
    piece(`${gutter} | `, 'dim'),
    piece(text, kind === 'caret' ? 'bad' : kind === 'marked' ? 'strong' : 'dim'),
  ]);
}

/** Those that came back, and what came of them. */
export function commandsPart(dump: CrashDump): Line[] {
  const { commands, statistics } = dump;
  const all = statistics.commands;
  if (commands.length === 0)
    return [[piece(all === 0 ? 'no command was given' : cameBackWords(dump), 'dim')]];
  return [
    ...commands.map((command) => [
      ...commandLine(command, VALUE_CHARS),
      piece(
        typeof command.durationMs === 'number' ? `  in ${formatDuration(command.durationMs)}` : '',
        'dim',
      ),
    ]),
    [piece(cameBackWords(dump), 'dim')],
  ];
}

/** The last log lines. */
export function logsPart({ logs, statistics }: CrashDump): Line[] {
  if (logs.length === 0) return [[piece('nothing was logged', 'dim')]];
  return [
    ...logs.map((log) => logLine(log, VALUE_CHARS)),
    [piece(`the last ${logs.length} of ${statistics.logLines} lines`, 'dim')],
  ];
}

/** The source with its line numbers, the line of the end marked. */
export function sourcePart(dump: CrashDump): Line[] {
  const { source, place, macro } = dump;
  const ended = place && place.file !== macro.file ? macroOfFile(dump, place.file) : null;
  const lines = sourceLines(source, place?.file === macro.file ? place : null);
  if (!place || place.file === macro.file) return lines;
  const where = `it ended in another file: ${short(place.file)}:${place.line}`;
  return [
    ...lines,
    [],
    [piece(where, ended ? 'strong' : 'dim')],
    ...(ended ? [[], ...sourceLines(ended.source, place)] : []),
  ];
}

function sourceLines(source: string, own: CrashDump['place']): Line[] {
  const raw = source.split(LINE_BREAK);
  const width = String(raw.length).length;
  return raw.flatMap((text, index): Line[] => {
    const isMarked = own?.line === index + 1;
    const gutter = piece(`${String(index + 1).padStart(width)} | `, 'dim');
    const code = piece(shown(text), isMarked ? 'strong' : null);
    if (!isMarked) return [[piece('  '), gutter, code]];
    const before = own.column === null ? null : shown(text.slice(0, Math.max(0, own.column - 1)));
    const caret: Line[] =
      before === null || before.length > SOURCE_LINE_CHARS
        ? []
        : [
            [
              piece(`  ${' '.repeat(width)} | `, 'dim'),
              piece(`${' '.repeat(before.length)}^`, 'bad'),
            ],
          ];
    return [[piece('> ', 'bad'), gutter, code], ...caret];
  });
}

function shown(text: string): string {
  return safeText(text.replaceAll('\t', '  '), { charsMax: SOURCE_LINE_CHARS });
}
