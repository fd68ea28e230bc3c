// Owns `corral inspect`: finds the dump that is meant, reads it, and shows what was asked for.

import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { readDump } from '../dumps/dump.ts';
import type { Line } from '../dumps/line.ts';
import type { CrashDump } from '../model/dump.ts';
import { CorralError } from '../model/errors.ts';
import { astLines } from './render/ast.ts';
import { sampleCharts } from './render/chart.ts';
import { commandsPart, logsPart, sourcePart, stackPart } from './render/dump-parts.ts';
import { EXPORTS, type Export, toExport } from './render/export.ts';
import { profilePart } from './render/profile.ts';
import { safeJson } from './render/safe-json.ts';
import { renderLines, renderSummary } from './render/summary.ts';
import { type Paint, paintFor } from './style.ts';

const DUMP_FILE = /^corral-crash-dump-.*\.json$/;
const SUMMARY_FILE = /^corral-crash-summary-(.*)\.txt$/;
const DEFAULT_DIR = '.corral/dumps';
const DEFAULT_COLUMNS = 100;
const DEPTH_MAX = 500;

interface Flags {
  readonly stack?: boolean;
  readonly samples?: boolean;
  readonly profile?: boolean;
  readonly source?: boolean;
  readonly ast?: boolean;
  readonly depth: number;
  readonly commands?: boolean;
  readonly logs?: boolean;
  readonly json?: boolean;
  readonly export?: Export;
}

/** A part of a dump that a flag asks for, in the order they are shown. */
const PARTS = {
  stack: stackPart,
  samples: (dump, { columns }) => sampleCharts(dump, columns),
  profile: profilePart,
  commands: commandsPart,
  logs: logsPart,
  source: sourcePart,
  ast: (dump, { depth }) => astLines(dump, depth),
} satisfies Record<string, (dump: CrashDump, about: { columns: number; depth: number }) => Line[]>;

/** `corral inspect`. */
export function inspectCommand(): Command {
  return new Command('inspect')
    .description('Show why a macro was stopped, from its crash dump.')
    .argument('[dump]', `a crash dump, its summary, or a folder: its newest dump`, DEFAULT_DIR)
    .option('--stack', 'every function it was in, with its variables')
    .option('--samples', 'charts of memory and CPU from start to end')
    .option('--profile', 'the lines that took the CPU, the functions that hold the memory')
    .option('--commands', 'the last 50 commands and what came of them')
    .option('--logs', 'the last 100 log lines')
    .option('--source', 'the source, the line of the end marked')
    .option('--ast', 'the syntax tree, the place of the end marked')
    .option('--depth <levels>', 'how many levels of the tree are opened', toDepth, 6)
    .addOption(new Option('--json', 'print the whole dump as JSON').conflicts(Object.keys(PARTS)))
    .addOption(
      new Option(
        '--export <kind>',
        "print a part for other programs: Chrome's profiles, the tree, the samples",
      )
        .choices(EXPORTS)
        .conflicts([...Object.keys(PARTS), 'json']),
    )
    .addHelpText('after', HELP)
    .exitOverride()
    .action(async (path: string, flags: Flags) => {
      await inspect(path, flags);
    });
}

const HELP = `
Without any of these it prints a summary: what happened, where, and what to try.

Examples:
  corral inspect .corral/dumps            the newest dump there
  corral inspect dump.json --stack --samples
  corral inspect dump.json --json | jq .place
  corral inspect dump.json --export csv > memory.csv

Exit codes: 0 shown · 2 the dump is missing, damaged or no dump at all`;

async function inspect(path: string, flags: Flags): Promise<void> {
  const file = await findDump(path);
  const dump = await readDump(file);
  if (flags.export) process.stdout.write(toExport(dump, flags.export));
  else process.stdout.write(flags.json ? `${toJson(dump, file)}\n` : toText(dump, file, flags));
}

function toText(dump: CrashDump, path: string, flags: Flags): string {
  const paint = paintFor(process.stdout);
  const columns = process.stdout.columns || DEFAULT_COLUMNS;
  const wanted = (Object.keys(PARTS) as (keyof typeof PARTS)[]).filter((name) => flags[name]);
  if (wanted.length === 0) return renderSummary(dump, { path, columns }, paint);
  return wanted
    .map((name) => {
      const lines = PARTS[name](dump, { columns, depth: flags.depth });
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

/** A folder stands for its newest dump, a summary for the dump beside it. */
async function findDump(path: string): Promise<string> {
  const summary = SUMMARY_FILE.exec(basename(path));
  if (summary) return join(dirname(path), `corral-crash-dump-${summary[1]}.json`);
  const about = await stat(path).catch(() => null);
  if (!about?.isDirectory()) {
    if (about === null && path === DEFAULT_DIR)
      throw new CorralError(
        'unreadable-file',
        `There are no crash dumps in ${DEFAULT_DIR}; name a dump or a folder of dumps.`,
      );
    return path;
  }
  // The names begin with the time.
  const newest = (await readdir(path))
    .filter((name) => DUMP_FILE.test(name))
    .sort()
    .at(-1);
  if (newest === undefined)
    throw new CorralError(
      'unreadable-file',
      `There is no crash dump in the folder ${path} (a file corral-crash-dump-….json); name another one.`,
    );
  return join(path, newest);
}

function toDepth(text: string): number {
  const depth = Number(text);
  if (!/^\d+$/.test(text) || depth < 1 || depth > DEPTH_MAX)
    throw new InvalidArgumentError(`write a whole number from 1 to ${DEPTH_MAX}.`);
  return depth;
}
