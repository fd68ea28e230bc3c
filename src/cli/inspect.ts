// Owns `corral inspect`: finds the dump that is meant, reads it, and shows what was asked for.

import { Command, InvalidArgumentError, Option } from 'commander';
import { SETTINGS_DEFAULT } from '../config/config-settings.ts';
import { compareDumps } from '../dumps/compare.ts';
import { type GroupedDumps, groupDumps } from '../dumps/groups.ts';
import { type Line, wrapLine } from '../dumps/line.ts';
import { listDumps } from '../dumps/list.ts';
import type { CrashDump } from '../model/dump.ts';
import { CorralError } from '../model/errors.ts';
import { type ConfigFlags, configFileOptions } from './configuration.ts';
import { configuredDumps, isFolder } from './inspect/find-dump.ts';
import { openDump } from './inspect/open-dump.ts';
import { Progress } from './lint/progress.ts';
import { astLines } from './render/ast.ts';
import { foundLines, searchAst } from './render/ast-search.ts';
import { sampleCharts } from './render/chart.ts';
import { diffLines } from './render/dump-diff.ts';
import { groupLines } from './render/dump-groups.ts';
import { commandsPart, logsPart, sourcePart, stackPart } from './render/dump-parts.ts';
import { EXPORTS, type Export, toExport } from './render/export.ts';
import { profilePart } from './render/profile.ts';
import { safeJson } from './render/safe-json.ts';
import { renderLines, renderSummary } from './render/summary.ts';
import { timelinePart } from './render/timeline.ts';
import { type Paint, paintFor } from './style.ts';

const DEFAULT_COLUMNS = 100;
/** Narrower than this nothing is laid out. */
const COLUMNS_MIN = 20;
const DEPTH_MAX = 500;
/** Where dumps are looked for when none is named. */
const DUMPS = SETTINGS_DEFAULT.dumps.dir;

interface Flags extends ConfigFlags {
  readonly stack?: boolean;
  readonly samples?: boolean;
  readonly profile?: boolean;
  readonly source?: boolean;
  readonly ast?: boolean;
  readonly depth: number;
  readonly commands?: boolean;
  readonly timeline?: boolean;
  readonly logs?: boolean;
  readonly type?: readonly string[];
  readonly line?: number;
  readonly query?: string;
  readonly diff?: string;
  readonly group?: boolean;
  readonly json?: boolean;
  readonly export?: Export;
}

/** How a part is shown. */
interface Shown {
  /** Room for charts. */
  readonly columns: number;
  /** No line is wider: endless where no terminal shows it, so that a program gets all of it. */
  readonly widest: number;
  readonly depth: number;
}

/** A part of a dump that a flag asks for, in the order they are shown. */
const PARTS = {
  stack: (dump, { columns }) => stackPart(dump, columns),
  samples: (dump, { columns }) => sampleCharts(dump, columns),
  profile: (dump, { widest }) => profilePart(dump, widest),
  commands: commandsPart,
  timeline: (dump, { columns }) => timelinePart(dump, columns),
  logs: logsPart,
  source: sourcePart,
  ast: (dump, { depth, widest }) => astLines(dump, depth, widest),
} satisfies Record<string, (dump: CrashDump, about: Shown) => Line[]>;

/** Parts that are lists of values: who asks for one wants each value whole, and a terminal breaks it by itself. */
const VALUES: readonly string[] = ['commands', 'logs', 'source'] satisfies (keyof typeof PARTS)[];

const SEARCHES = ['type', 'line', 'query'] as const;

/** `corral inspect`. */
export function inspectCommand(): Command {
  const parts = Object.keys(PARTS);
  const command = new Command('inspect')
    .description('Show why a macro was stopped, from its crash dump.')
    .argument(
      '[dump]',
      `a crash dump, its summary, or a folder: its newest dump (default: ${DUMPS})`,
    )
    .option('--stack', 'every function it was in, with its code and its variables')
    .option('--samples', 'charts of memory and CPU from start to end')
    .option('--profile', 'the lines that took the CPU, the functions that hold the memory')
    .option('--commands', 'the last 50 commands that came back, and with what')
    .option('--timeline', 'the same commands over time: bursts, pauses, failures')
    .option('--logs', 'the last 100 log lines')
    .option('--source', 'the source, the line of the end marked')
    .option('--ast', 'the syntax tree, the place of the end marked')
    .option('--depth <levels>', 'how many levels of the tree are opened', toDepth, 6)
    .option('--type <names>', 'nodes of the tree by type: ForStatement,CallExpression', toNames)
    .option('--line <number>', 'nodes of the tree that begin on a line', toLine)
    .addOption(
      new Option(
        '--query <selector>',
        'nodes of the tree by a selector, as in rules of eslint',
      ).argParser(toQuery),
    )
    .addOption(
      new Option(
        '--diff <other>',
        'hold it against another dump of the macro; the older is shown as before',
      ).conflicts([...parts, ...SEARCHES]),
    )
    .addOption(
      new Option('--group', 'all dumps of a folder, those of one trouble together').conflicts([
        ...parts,
        ...SEARCHES,
        'diff',
      ]),
    )
    .addOption(
      new Option('--json', 'print the dump, or what was asked for, as JSON').conflicts(parts),
    )
    .addOption(
      new Option(
        '--export <kind>',
        "print a part for other programs: Chrome's profiles, the tree, the samples",
      )
        .choices(EXPORTS)
        .conflicts([...parts, ...SEARCHES, 'diff', 'group', 'json']),
    )
    .addHelpText('after', HELP)
    .exitOverride();
  return configFileOptions(command).action(async (path: string | undefined, flags: Flags) => {
    if (flags.diff !== undefined && command.args.length === 0)
      command.error('error: --diff takes two dumps: corral inspect --diff BEFORE AFTER', {
        exitCode: 2,
      });
    await inspect(path ?? (await configuredDumps(flags)), flags);
  });
}

