// Owns a crash dump in words: a screenful that says what happened, where, and what to try.

import type { CrashDump } from '../model/dump.ts';
import { KILL_MEANING } from '../model/outcome.ts';
import { adviceFor } from './advice.ts';
import { short } from './items.ts';
import { cutLine, type Line, piece, toPlain, wrapText } from './line.ts';
import { type Caps, type Section, toSections } from './sections.ts';
import { limitWords } from './usage.ts';

/** A screenful (lines) of at least {@link SCREEN_COLUMNS}; what is narrower needs more lines for the same words. */
export const SUMMARY_LINES_MAX = 45;
const SCREEN_COLUMNS = 80;
/** The widest line of a summary file (columns). */
const FILE_COLUMNS = 100;
const LABEL_COLUMNS = 11;
const COLUMNS_MIN = 40;

/** From generous to tight: the first with which the summary fits on a screen is taken. */
const CAPS: readonly Omit<Caps, 'columns'>[] = [
  {
    context: 2,
    locals: 8,
    frames: 5,
    commands: 5,
    logs: 5,
    pending: 4,
    findings: 3,
    diagnosis: 5,
    marks: true,
  },
  {
    context: 2,
    locals: 6,
    frames: 4,
    commands: 4,
    logs: 4,
    pending: 3,
    findings: 2,
    diagnosis: 4,
    marks: true,
  },
  {
    context: 1,
    locals: 4,
    frames: 3,
    commands: 3,
    logs: 3,
    pending: 2,
    findings: 1,
    diagnosis: 3,
    marks: false,
  },
  {
    context: 1,
    locals: 3,
    frames: 2,
    commands: 2,
    logs: 2,
    pending: 1,
    findings: 1,
    diagnosis: 3,
    marks: false,
  },
];

/** How a summary is laid out. */
export interface SummaryLayout {
  /** The widest line. */
  readonly columns: number;
  /** The last line: where to read more. */
  readonly more: string;
}

/** The text of a dump's summary file. */
export function dumpSummary(dump: CrashDump): string {
  const more = 'corral inspect <the .json beside this file> --stack --samples --source --ast';
  return toPlain(toSummary(dump, { columns: FILE_COLUMNS, more }));
}

/** A dump's summary in lines, at most {@link SUMMARY_LINES_MAX} of them on a screen that is not narrow. */
export function toSummary(dump: CrashDump, { columns, more }: SummaryLayout): Line[] {
  const wide = Math.max(COLUMNS_MIN, columns);
  const head = headLines(dump, wide);
  const tail = tailLines(dump, wide);
  const linesMax = Math.round(SUMMARY_LINES_MAX * Math.max(1, SCREEN_COLUMNS / wide));
  const room = linesMax - head.length - tail.length - 1;
  const bodies = CAPS.map((caps) =>
    toSections(dump, { ...caps, columns: wide - LABEL_COLUMNS - 2 }).flatMap(withLabel),
  );
  const body = bodies.find((lines) => lines.length <= room) ?? bodies.at(-1)?.slice(0, room) ?? [];
  const lines = [...head, ...body, ...tail].map((line) => cutLine(line, wide));
  // A command to be copied is no use when cut.
  return [...lines, [piece('more  ', 'dim'), piece(more)]];
}

function headLines(dump: CrashDump, columns: number): Line[] {
  const name = piece(short(dump.macro.name, 60), 'strong');
  const lines: Line[] = [[name, ...verdict(dump)]];
  const words = dump.error
    ? `${short(dump.error.name, 80)}: ${short(dump.error.message, 400)}`
    : short(dump.message || meaning(dump), 400);
  lines.push(...wrapText(words, columns - 2).map((text) => [piece('  '), piece(text)]));
  return [...lines, []];
}

function verdict({ status, reason }: CrashDump): Line {
  switch (status) {
    case 'failed':
      return [piece(' failed', 'bad')];
    case 'completed':
      return [piece(' completed', 'good')];
    case 'cancelled':
      return [piece(' was cancelled', 'warn')];
    default:
      return [piece(' was stopped: '), piece(short(reason, 80), 'bad')];
  }
}

function meaning({ reason, limit }: CrashDump): string {
  const known = Object.hasOwn(KILL_MEANING, reason)
    ? KILL_MEANING[reason as keyof typeof KILL_MEANING]
    : reason;
  return limit ? `${known}: ${limitWords(limit)}` : known;
}

function withLabel({ label, lines }: Section): Line[] {
  return lines.map((line, index) => [
    piece((index === 0 ? label : '').padEnd(LABEL_COLUMNS), 'dim'),
    ...line,
  ]);
}

function tailLines(dump: CrashDump, columns: number): Line[] {
  const advice = adviceFor(dump).flatMap((sentence) =>
    wrapText(sentence, columns - 4).map((text, index) => [
      piece(index === 0 ? '  - ' : '    ', 'dim'),
      piece(text),
    ]),
  );
  const heading: Line[] = advice.length > 0 ? [[], [piece('What to try', 'strong')]] : [];
  return [...heading, ...advice, []];
}
