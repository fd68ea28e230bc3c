// Owns the print host: takes another host's catalogue and prints each command instead of doing it; it never acts on anything.

import { z } from 'zod';
import { type Command, defineCommand, type Host } from '../model/command.ts';
import { safeText } from '../model/safe-text.ts';

/** What every command of the print host answers; loose, so that a wrapper may add to it. */
const Acknowledged = z.looseObject({ ok: z.boolean() });

/**
 * Creates a host that acknowledges commands and does nothing: a rehearsal. Inputs are checked as the wrapped catalogue
 * declares them, rates and limits stay; only the answer differs, so a macro that reads answers sees `{ ok: true }`.
 * @param commands the catalogue to stand in for, e.g. `createTrainingGround({ seed: 1 }).commands`
 * @param print takes one line per command, such as `combat.attack {"target":"bob"}`, with controls escaped
 */
export function createPrintHost(commands: readonly Command[], print: (line: string) => void): Host {
  return { name: 'print', commands: commands.map((command) => toPrinting(command, print)) };
}

function toPrinting(command: Command, print: (line: string) => void): Command {
  const { name, description, input, rate, maxPerRun, onLimit, idempotent, privileged } = command;
  return defineCommand({
    name,
    description,
    input,
    output: Acknowledged,
    ...(rate && { rate }),
    ...(maxPerRun !== null && { maxPerRun }),
    onLimit,
    idempotent,
    privileged,
    slash: command.slash,
    run(values) {
      print(safeText(`${name} ${JSON.stringify(values)}`));
      return { ok: true };
    },
  });
}
