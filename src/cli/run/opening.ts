// Owns making a corral from the flags and the configuration of `corral run`, the same for one run as for a batch of them.

import { originText } from '../../config/origin.ts';
import { type Corral, createCorral } from '../../corral.ts';
import { BUILTIN_HOSTS } from '../../hosts/builtin-hosts.ts';
import { CorralError } from '../../model/errors.ts';
import { safeText } from '../../model/safe-text.ts';
import { configure, type LoadedConfig, loadConfig } from '../configuration.ts';
import { toCorralChange, toCorralOptions } from '../corral-options.ts';
import { renderMissingWalls } from '../render/missing-walls.ts';
import { paintFor } from '../style.ts';
import { watchReload } from '../watch-reload.ts';
import { flagsSay, type RunFlags } from './flags.ts';

/** What the flags leave open. */
export interface Opening {
  readonly seed: number;
  /** Runs at once. */
  readonly concurrency: number;
  /** Takes the lines a host prints. */
  print(line: string): void;
}

/** A corral, and what it was made by. */
export interface Opened {
  readonly corral: Corral;
  readonly config: LoadedConfig;
}

/**
 * Makes a corral for macros that are each alone in their process.
 * @throws {CorralError} `bad-usage` for a command the host has not, `bad-config`, and all that `createCorral` throws
 */
export async function openCorral(
  flags: RunFlags,
  { seed, concurrency, print }: Opening,
): Promise<Opened> {
  const config = await configure(flags, flagsSay(flags));
  const host = BUILTIN_HOSTS[config.settings.commands.host]({ seed, print });
  assertKnown(config, host.commands);
  const options = toCorralOptions(config);
  const corral = createCorral({
    ...options,
    commands: host.commands,
    controlDir: flags.control ? flags.controlDir : null,
    workers: { ...options.workers, ...processes(concurrency) },
    share: false,
  });
  return { corral, config };
}

/** Reads the configuration again on SIGHUP, for what starts from then on. */
export function reloadOn(
  { corral, config }: Opened,
  flags: RunFlags,
  options: {
    readonly concurrency: number;
    readonly tell: (line: string, kind: 'note' | 'warning') => void;
    readonly hangUp: () => void;
  },
): Disposable {
  return watchReload({
    config,
    read: () => loadConfig(flags, flagsSay(flags)),
    apply: (next) =>
      corral.configure({
        ...toCorralChange(next),
        workers: { ...next.said.workers, ...processes(options.concurrency) },
      }),
    tell: options.tell,
    hangUp: options.hangUp,
  });
}

/** So many macros need so many processes, whatever the house may have. */
function processes(concurrency: number) {
  return { max: concurrency, warm: 1, warmMax: concurrency } as const;
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
  { entries, settings }: LoadedConfig,
  commands: readonly { readonly name: string }[],
): void {
  const unknown = settings.commands.privileged.find(
    (name) => !commands.some((command) => command.name === name),
  );
  if (unknown === undefined) return;
  const entry = entries.find(({ setting }) => setting.path === 'commands.privileged');
  throw new CorralError(
    'bad-usage',
    `${entry ? originText(entry.origin) : 'commands.privileged'}: the host has no such command as ${safeText(unknown, { charsMax: 60 })}; \`corral commands\` lists them.`,
  );
}
