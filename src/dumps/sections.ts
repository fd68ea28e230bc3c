// Owns the sections of a summary: what each part of a dump comes to in a few lines. All text of a macro is made safe here.

import { codeFrame } from '../model/code-frame.ts';
import type { CrashDump } from '../model/dump.ts';
import { macroOfFile } from '../model/ended-in.ts';
import { formatBytes, formatDuration } from '../model/limits.ts';
import type { Finding } from '../model/report.ts';
import { formatCount } from '../model/units.ts';
import { bounded, commandLine, frameLine, logLine, short, variableLine } from './items.ts';
import { type Line, piece, wrapLine, wrapText } from './line.ts';
import { cpuLine, limitText, memoryLines } from './usage.ts';
import { watchLines } from './watch-lines.ts';

/** How much of each part is shown: lines. */
export interface Caps {
  readonly context: number;
  readonly locals: number;
  readonly frames: number;
  readonly commands: number;
  readonly logs: number;
  readonly pending: number;
  readonly findings: number;
  readonly diagnosis: number;
  /** True to mark commands and garbage collections below the memory curve. */
  readonly marks: boolean;
  /** Room for text that is wrapped. */
  readonly columns: number;
}

/** A part of a dump under one word. */
export interface Section {
  readonly label: string;
  readonly lines: readonly Line[];
}

/** Every section that has something to say, in the order it is read. */
export function toSections(dump: CrashDump, caps: Caps): Section[] {
  const sections = [
    { label: 'run', lines: [runLine(dump)] },
    { label: 'why', lines: diagnosisLines(dump, caps) },
    { label: 'where', lines: whereLines(dump, caps) },
    { label: 'variables', lines: variableLines(dump, caps) },
    { label: 'stack', lines: stackLines(dump, caps) },
    { label: 'memory', lines: memorySection(dump, caps) },
    { label: 'cpu', lines: [cpuLine(dump)] },
    { label: 'commands', lines: commandLines(dump, caps) },
    { label: 'watched', lines: watchLines(dump, caps.findings) },
    { label: 'logs', lines: logLines(dump, caps) },
    { label: 'waits for', lines: pendingLines(dump, caps) },
    { label: 'lint', lines: findingLines(dump, caps) },
    { label: 'system', lines: systemLines(dump) },
  ];
  return sections
    .filter(({ lines }) => lines.length > 0)
    .map((section) => (PROSE.has(section.label) ? wrapped(section, caps.columns) : section));
}

/** Sections whose lines are broken where they do not fit; of code, of values and of charts the end is cut. */
const PROSE = new Set(['run', 'cpu', 'watched', 'waits for', 'lint', 'system']);

function wrapped({ label, lines }: Section, columns: number): Section {
  return { label, lines: lines.flatMap((line) => wrapLine(line, columns)) };
}

/** Longer than any that Corral writes: of a dump from elsewhere too a screenful is enough. */
const DIAGNOSIS_CHARS = 1000;

function diagnosisLines({ diagnosis = [] }: CrashDump, caps: Caps): Line[] {
  return diagnosis
    .slice(0, caps.diagnosis)
    .flatMap(({ text, certain }) =>
      wrapText(`${certain ? '' : 'probably '}${short(text, DIAGNOSIS_CHARS)}`, caps.columns).map(
        (line, index) => [piece(index === 0 ? '' : '  '), piece(line)],
      ),
    );
}

/** Its first line are figures, the others a chart. */
function memorySection(dump: CrashDump, caps: Caps): Line[] {
  const [figures = [], ...chart] = memoryLines(dump, caps.marks);
  return [...wrapLine(figures, caps.columns), ...chart];
}

function runLine({ runId, startedAt, statistics, seed }: CrashDump): Line {
  const started = short(startedAt, 30)
    .replace('T', ' ')
    .replace(/\.\d+Z$|Z$/, ' UTC');
  return [
    piece(
      `ran ${formatDuration(statistics.durationMs)} from ${started} · seed ${seed} · ${short(runId, 40)}`,
    ),
  ];
}

const PLACE_WORDS: Record<string, string> = {
  stack: 'where it stood',
  error: 'where the error was thrown',
  waiting: 'where it would have gone on',
  'last-command': 'the last command was given here',
};

function howKnown({ place, stack }: CrashDump): string {
  if (place?.operation && place.source !== 'waiting')
    return `the last operation begun: ${short(place.operation, 30)}`;
  if (place?.operation) return 'where it waited';
  const name = place?.source === 'stack' ? stack[0]?.functionName : undefined;
  return `${PLACE_WORDS[place?.source ?? ''] ?? ''}${name && name !== '(macro)' ? `, in ${short(name, 30)}` : ''}`;
}

function whereLines(dump: CrashDump, caps: Caps): Line[] {
  const { place } = dump;
  if (!place) return [[piece(whyNoPlace(dump), 'dim')]];
  const column = place.column === null ? '' : `:${place.column}`;
  const how = howKnown(dump);
  const lines = wrapLine(
    [piece(`${short(place.file)}:${place.line}${column}`, 'strong'), piece(`  ${how}`, 'dim')],
    caps.columns,
  );
  const source = macroOfFile(dump, place.file)?.source;
  if (source === undefined) return lines;
  for (const { kind, gutter, text } of codeFrame(source, place, caps.context)) {
    const mark = kind === 'marked' ? piece('> ', 'bad') : piece('  ');
    lines.push([
      mark,
      piece(`${gutter} | `, 'dim'),
      piece(text, kind === 'caret' ? 'bad' : kind === 'marked' ? 'strong' : null),
    ]);
  }
  return lines;
}

/** Ends of macros that were busy. */
const UNSEEN = new Set(['cpu-limit', 'heap-limit', 'stuck', 'worker-lost']);

