// Owns the configuration on the command line: the flags every command shares for it, which file is meant, and what is said
// when something in it is wrong.

import type { Command } from 'commander';
import { CONFIG_BYTES_MAX, parseConfigFile } from '../config/config-file.ts';
import { settingAt } from '../config/config-settings.ts';
import { CONFIG_VARIABLE, readEnvironment } from '../config/environment.ts';
import { findConfig } from '../config/find-config.ts';
import { type Configuration, resolveConfig } from '../config/resolve-config.ts';
import { type ConfigProblem, problemText, type Said, sayAssignment } from '../config/said.ts';
import { CorralError } from '../model/errors.ts';
import { readSourceFile } from './source-file.ts';
import { paintFor } from './style.ts';

/** What {@link configOptions} adds. */
export interface ConfigFlags {
  /** A file; false for none at all. */
  readonly config?: string | false;
  readonly set?: readonly string[];
}

/** A configuration, the file it was read from, and what is odd about the rest: a sentence each. */
export interface LoadedConfig extends Configuration {
  readonly file: string | null;
  readonly warnings: readonly string[];
}

/** Adds the flags that say which file configures a command. */
export function configFileOptions(command: Command): Command {
  return command
    .option('--config <file>', 'read this configuration instead of the nearest corral.yaml')
    .option('--no-config', 'read no configuration file');
}

/** Adds the flags by which a command is configured. */
export function configOptions(command: Command): Command {
  return configFileOptions(command).option(
    '--set <setting=value>',
    'set anything of the configuration (repeatable), for example load.active=50',
    (text: string, all: readonly string[] = []) => [...all, text],
  );
}

/** What a flag of its own says about a setting. @param name how the flag is written, such as `--limit cpu` */
export function flagSays(path: string, value: unknown, name: string): Said {
  const setting = settingAt(path);
  if (!setting) throw new CorralError('internal', `There is no setting ${path}.`);
  return { setting, value, origin: { by: 'flag', name } };
}

/** Reads the configuration as {@link loadConfig} does, and warns on stderr of variables that set nothing. */
export async function configure(
  flags: ConfigFlags,
  own: readonly Said[] = [],
): Promise<LoadedConfig> {
  const config = await loadConfig(flags, own);
  const paint = paintFor(process.stderr);
  for (const warning of config.warnings)
    process.stderr.write(`${paint('yellow', 'warning')} ${warning}\n`);
  return config;
}

/**
 * Reads the configuration: what the file says, then the environment, then flags; the later counts.
 * @param own what the command's own flags say
 * @throws {CorralError} `bad-config` with everything that is wrong, or what reading a file throws
 */
export async function loadConfig(
  flags: ConfigFlags,
  own: readonly Said[] = [],
): Promise<LoadedConfig> {
  const file = configFile(flags);
  const ofFile = file === null ? { said: [] } : (await readConfigFile(file)).parsed;
  const environment = readEnvironment(process.env);
  const sets = (flags.set ?? []).map((text) => sayAssignment(text, '--set'));
  const problems = [
    ...('problems' in ofFile ? ofFile.problems : []),
    ...environment.problems,
    ...sets.flatMap((each) => ('problem' in each ? [each.problem] : [])),
  ];
  if (problems.length > 0 || 'problems' in ofFile) throw toError(problems);
  const set = sets.flatMap((each) => ('said' in each ? [each.said] : []));
  assertOnce([...own, ...set]);
  const resolved = resolveConfig([...ofFile.said, ...environment.said, ...own, ...set]);
  if ('problems' in resolved) throw toError(resolved.problems);
  return { ...resolved.config, file, warnings: environment.warnings };
}

/** A file's text, and what it says. */
export interface ReadConfig {
  readonly text: string;
  /** As it is shown. */
  readonly file: string;
  readonly parsed: ReturnType<typeof parseConfigFile>;
}

/** Reads and checks one file. @throws {CorralError} what reading a file throws */
export async function readConfigFile(path: string): Promise<ReadConfig> {
  const { text, file } = await readSourceFile(path, 'configuration', CONFIG_BYTES_MAX);
  return { text, file, parsed: parseConfigFile(text, { file, cwd: process.cwd() }) };
}

/** The file that is meant, or null. @throws {CorralError} `bad-usage`, or what looking for it throws */
export function configFile({ config }: ConfigFlags): string | null {
  if (config === false) return null;
  if (config === '-')
    throw new CorralError('bad-usage', 'A configuration is read from a file; name one.');
  return config ?? (process.env[CONFIG_VARIABLE] || findConfig());
}

/** Which of two flags counts nobody could say. */
function assertOnce(said: readonly Said[]): void {
  const names = new Map<string, string>();
  for (const { setting, origin } of said) {
    const name = origin.by === 'flag' ? origin.name : '';
    const other = names.get(setting.path);
    if (other !== undefined && other !== name)
      throw new CorralError(
        'bad-usage',
        `${setting.path} is set twice, by ${other} and by ${name}; leave one of them out.`,
      );
    names.set(setting.path, name);
  }
}

function toError(problems: readonly ConfigProblem[]): CorralError {
  const texts = problems.map(problemText);
  const list = texts.length === 1 ? ` ${texts[0]}` : `\n  ${texts.join('\n  ')}`;
  return new CorralError('bad-config', `Cannot use this configuration:${list}`);
}
