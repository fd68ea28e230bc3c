// Owns `corral commands`: what a macro may tell a host, as a table for people and as JSON for programs.

import { Command as CliCommand, Option } from 'commander';
import { z } from 'zod';
import { BUILTIN_HOSTS, HOST_NAMES, type HostName } from '../hosts/builtin-hosts.ts';
import { slashUsage } from '../hosts/slash.ts';
import type { Command } from '../model/command.ts';
import { type Paint, paintFor } from './style.ts';

/** `--host`, for commands that only need to know what a host can do. */
export function hostOption(): Option {
  return new Option('--host <name>', 'whose commands')
    .choices(HOST_NAMES)
    .default('training-ground' satisfies HostName);
}

/** A host's commands, without doing anything: the seed decides nothing about them. */
export function catalogueOf(host: HostName): readonly Command[] {
  return BUILTIN_HOSTS[host]({ seed: 0, print: () => undefined }).commands;
}

/** `corral commands`. */
export function commandsCommand(): CliCommand {
  return new CliCommand('commands')
    .description('List the commands a macro may give, with their inputs, rates and limits.')
    .addOption(hostOption())
    .option('--json', 'print one JSON array with the schemas of inputs and outputs')
    .exitOverride()
    .action(({ host, json }: { host: HostName; json?: boolean }) => {
      const commands = catalogueOf(host);
      const text = json
        ? `${JSON.stringify(commands.map(toJson), null, 2)}\n`
        : toTable(commands, paintFor(process.stdout));
      process.stdout.write(text);
    });
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

/** The table: a block per category, columns as wide as their widest cell. */
function toTable(commands: readonly Command[], paint: Paint): string {
  const rows = commands.map(toRow);
  const widths = [0, 1, 2].map((column) =>
    Math.max(...rows.map((row) => (row[column] ?? '').length)),
  );
  const blocks = [...Map.groupBy(commands, (command) => command.category)].map(
    ([category, list]) => {
      const lines = list.map((command) => {
        const [call = '', slash = '', limits = ''] = toRow(command).map((cell, column) =>
          cell.padEnd(widths[column] ?? 0),
        );
        const line = `  ${paint('bold', call)}  ${slash}  ${paint('dim', limits)}`;
        return `${line}\n      ${command.description}`;
      });
      return `${paint('cyan', category)}\n${lines.map((line) => line.replace(/ +$/gm, '')).join('\n')}`;
    },
  );
  return `${blocks.join('\n\n')}\n\n${LEGEND}\n`;
}

const LEGEND =
  'Limits: a second (at once) · a run · what happens beyond them. ' +
  "Privileged ones need the macro's @grant and the host's consent.";

/** The cells before the description: call, slash form, limits. */
function toRow(command: Command): string[] {
  const keys = Object.entries(command.input.shape).map(
    ([key, schema]) => key + (schema.safeParse(undefined).success ? '?' : ''),
  );
  const call = `${command.name}(${keys.length > 0 ? `{ ${keys.join(', ')} }` : ''})`;
  return [call, slashUsage(command), limitsOf(command)];
}

function limitsOf(command: Command): string {
  const { rate, maxPerRun, onLimit, privileged } = command;
  const parts = [
    rate && `${rate.perSecond}/s (${rate.burst})`,
    maxPerRun !== null && `${maxPerRun} a run`,
    (rate || maxPerRun !== null) && { wait: 'waits', throw: 'throws', kill: 'stops' }[onLimit],
    privileged && 'privileged',
  ];
  return parts.filter(Boolean).join(' · ');
}