/** What could not be looked at is one thing, what was never on a line another. */
function whyNoPlace({ status, reason, error }: CrashDump): string {
  if (status === 'failed')
    return error?.stack.includes('\n')
      ? 'no line is known: the error names none of the macro'
      : 'no line is known: the error came with none, or after the last line';
  return UNSEEN.has(reason)
    ? 'no line is known: the macro could not be looked at where it was'
    : 'no line is known: nothing of the macro was seen running';
}

function variableLines({ stack }: CrashDump, caps: Caps): Line[] {
  const frame = stack.find(({ locals }) => locals.length > 0);
  return frame ? bounded(frame.locals, caps.locals, variableLine, 'variables, see --stack') : [];
}

function stackLines({ stack, error, place }: CrashDump, caps: Caps): Line[] {
  // One frame that is the place itself has been told already.
  if (stack.length === 1 && place?.source === 'stack') return [];
  if (stack.length > 0) {
    return bounded(stack, caps.frames, frameLine, 'frames, see --stack');
  }
  const thrown = (error?.stack ?? '').split('\n').filter((line) => /^\s*at /.test(line));
  return bounded(
    thrown,
    caps.frames,
    (line) => [piece(short(line.trim(), 150))],
    'frames, see --stack',
  );
}

const NAMES_SHOWN = 3;

function commandLines(dump: CrashDump, caps: Caps): Line[] {
  const { statistics, commands } = dump;
  if (statistics.commands === 0) return [];
  const names = Object.entries(statistics.commandsByName).sort((a, b) => b[1] - a[1]);
  const back = names.slice(0, NAMES_SHOWN).map(([name, count]) => `${short(name, 40)} ×${count}`);
  if (names.length > NAMES_SHOWN) back.push(`${names.length - NAMES_SHOWN} others`);
  const head = [
    piece('limit '),
    piece(limitText(dump, 'commands'), dump.limit?.name === 'commands' ? 'bad' : null),
    piece(` · ${statistics.commands} given`),
    piece(back.length > 0 ? ` · came back: ${back.join(', ')}` : '', 'dim'),
  ];
  return [head, ...commands.slice(-caps.commands).map((command) => commandLine(command))];
}

function logLines({ logs }: CrashDump, caps: Caps): Line[] {
  return logs.slice(-caps.logs).map((log) => logLine(log));
}

function pendingLines({ pending, pendingTotal }: CrashDump, caps: Caps): Line[] {
  const groups = Map.groupBy(pending, ({ kind, name }) => `${kind} ${name}`);
  const total = Math.max(pendingTotal ?? 0, pending.length);
  // Only the oldest are kept, and of what kind the others are nobody knows.
  const isPart = total > pending.length;
  const lines = bounded(
    [...groups],
    caps.pending,
    ([what, list]) => {
      const since = list.reduce((most, { sinceMs }) => Math.max(most, sinceMs), 0);
      const times = isPart || list.length > 1 ? ` ×${list.length}` : '';
      return [piece(short(what, 60), 'name'), piece(`${times}  for ${formatDuration(since)}`)];
    },
    'things',
  );
  const rest = `the oldest ${pending.length} of ${formatCount(total)} that were open`;
  const [first, ...others] = lines;
  return isPart && first ? [[...first, piece(` · ${rest}`, 'dim')], ...others] : lines;
}

const LEVELS = ['error', 'warning', 'info'];

function findingLines(dump: CrashDump, caps: Caps): Line[] {
  const { report, diagnosis = [] } = dump;
  const said = diagnosis.map(({ text }) => text).join('\n');
  const told = report.findings
    .filter(({ level }) => level !== 'info')
    // What is among the reasons already is not said twice.
    .filter((finding) => !isSaid(finding, said))
    .sort((a, b) => LEVELS.indexOf(a.level) - LEVELS.indexOf(b.level));
  return bounded(
    told,
    caps.findings,
    ({ level, line, message }) => [
      piece(level, level === 'error' ? 'bad' : 'warn'),
      // The first half says what is wrong; what to do about it stands below.
      piece(`  line ${line}: ${short(headOf(message), 200)}`),
    ],
    'findings, see corral lint',
  );
}

function isSaid({ rule, line, message }: Finding, said: string): boolean {
  if (rule === 'infinite-loop' && said.includes(`the loop at line ${line} never ends`)) return true;
  if (rule === 'growing-memory' && said.includes('it grows ')) return true;
  return said.includes(`line ${line}: ${headOf(message)}`);
}

function headOf(message: string): string {
  return message.split('; ', 1)[0] ?? '';
}

function systemLines({ worker, reason, corralVersion, host, truncated = [] }: CrashDump): Line[] {
  const versions = `Corral ${short(corralVersion, 20)}, Node ${short(host.node, 20)}, ${short(host.platform, 20)} ${short(host.arch, 20)}, ${formatBytes(host.memoryFreeBytes)} of ${formatBytes(host.memoryTotalBytes)} free`;
  const lines: Line[] = [[piece(versions, 'dim')]];
  if (truncated.length > 0) {
    const names = truncated.map((name) => short(name, 30)).join(', ');
    lines.push([piece(`the dump would be too large: left out or cut are ${names}`, 'warn')]);
  }
  if (worker && (reason === 'worker-lost' || worker.stderr !== '')) {
    const how = worker.signal
      ? `signal ${short(worker.signal, 20)}`
      : `exit code ${worker.exitCode ?? 'unknown'}`;
    const words = worker.stderr.trim().split('\n').at(-1) ?? '';
    lines.push([
      piece(`its process ended by ${how}`, 'warn'),
      piece(words ? `; it said: ${short(words, 200)}` : ''),
    ]);
  }
  return lines;
}
