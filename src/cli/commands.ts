// Owns `corral commands`: what a macro may tell a host, as a table for people and as JSON for programs.

import { Command as CliCommand, Option } from 'commander';
import { z } from 'zod';
import { SETTINGS_DEFAULT } from '../config/config-settings.ts';
import { BUILTIN_HOSTS, HOST_NAMES, type HostName } from '../hosts/builtin-hosts.ts';
import { slashUsage } from '../hosts/slash.ts';
import type { Command } from '../model/command.ts';
import { CorralError } from '../model/errors.ts';
import { safeText } from '../model/safe-text.ts';
import { type ConfigFlags, configFileOptions, configure } from './configuration.ts';
import { renderCommand, renderCommandTable } from './render/command-table.ts';
import { paintFor } from './style.ts';

/** What {@link hostOptions} adds. */
export interface HostFlags extends ConfigFlags {
  readonly host?: HostName;
}

/** `--host` and where else it may be said, for commands that only need to know what a host can do. */
export function hostOptions(command: CliCommand): CliCommand {
  const { host } = SETTINGS_DEFAULT.commands;
  return configFileOptions(
    command.addOption(
      new Option('--host <name>', `whose commands (default: ${host})`).choices(HOST_NAMES),
    ),
  );
}

/** The host that is meant. */
export async function hostOf(flags: HostFlags): Promise<HostName> {
  return flags.host ?? (await configure(flags)).settings.commands.host;
}

/** A host's commands, without doing anything: the seed decides nothing about them. */
export function catalogueOf(host: HostName): readonly Command[] {
  return BUILTIN_HOSTS[host]({ seed: 0, print: () => undefined }).commands;
}

interface Flags extends HostFlags {
  readonly json?: boolean;
}

/** `corral commands`. */
export function commandsCommand(): CliCommand {
  const command = new CliCommand('commands')
    .description('List the commands a macro may give, or show one with its inputs and answer.')
    .argument('[name]', 'a category (chat) or a command (chat.say)')
    .option('--json', 'print one JSON array with the schemas of inputs and outputs')
    .exitOverride();
  return hostOptions(command).action(async (name: string | undefined, flags: Flags) => {
    const commands = pick(catalogueOf(await hostOf(flags)), name);
    process.stdout.write(flags.json ? toJsonText(commands) : toText(commands, name));
  });
}

function pick(commands: readonly Command[], name: string | undefined): readonly Command[] {
  if (name === undefined) return commands;
  const wanted = name.replace(/^\//, '');
  const picked = commands.filter((command) => [command.category, command.name].includes(wanted));
  if (picked.length > 0) return picked;
  const bySlash = commands.filter((command) => command.slash === wanted);
  if (bySlash.length > 0) return bySlash;
  const categories = [...new Set(commands.map(({ category }) => category))].join(', ');
  throw new CorralError(
    'bad-usage',
    `There is no command or category "${safeText(name, { charsMax: 60 })}"; the categories are ${categories}.`,
  );
}

function toText(commands: readonly Command[], name: string | undefined): string {
  const paint = paintFor(process.stdout);
  const [first, ...others] = commands;
  const isOne = name !== undefined && first !== undefined && others.length === 0;
  return isOne ? renderCommand(first, paint) : renderCommandTable(commands, paint);
}

function toJsonText(commands: readonly Command[]): string {
  return `${JSON.stringify(commands.map(toJson), null, 2)}\n`;
}

function toJson(command: Command) {
  const { input, output, run: _, ...rest } = command;
  return {
    ...rest,
    usage: slashUsage(command),
    input: z.toJSONSchema(input, { io: 'input', unrepresentable: 'any' }),
    output: z.toJSONSchema(output, { io: 'output', unrepresentable: 'any' }),
  };
}
