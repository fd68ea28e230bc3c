// Owns `corral lint`: finds the macros that are meant, analyses each, prints what was found, and decides the exit code.

import type { Command } from 'commander';
import { toMacroFacts } from '../analysis/macro-facts.ts';
import type { Said } from '../config/said.ts';
import { toGuard } from '../model/guard.ts';
import { loadPatterns } from '../policy/patterns.ts';
import { clientFor } from './client-for.ts';
import { catalogueOf } from './commands.ts';
import { configure, flagSays } from './configuration.ts';
import { dryRun, fixFiles } from './lint/fix-files.ts';
import { lintFiles } from './lint/lint-files.ts';
import { isFrom, type LintMeans, type LintResult } from './lint/linted.ts';
import { MacroFolders } from './lint/macro-folders.ts';
import { assertGoTogether, formatOf, type LintFlags, lintOptions } from './lint/options.ts';
import { watchMacros } from './lint/watch.ts';
import { lintGithub } from './render/github.ts';
import { lintJunit } from './render/junit.ts';
import { lintJson } from './render/lint-json.ts';
import { lintPretty } from './render/lint-pretty.ts';
import { safeJson } from './render/safe-json.ts';
import { lintSarif } from './render/sarif.ts';
import { paintFor } from './style.ts';

const INTERRUPTED = 130;

/** `corral lint`. */
export function lintCommand(): Command {
  return lintOptions().action(async (paths: string[], flags: LintFlags) => {
    assertGoTogether(paths, flags);
    process.exitCode = await (flags.watch ? watch(paths, flags) : lint(paths, flags));
  });
}

async function lint(paths: readonly string[], flags: LintFlags): Promise<number> {
  const means = await toMeans(flags);
  const targets = {
    paths: flags.stdin ? ['-'] : paths,
    stdinFilename: flags.stdinFilename,
  };
  const found = await lintFiles(targets, means);
  if (flags.fixDryRun) {
    process.stdout.write(dryRun(found, paintFor(process.stdout), tell));
    tellUnread(found);
    return toExitCode(found, flags);
  }
  const result = flags.fix ? await fixFiles(found, means, tell) : found;
  tellUnread(result);
  print(result, means, flags);
  return toExitCode(result, flags);
}

async function toMeans(flags: LintFlags): Promise<LintMeans> {
  const { settings, said } = await configure(flags, flagsSay(flags));
  const { level, guard, patterns, commands } = settings;
  const loaded = loadPatterns(patterns, { toFacts: toMacroFacts });
  return {
    commands: flags.host === 'any' ? undefined : catalogueOf(commands.host),
    patterns: loaded.map(({ pattern }) => pattern),
    // Nobody has to decide for a level: who says none is told of the macro alone.
    guard: said.level === undefined ? null : toGuard(level, guard),
    folders: new MacroFolders(),
    server: flags.server === undefined ? null : clientFor(flags.server),
  };
}

function flagsSay({ guard, patterns, host }: LintFlags): Said[] {
  return [
    ...(guard === undefined ? [] : [flagSays('level', guard, '--guard')]),
    ...(patterns === undefined ? [] : [flagSays('patterns', patterns, '--patterns')]),
    ...(host === undefined || host === 'any' ? [] : [flagSays('commands.host', host, '--host')]),
  ];
}

function tell(line: string): void {
  process.stderr.write(`${line}\n`);
}

function tellUnread({ unread }: LintResult): void {
  const paint = paintFor(process.stderr);
  for (const { message } of unread) tell(`${paint('red', 'error')} ${message}`);
}

function print(result: LintResult, { patterns }: LintMeans, flags: LintFlags): void {
  const least = flags.quiet ? flags.maxLevel : null;
  const shown = least === null ? result : onlyFrom(result, least);
  const columns = process.stdout.isTTY ? process.stdout.columns || 80 : null;
  const explainsRisk = flags.explainRisk ?? false;
  const view = { paint: paintFor(process.stdout), columns, least, explainsRisk };
  const text = {
    pretty: () => lintPretty(result, view),
    json: () => lintJson(shown.linted),
    sarif: () => `${safeJson(lintSarif(shown, patterns), 2)}\n`,
    github: () => lintGithub(shown),
    junit: () => lintJunit(shown, flags.maxLevel),
  }[formatOf(flags)]();
  process.stdout.write(text);
}

function onlyFrom({ linted, unread }: LintResult, least: LintFlags['maxLevel']): LintResult {
  const kept = linted.map((each) => ({
    ...each,
    told: each.told.filter(({ level }) => isFrom(level, least)),
  }));
  return { linted: kept, unread };
}

function toExitCode({ linted, unread }: LintResult, { maxLevel }: LintFlags): number {
  if (unread.length > 0) return 2;
  const isBad = linted.some(
    ({ told, guard }) =>
      guard?.verdict === 'refuse' || told.some(({ level }) => isFrom(level, maxLevel)),
  );
  return isBad ? 1 : 0;
}

async function watch(paths: readonly string[], flags: LintFlags): Promise<number> {
  const interrupt = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => interrupt.abort());
  const means = await toMeans(flags);
  await watchMacros(paths, means, {
    signal: interrupt.signal,
    show: (result) => {
      tellUnread(result);
      print(result, means, flags);
    },
    tell: (line) => tell(paintFor(process.stderr)('dim', line)),
  });
  return INTERRUPTED;
}
