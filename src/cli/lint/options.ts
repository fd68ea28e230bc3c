// Owns the options of `corral lint` as the shell gives them.

import { Command, Option } from 'commander';
import { SETTINGS_DEFAULT } from '../../config/config-settings.ts';
import { HOST_NAMES, type HostName } from '../../hosts/builtin-hosts.ts';
import { CorralError } from '../../model/errors.ts';
import { GUARD_LEVELS, type GuardLevel } from '../../model/guard.ts';
import type { Finding } from '../../model/report.ts';
import { type ConfigFlags, configOptions } from '../configuration.ts';
import { LEVELS } from './linted.ts';

/** The ways lint can print. */
export const FORMATS = ['pretty', 'json', 'sarif', 'github', 'junit'] as const;
export type LintFormat = (typeof FORMATS)[number];

/** What the shell gave. */
export interface LintFlags extends ConfigFlags {
  readonly format: LintFormat;
  readonly json?: boolean;
  readonly maxLevel: Finding['level'];
  readonly guard?: GuardLevel;
  readonly quiet?: boolean;
  readonly stdin?: boolean;
  readonly stdinFilename?: string;
  readonly watch?: boolean;
  readonly explainRisk?: boolean;
  readonly fix?: boolean;
  readonly fixDryRun?: boolean;
  readonly patterns?: readonly string[];
  readonly host?: HostName | 'any';
  readonly server?: string;
}

const HELP = `
Examples:
  corral lint macros/
  corral lint 'scripts/**/*.js' --max-level warning
  corral lint macros/ --format sarif > corral.sarif
  cat macro.js | corral lint --stdin --stdin-filename macro.js

Exit codes: 0 nothing at or above --max-level · 1 something, or --guard refuses · 2 something could not be read · 130 interrupted`;

/** The command without its action. */
export function lintOptions(): Command {
  const command = new Command('lint')
    .description('Look for what would stop a macro, without running it.')
    .argument('[files...]', 'macros, folders, quoted patterns, or - for stdin')
    .addOption(new Option('--format <format>', 'how to print').choices(FORMATS).default('pretty'))
    .option('--json', 'the same as --format json')
    .addOption(
      new Option('--max-level <level>', 'exit with 1 from this level on')
        .choices(LEVELS)
        .default('error'),
    )
    .addOption(
      new Option(
        '--guard <level>',
        'say what this guard level would do; exit with 1 if it refuses (default: the configured level, if any)',
      ).choices(GUARD_LEVELS),
    )
    .addOption(
      new Option(
        '--host <name>',
        `whose commands the macros give (default: ${SETTINGS_DEFAULT.commands.host}); any for a host of your own`,
      ).choices([...HOST_NAMES, 'any']),
    )
    .option(
      '--patterns <dir>',
      'patterns of your own besides the built-in ones (repeatable)',
      collect,
    )
    .option('--server <url>', 'ask a `corral serve`; its key is taken from CORRAL_KEY')
    .option('--stdin', 'read one macro from stdin')
    .option('--stdin-filename <name>', 'what to call it')
    .option('--fix', 'mend what is safe to mend, in the files')
    .option('--fix-dry-run', 'show what --fix would change')
    .option('--watch', 'look again whenever a file changes')
    .option('--explain-risk', 'say what adds to the risk of each macro')
    .option('--quiet', 'print only findings from --max-level on')
    .addHelpText('after', HELP)
    .exitOverride();
  return configOptions(command);
}

function collect(path: string, paths: readonly string[] = []): readonly string[] {
  return [...paths, path];
}

/**
 * Refuses what does not go together, and says what to do instead.
 * @throws {CorralError} `bad-usage`
 */
export function assertGoTogether(paths: readonly string[], flags: LintFlags): void {
  const isStdin = flags.stdin || paths.includes('-');
  const refuse = (message: string) => {
    throw new CorralError('bad-usage', message);
  };
  if (paths.length === 0 && !flags.stdin)
    refuse(
      'Name a macro, a folder or a pattern, for example `corral lint macros/`, or give --stdin.',
    );
  if (flags.stdin && paths.some((path) => path !== '-'))
    refuse('--stdin reads one macro from stdin; leave the files out, or --stdin.');
  if (flags.stdinFilename !== undefined && !isStdin)
    refuse('--stdin-filename names what comes from stdin; give --stdin too.');
  if (isStdin && flags.watch) refuse('--watch needs files; stdin can be read only once.');
  if (isStdin && flags.fix) refuse('--fix needs files; --fix-dry-run shows what it would change.');
  if (flags.watch && (flags.fix || flags.fixDryRun))
    refuse('--watch and --fix do not go together: fixing changes what is watched.');
  const own = serversOwn(flags);
  if (flags.server !== undefined && own) refuse(`${own} does not go with --server; leave it out.`);
  if (flags.fix && flags.fixDryRun) refuse('Give --fix or --fix-dry-run, not both.');
  if (flags.watch && formatOf(flags) !== 'pretty')
    refuse('--watch prints for people; leave --format out.');
}

/** What is the server's to say, or cannot be done with it; undefined where nothing of it was given. */
function serversOwn(flags: LintFlags): string | undefined {
  const given = {
    '--host': flags.host,
    '--patterns': flags.patterns,
    '--guard': flags.guard,
    '--set': flags.set,
    '--fix': flags.fix,
    '--fix-dry-run': flags.fixDryRun,
    '--watch': flags.watch,
  };
  return Object.entries(given).find(([, value]) => value !== undefined)?.[0];
}

/** How to print. */
export function formatOf({ json, format }: LintFlags): LintFormat {
  return json ? 'json' : format;
}
