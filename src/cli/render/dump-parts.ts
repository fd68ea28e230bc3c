// Owns the parts of a dump that are lists on a terminal: its stack with variables, its commands, its logs, its source.

import { commandLine, frameLine, logLine, short, variableLine } from '../../dumps/items.ts';
import { type Line, piece } from '../../dumps/line.ts';
import { codeFrame, type FrameLine } from '../../model/code-frame.ts';
import type { CrashDump } from '../../model/dump.ts';
import { formatDuration } from '../../model/limits.ts';
import { safeText } from '../../model/safe-text.ts';

const VALUE_CHARS = 1000;
const SOURCE_LINE_CHARS = 2000;

/** Frames further down are shown without their code: of a recursion they are all alike. */
const EXCERPTS_MAX = 10;
const EXCERPT_CONTEXT = 1;

/** Every frame with its code and its variables, or the stack of the error that was thrown. */
export function stackPart({ stack, error, source, macro }: CrashDump, columns: number): Line[] {
  if (stack.length > 0) {
    const lines = source.split(/\r\n|[\n\r\u2028\u2029]/);
    return stack.flatMap((frame, index) => {
      // The source of a macro that was called is not in the dump.
      const hasCode = index < EXCERPTS_MAX && frame.file === macro.file;
      return [
        ...(index > 0 ? [[]] : []),
        frameLine(frame),
        ...(hasCode ? excerptLines(codeFrame(lines, frame, EXCERPT_CONTEXT, columns - 14)) : []),
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

/** The last commands and what came of them. */
export function commandsPart({ commands, statistics }: CrashDump): Line[] {
  const all = statistics.commands;
  if (commands.length === 0)
    return [
      [
        piece(
          all === 0 ? 'no command was given' : `no command was answered of ${all} given`,
          'dim',
        ),
      ],
    ];
  return [
    ...commands.map((command) => [
      ...commandLine(command, VALUE_CHARS),
      piece(
        typeof command.durationMs === 'number' ? `  in ${formatDuration(command.durationMs)}` : '',
        'dim',
      ),
    ]),
    [piece(`the last ${commands.length} of ${all} given`, 'dim')],
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
export function sourcePart({ source, place, macro }: CrashDump): Line[] {
  const own = place && place.file === macro.file ? place : null;
  const raw = source.split(/\r\n|[\n\r\u2028\u2029]/);
  const width = String(raw.length).length;
  const lines = raw.flatMap((text, index): Line[] => {
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
  if (place && !own)
    lines.push([piece(`it ended in another file: ${short(place.file)}:${place.line}`, 'dim')]);
  return lines;
}

function shown(text: string): string {
  return safeText(text.replaceAll('\t', '  '), { charsMax: SOURCE_LINE_CHARS });
}