const HELP = `
Without any of these it prints a summary: what happened, where, and what to try.

Examples:
  corral inspect .corral/dumps            the newest dump there
  corral inspect .corral/dumps --group    what troubles there are, and how often
  corral inspect dump.json --stack --samples
  corral inspect dump.json --query 'CallExpression[callee.property.name="push"]'
  corral inspect --diff one.json other.json    the older one is before, in whatever order
  corral inspect dump.json --json | jq .place
  corral inspect dump.json --export csv > memory.csv

Exit codes: 0 shown · 2 the dump is missing, damaged or no dump at all`;

async function inspect(path: string, flags: Flags): Promise<void> {
  if (flags.group) return inspectFolder(path, flags);
  const { dump, path: file } = await openDump(path);
  if (flags.export) process.stdout.write(toExport(dump, flags.export));
  else if (flags.diff !== undefined) await inspectBoth(dump, flags.diff, flags);
  else if (SEARCHES.some((name) => flags[name] !== undefined)) showNodes(dump, flags);
  else process.stdout.write(flags.json ? `${toJson(dump, file)}\n` : toText(dump, file, flags));
}

async function inspectFolder(path: string, flags: Flags): Promise<void> {
  if (!(await isFolder(path)))
    throw new CorralError('unreadable-file', `${path} is no folder; --group takes one of dumps.`);
  const grouped = await grouping(path);
  if (flags.json) printJson(grouped);
  else printLines(groupLines(grouped, columnsNow()));
}

async function grouping(folder: string): Promise<GroupedDumps> {
  using progress = new Progress((await listDumps(folder)).length);
  return await groupDumps(folder, { onRead: (done, path) => progress.at(done, path) });
}

async function inspectBoth(dump: CrashDump, other: string, flags: Flags): Promise<void> {
  const { dump: second } = await openDump(other);
  const comparison = compareDumps(dump, second);
  if (flags.json) printJson(comparison);
  else printLines(fitted(diffLines(comparison, [dump, second], columnsNow(), widestNow())));
}

function showNodes(dump: CrashDump, { type, line, query, json }: Flags): void {
  const search = { types: type ?? null, line: line ?? null, query: query ?? null };
  const found = searchAst(dump, search);
  if (json) printJson(found);
  else printLines(foundLines(found));
}

function printLines(lines: readonly Line[]): void {
  process.stdout.write(renderLines(lines, paintFor(process.stdout)));
}

function printJson(value: unknown): void {
  process.stdout.write(`${safeJson(value, 1)}\n`);
}

function columnsNow(): number {
  return process.stdout.columns || DEFAULT_COLUMNS;
}

function widestNow(): number {
  return process.stdout.columns || Number.POSITIVE_INFINITY;
}

/** Breaks what is still too wide: what is better cut has been. */
function fitted(lines: readonly Line[]): Line[] {
  const widest = Math.max(COLUMNS_MIN, widestNow());
  return lines.flatMap((line) => wrapLine(line, widest));
}

function toText(dump: CrashDump, path: string, flags: Flags): string {
  const paint = paintFor(process.stdout);
  const columns = columnsNow();
  const wanted = (Object.keys(PARTS) as (keyof typeof PARTS)[]).filter((name) => flags[name]);
  if (wanted.length === 0) return renderSummary(dump, { path, columns }, paint);
  return wanted
    .map((name) => {
      const part = PARTS[name](dump, { columns, widest: widestNow(), depth: flags.depth });
      const lines = VALUES.includes(name) ? part : fitted(part);
      return `${wanted.length > 1 ? heading(name, paint) : ''}${renderLines(lines, paint)}`;
    })
    .join('\n');
}

function heading(name: string, paint: Paint): string {
  return `${paint(['bold', 'underline'], name)}\n\n`;
}

function toJson(dump: CrashDump, path: string): string {
  try {
    return safeJson(dump, 1);
  } catch (error) {
    throw new CorralError('bad-dump', `Cannot print crash dump ${path}: it is nested too deeply.`, {
      cause: error,
    });
  }
}

function toDepth(text: string): number {
  const depth = Number(text);
  if (!/^\d+$/.test(text) || depth < 1 || depth > DEPTH_MAX)
    throw new InvalidArgumentError(`write a whole number from 1 to ${DEPTH_MAX}.`);
  return depth;
}

function toLine(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('write a line number, from 1.');
  return Number(text);
}

function toNames(text: string): readonly string[] {
  const names = text.split(',').map((name) => name.trim());
  if (!names.every((name) => /^[A-Z][A-Za-z]{1,60}$/.test(name)))
    throw new InvalidArgumentError(
      'write types of nodes, with commas between: ForStatement,CallExpression.',
    );
  return names;
}

function toQuery(text: string): string {
  if (text.trim() === '')
    throw new InvalidArgumentError('write a selector, for example CallExpression.');
  return text;
}
