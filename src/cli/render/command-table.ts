// Owns how a host's commands look on a terminal: a table by category that fits 80 columns, and one command in full.

import { z } from 'zod';
import { slashUsage } from '../../hosts/slash.ts';
import type { Command } from '../../model/command.ts';
import { toTypeText } from '../../model/type-text.ts';
import type { Paint } from '../style.ts';

const LEGEND = `Inputs with ? may be left out. Slash words take the same inputs in order:
/take barn apple 2 is inventory.take({ chest: 'barn', item: 'apple', count: 2 })
A command given faster than its rate waits, unless it says otherwise.
All about one of them: corral commands inventory.take`;

/** Long unions of a type are broken here (columns). */
const TYPE_COLUMNS = 66;

/** All commands: a block per category, one line for the call and one for what it does. */
export function renderCommandTable(commands: readonly Command[], paint: Paint): string {
  const callWidth = Math.max(...commands.map((command) => callOf(command).length));
  const slashWidth = Math.max(...commands.map((command) => command.slash.length + 1));
  const blocks = [...Map.groupBy(commands, ({ category }) => category)].map(([category, list]) => {
    const rows = list.map((command) => {
      const call = paint('bold', callOf(command).padEnd(callWidth));
      const slash = `/${command.slash}`.padEnd(slashWidth);
      return [
        `  ${call}  ${paint('cyan', slash)}  ${paint('dim', rateOf(command))}`.trimEnd(),
        `      ${command.description}`,
        ...specialsOf(command).map((special) => `      ${paint('yellow', special)}`),
      ].join('\n');
    });
    return `${paint(['cyan', 'bold'], category)}\n${rows.join('\n')}`;
  });
  return `${blocks.join('\n\n')}\n\n${paint('dim', LEGEND)}\n`;
}

/** One command: what goes in, what comes out, and its limits. */
export function renderCommand(command: Command, paint: Paint): string {
  const facts = [
    ['slash', slashUsage(command)],
    ['takes', typeOf(command.input, 'input')],
    ['gives', typeOf(command.output, 'output')],
    ['rate', rateOf(command) || 'no limit'],
    ...specialsOf(command).map((special) => ['beware', special]),
    ['repeat', command.idempotent ? 'twice does no more than once' : 'twice does it twice'],
  ];
  const lines = facts.map(
    ([label = '', text = '']) =>
      `  ${paint('dim', label.padEnd(8))}${text.replaceAll('\n', `\n${' '.repeat(10)}`)}`,
  );
  return `${paint('bold', callOf(command))}\n  ${command.description}\n\n${lines.join('\n')}\n`;
}

/** How it is called, by the names of its inputs: `inventory.take({ chest, item, count? })`. */
function callOf({ name, input }: Command): string {
  const keys = Object.entries(input.shape).map(
    ([key, schema]) => key + (schema.safeParse(undefined).success ? '?' : ''),
  );
  return `${name}(${keys.length > 0 ? `{ ${keys.join(', ')} }` : ''})`;
}

function rateOf({ rate }: Command): string {
  if (!rate) return '';
  const { perSecond, burst } = rate;
  if (perSecond < 1) return `${burst} every ${Math.round(burst / perSecond)} s`;
  return burst === perSecond ? `${perSecond}/s` : `${perSecond}/s, ${burst} at once`;
}

/** What an author must know of it beyond its rate; nothing for most commands. */
function specialsOf({ maxPerRun, onLimit, privileged }: Command): string[] {
  // A `maxPerRun` never waits: nothing in the run could give more.
  const beyond = { wait: 'then it throws', throw: 'then it throws', kill: 'then the run ends' };
  const tooFast = { wait: '', throw: 'throws', kill: 'ends the run' }[onLimit];
  return [
    maxPerRun === null ? '' : `at most ${maxPerRun} a run, ${beyond[onLimit]}`,
    tooFast === '' ? '' : `${tooFast} when given faster than its rate`,
    privileged ? "privileged: needs the macro's @grant and the host's consent (--allow)" : '',
  ].filter((special) => special !== '');
}

/** A schema as a TypeScript type, one member a line with its description. */
function typeOf(schema: z.ZodType, io: 'input' | 'output'): string {
  const json = z.toJSONSchema(schema, { io, unrepresentable: 'any', reused: 'inline' });
  const { properties = {}, required = [] } = json;
  const members = Object.entries(properties).map(([key, member]) => {
    const optional = required.includes(key) ? '' : '?';
    const about = typeof member === 'object' ? aboutOf(member) : '';
    const type = broken(toTypeText(member as object));
    return `  ${key}${optional}: ${type}${about && `  // ${about}`}`;
  });
  return members.length === 0 ? 'nothing' : `{\n${members.join('\n')}\n}`;
}

/** A long union over several lines. */
function broken(type: string): string {
  const lines: string[] = [];
  for (const part of type.split(/(?<= \|) /)) {
    const last = lines.at(-1);
    if (last === undefined || last.length + part.length > TYPE_COLUMNS) lines.push(part);
    else lines[lines.length - 1] = `${last} ${part}`;
  }
  return lines.join('\n      ');
}

function aboutOf({ description, default: preset }: z.core.JSONSchema.BaseSchema): string {
  const parts = [
    description ?? '',
    preset === undefined ? '' : `default ${JSON.stringify(preset)}`,
  ];
  return parts.filter((part) => part !== '').join('; ');
}
