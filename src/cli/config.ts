// Owns `corral config`: shows the configuration in force and who decided each value, checks a file, and writes one to start from.

import { writeFile } from 'node:fs/promises';
import { Command, Option } from 'commander';
import { configJsonSchema } from '../config/config-schema.ts';
import { type Entry, resolveConfig } from '../config/resolve-config.ts';
import type { ConfigProblem } from '../config/said.ts';
import { toConfigText, toStarterText } from '../config/write-config.ts';
import { closestName } from '../model/closest-name.ts';
import { toSystemReason } from '../model/errno.ts';
import { CorralError } from '../model/errors.ts';
import { GUARD_LEVELS, type GuardLevel } from '../model/guard.ts';
import { safeText } from '../model/safe-text.ts';
import {
  type ConfigFlags,
  configFile,
  configOptions,
  configure,
  flagSays,
  type LoadedConfig,
  readConfigFile,
} from './configuration.ts';
import { renderProblems } from './render/config-problems.ts';
import { configJson, configTable } from './render/config-table.ts';
import { safeJson } from './render/safe-json.ts';
import { paintFor } from './style.ts';

const FORMATS = ['table', 'yaml', 'json'] as const;

interface ShowFlags extends ConfigFlags {
  readonly level?: GuardLevel;
  readonly format: (typeof FORMATS)[number];
  readonly json?: boolean;
  readonly all?: boolean;
}

const HELP = `
What counts, the later over the earlier: Corral's defaults and the guard level's, the nearest corral.yaml
(from the working directory up to the root of the repository, or to your home directory), variables
(CORRAL_LOAD_ACTIVE=50 for load.active), flags (--set load.active=50).

Examples:
  corral config                          what is in force, and why
  corral config load                     a room of it; or a setting: load.active
  corral config guard --all              the whole table of guard levels
  corral config --format yaml > here.yaml
  corral config init                     a corral.yaml to start from
  corral config check                    what is wrong with the one there is

Exit codes: 0 fine · 2 something is wrong with the configuration`;

/** `corral config`. */
export function configCommand(): Command {
  return new Command('config')
    .description('Show what is configured and who decided it, check a corral.yaml, or begin one.')
    .addCommand(showCommand(), { isDefault: true })
    .addCommand(checkCommand())
    .addCommand(schemaCommand())
    .addCommand(initCommand())
    .addHelpText('after', HELP)
    .exitOverride();
}

function showCommand(): Command {
  const command = new Command('show')
    .description('what is in force, and who decided it (what `corral config` alone does)')
    .argument('[setting]', 'only this setting, or this room')
    .addOption(new Option('--level <level>', 'as if this were the level').choices(GUARD_LEVELS))
    .addOption(new Option('--format <format>', 'how to print').choices(FORMATS).default('table'))
    .option('--json', 'the same as --format json')
    .option('--all', 'show the numbers of all guard levels')
    .exitOverride();
  return configOptions(command).action(async (path: string | undefined, flags: ShowFlags) => {
    const own = flags.level === undefined ? [] : [flagSays('level', flags.level, '--level')];
    const whole = await configure(flags, own);
    const config = path === undefined ? whole : { ...whole, entries: partOf(whole, path) };
    const view = { paint: paintFor(process.stdout), showsAllLevels: flags.all ?? false };
    const text = {
      table: () => configTable(config, view),
      yaml: () => toConfigText(config, process.cwd()),
      json: () => `${safeJson(configJson(config), 2)}\n`,
    }[flags.json ? 'json' : flags.format]();
    process.stdout.write(text);
  });
}

/** One setting, or those of a room. @throws {CorralError} `bad-usage` for what is neither */
function partOf({ entries }: LoadedConfig, path: string): readonly Entry[] {
  const part = entries.filter(({ setting }) => `${setting.path}.`.startsWith(`${path}.`));
  if (part.length > 0) return part;
  const paths = entries.map(({ setting }) => setting.path);
  const rooms = paths.map((each) => each.split('.')[0] ?? '');
  const meant = closestName(path, [...paths, ...rooms, ...SUBCOMMANDS]);
  const hint = meant === null ? '`corral config` shows all there is.' : `did you mean ${meant}?`;
  throw new CorralError(
    'bad-usage',
    `There is no setting ${safeText(path, { charsMax: 80 })}; ${hint}`,
  );
}

const SUBCOMMANDS = ['show', 'check', 'schema', 'init'];

function checkCommand(): Command {
  return new Command('check')
    .description('say what is wrong with a file')
    .argument('[file]', 'a corral.yaml, or - for stdin (default: the nearest)')
    .option('--json', 'print JSON')
    .exitOverride()
    .action(async (path: string | undefined, flags: { readonly json?: boolean }) => {
      process.exitCode = await check(path, flags.json ?? false);
    });
}

async function check(path: string | undefined, isJson: boolean): Promise<number> {
  const file = path ?? configFile({});
  if (file === null)
    throw new CorralError(
      'bad-usage',
      'There is no corral.yaml here; name a file, or begin one with `corral config init`.',
    );
  const { text, file: shown, parsed } = await readConfigFile(file);
  const problems = 'problems' in parsed ? parsed.problems : contradictionsOf(parsed.said);
  if (isJson) process.stdout.write(`${safeJson(problems.map(toJson), 2)}\n`);
  else if (problems.length > 0)
    process.stdout.write(renderProblems(text, problems, paintFor(process.stdout)));
  else process.stdout.write(`${paintFor(process.stdout)('green', '✔')} ${safeText(shown)}\n`);
  return problems.length > 0 ? 2 : 0;
}

/** Of the file alone, whatever the environment says. */
function contradictionsOf(said: Parameters<typeof resolveConfig>[0]): readonly ConfigProblem[] {
  const resolved = resolveConfig(said);
  return 'problems' in resolved ? resolved.problems : [];
}

function toJson(problem: ConfigProblem) {
  const { origin, message } = problem;
  const { file, place } = origin.by === 'file' ? origin : { file: null, place: null };
  return { file, line: place?.line ?? null, column: place?.column ?? null, message };
}

function schemaCommand(): Command {
  return new Command('schema')
    .description('print the JSON Schema of corral.yaml, for editors')
    .exitOverride()
    .action(() => {
      process.stdout.write(`${safeJson(configJsonSchema(), 2)}\n`);
    });
}

function initCommand(): Command {
  return new Command('init')
    .description('write a file to start from: every setting, as a comment')
    .argument('[file]', 'where to', 'corral.yaml')
    .option('--force', 'write over what is there')
    .exitOverride()
    .action((file: string, { force = false }: { readonly force?: boolean }) => init(file, force));
}

async function init(file: string, isForced: boolean): Promise<void> {
  try {
    await writeFile(file, toStarterText(), { flag: isForced ? 'w' : 'wx' });
  } catch (error) {
    const isThere = (error as NodeJS.ErrnoException).code === 'EEXIST';
    const hint = isThere ? '; --force writes over it' : '';
    throw new CorralError(
      'unwritable-file',
      `Cannot write ${safeText(file)}: ${toSystemReason(error)}${hint}.`,
      { cause: error },
    );
  }
  process.stderr.write(`Wrote ${safeText(file)}.\n`);
}
