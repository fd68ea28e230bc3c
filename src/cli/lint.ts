// Owns `corral lint`: finds the macros that are meant, analyses each, prints what was found, and decides the exit code.

import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Command, Option } from 'commander';
import { analyse } from '../analysis/analyse.ts';
import { CorralError } from '../model/errors.ts';
import type { Finding, Report } from '../model/report.ts';
import { renderFindings } from './render/findings.ts';
import { safeJson } from './render/safe-json.ts';
import { readSourceFile, type SourceFile } from './source-file.ts';
import { type Paint, paintFor } from './style.ts';

const LEVELS = ['info', 'warning', 'error'] as const;
const FILES_MAX = 10_000;
const MACRO = /\.(js|mjs|ts|mts)$/;

interface Flags {
  readonly format: 'pretty' | 'json';
  readonly json?: boolean;
  readonly maxLevel: Finding['level'];
  readonly quiet?: boolean;
}

/** `corral lint`. */
export function lintCommand(): Command {
  return new Command('lint')
    .description('Look for what would stop a macro, without running it.')
    .argument('<files...>', 'macros, folders of macros, or - for stdin')
    .addOption(
      new Option('--format <format>', 'how to print').choices(['pretty', 'json']).default('pretty'),
    )
    .option('--json', 'the same as --format json')
    .addOption(
      new Option('--max-level <level>', 'exit with 1 from this level on')
        .choices(LEVELS)
        .default('error'),
    )
    .option('--quiet', 'print only findings from --max-level on')
    .addHelpText(
      'after',
      '\nExit codes: 0 nothing at or above --max-level · 1 something · 2 a file could not be read',
    )
    .exitOverride()
    .action(async (paths: string[], flags: Flags) => {
      process.exitCode = await lint(paths, flags);
    });
}

interface Linted {
  readonly source: SourceFile;
  readonly report: Report;
}

async function lint(paths: readonly string[], flags: Flags): Promise<number> {
  const linted: Linted[] = [];
  let isUnread = false;
  for (const path of await expand(paths)) {
    try {
      const source = await readSourceFile(path);
      const { report } = analyse(source.text, source);
      linted.push({ source, report });
    } catch (error) {
      if (!(error instanceof CorralError)) throw error;
      // One file that cannot be read is no reason to keep quiet about the others.
      isUnread = true;
      process.stderr.write(`${paintFor(process.stderr)('red', 'error')} ${error.message}\n`);
    }
  }
  if (flags.json || flags.format === 'json')
    process.stdout.write(
      `${safeJson(
        linted.map(({ report }) => report),
        2,
      )}\n`,
    );
  else process.stdout.write(pretty(linted, flags, paintFor(process.stdout)));
  if (isUnread) return 2;
  return linted.some(({ report }) =>
    report.findings.some(({ level }) => isFrom(level, flags.maxLevel)),
  )
    ? 1
    : 0;
}

function isFrom(level: Finding['level'], least: Finding['level']): boolean {
  return LEVELS.indexOf(level) >= LEVELS.indexOf(least);
}

/** Folders become the macros in them, in order; what is named twice is linted once. */
async function expand(paths: readonly string[]): Promise<string[]> {
  const files = new Set<string>();
  for (const path of paths) {
    for (const file of path === '-' ? [path] : await macrosIn(path)) {
      files.add(file);
      if (files.size > FILES_MAX)
        throw new CorralError(
          'bad-usage',
          `More than ${FILES_MAX} macros are meant; name fewer folders at once.`,
        );
    }
  }
  return [...files];
}

async function macrosIn(path: string): Promise<string[]> {
  const about = await stat(path).catch(() => null);
  // What is not there is told by whoever reads it.
  if (!about?.isDirectory()) return [path];
  const files: string[] = [];
  const entries = await readdir(path, { withFileTypes: true }).catch(() => []);
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const inside = join(path, entry.name);
    if (entry.isDirectory() && entry.name !== 'node_modules' && !entry.name.startsWith('.'))
      files.push(...(await macrosIn(inside)));
    else if (entry.isFile() && MACRO.test(entry.name) && !entry.name.endsWith('.d.ts'))
      files.push(inside);
  }
  return files;
}

function pretty(linted: readonly Linted[], flags: Flags, paint: Paint): string {
  const counts: Record<Finding['level'], number> = { info: 0, warning: 0, error: 0 };
  const blocks: string[] = [];
  for (const { source, report } of linted) {
    for (const { level } of report.findings) counts[level] += 1;
    const findings = flags.quiet
      ? report.findings.filter(({ level }) => isFrom(level, flags.maxLevel))
      : report.findings;
    if (findings.length > 0)
      blocks.push(renderFindings(source.text, { ...report, findings }, paint));
  }
  const verdicts =
    linted.length === 1
      ? ` · verdict ${linted[0]?.report.verdict} · risk ${linted[0]?.report.risk}`
      : '';
  const sum = [
    count(linted.length, 'file'),
    count(counts.error, 'error'),
    count(counts.warning, 'warning'),
    count(counts.info, 'info'),
  ].join(', ');
  const mark =
    counts.error > 0
      ? paint('red', '✖')
      : counts.warning > 0
        ? paint('yellow', '!')
        : paint('green', '✔');
  return `${blocks.join('\n')}${blocks.length > 0 ? '\n' : ''}${mark} ${sum}${verdicts}\n`;
}

function count(many: number, what: string): string {
  return `${many} ${what}${many === 1 || what === 'info' ? '' : 's'}`;
}
