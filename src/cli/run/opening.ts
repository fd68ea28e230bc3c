// Owns making a corral from the flags of `corral run`, the same for one run as for a batch of them.

import { type Corral, createCorral } from '../../corral.ts';
import { BUILTIN_HOSTS } from '../../hosts/builtin-hosts.ts';
import { CorralError } from '../../model/errors.ts';
import { safeText } from '../../model/safe-text.ts';
import { renderMissingWalls } from '../render/missing-walls.ts';
import { paintFor } from '../style.ts';
import type { RunFlags } from './flags.ts';

/** What the flags leave open. */
export interface Opening {
  readonly seed: number;
  /** Runs at once. */
  readonly concurrency: number;
  /** Takes the lines a host prints. */
  print(line: string): void;
}

/**
 * Makes a corral for macros that are each alone in their process.
 * @throws {CorralError} `bad-usage` for a command the host has not, and all that `createCorral` throws
 */
export function openCorral(flags: RunFlags, { seed, concurrency, print }: Opening): Corral {
  const host = BUILTIN_HOSTS[flags.host]({ seed, print });
  const privileged = flags.allow ?? [];
  assertKnown(privileged, host.commands);
  return createCorral({
    commands: host.commands,
    level: flags.level,
    limits: Object.fromEntries((flags.limit ?? []).map(({ name, value }) => [name, value])),
    privileged,
    dump: flags.dump,
    dumpDir: flags.dumpDir,
    ...(flags.dumpKeep && { dumpKeep: flags.dumpKeep }),
    ...(flags.heapSnapshot !== undefined && { heapSnapshot: flags.heapSnapshot }),
    stateDir: flags.stateDir,
    controlDir: flags.control ? flags.controlDir : null,
    workers: { max: concurrency, warm: 1 },
    share: false,
    walls: flags.walls,
    patterns: flags.patterns ?? [],
  });
}

/** What is missing, a line each: walls, and the way in for `corral top`. Nothing where all is well. */
export async function tellWhatIsMissing(corral: Corral): Promise<void> {
  const paint = paintFor(process.stderr);
  process.stderr.write(renderMissingWalls(corral.walls, paint));
  const { problem } = await corral.control;
  if (problem !== null)
    process.stderr.write(
      `${paint('yellow', 'warning')} \`corral top\` cannot see this: ${safeText(problem)}\n`,
    );
}

/** A seed by chance. */
export function anySeed(): number {
  return Math.floor(Math.random() * 2 ** 32);
}

function assertKnown(
  names: readonly string[],
  commands: readonly { readonly name: string }[],
): void {
  const unknown = names.find((name) => !commands.some((command) => command.name === name));
  if (unknown !== undefined)
    throw new CorralError(
      'bad-usage',
      `--allow ${unknown}: the host has no such command; \`corral commands\` lists them.`,
    );
}
