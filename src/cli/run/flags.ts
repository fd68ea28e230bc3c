// Owns the flags of `corral run` and what they mean: limits, seeds, ports, counts.

import { InvalidArgumentError } from 'commander';
import type { KeepLimits } from '../../dumps/keeper.ts';
import type { HostName } from '../../hosts/builtin-hosts.ts';
import { CorralError } from '../../model/errors.ts';
import type { GuardLevel } from '../../model/guard.ts';
import { parseLimit } from '../../model/limits.ts';
import type { WallMode } from '../../model/wall.ts';
import type { DumpWhen } from '../../supervisor/options.ts';

/** One limit, in ms, bytes or counts. */
export type LimitFlag = ReturnType<typeof parseLimit>;

/** The flags as commander gives them. */
export interface RunFlags extends BatchFlags {
  readonly input?: string;
  readonly inputFile?: string;
  readonly limit?: readonly LimitFlag[];
  readonly lint: boolean;
  readonly seed?: number;
  readonly host: HostName;
  readonly level: GuardLevel;
  readonly allow?: readonly string[];
  readonly dump: DumpWhen;
  readonly dumpDir: string;
  readonly dumpKeep?: Partial<KeepLimits>;
  readonly stateDir: string;
  readonly controlDir: string;
  readonly control: boolean;
  readonly heapSnapshot?: boolean | number;
  readonly walls: WallMode;
  readonly inspect?: number | true;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** Those that only a batch knows. */
export interface BatchFlags {
  readonly batch?: string;
  readonly batchSize?: number;
  readonly batchDir?: string;
  readonly concurrency?: number;
  readonly failFast?: boolean;
  readonly resume?: boolean;
  readonly restart?: boolean;
  readonly force?: boolean;
}

/** Adds one `--limit` to those before it. @throws {InvalidArgumentError} */
export function collectLimit(text: string, all: readonly LimitFlag[] = []): readonly LimitFlag[] {
  try {
    return [...all, parseLimit(text)];
  } catch (error) {
    throw new InvalidArgumentError(error instanceof Error ? error.message : String(error));
  }
}

/** A port, for `--inspect`. @throws {InvalidArgumentError} */
export function toPort(text: string): number {
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port > 65_535)
    throw new InvalidArgumentError(
      'write a port from 0 to 65535, or put --inspect behind the file.',
    );
  return port;
}

/** A seed. @throws {InvalidArgumentError} */
export function toSeed(text: string): number {
  const seed = Number(text);
  if (!Number.isSafeInteger(seed) || seed < 0 || text.trim() === '')
    throw new InvalidArgumentError('a seed is a whole number of at least 0');
  return seed;
}

/** A count from 1 up to a bound. @throws {InvalidArgumentError} */
export function toCount(most: number): (text: string) => number {
  return (text) => {
    const count = Number(text);
    if (!/^[1-9]\d{0,8}$/.test(text) || count > most)
      throw new InvalidArgumentError(`write a whole number from 1 to ${most}.`);
    return count;
  };
}

/** Throws for batch flags where there is no batch. @throws {CorralError} `bad-usage` */
export function assertNoBatchFlags(flags: BatchFlags): void {
  const given = Object.entries({
    '--batch-size': flags.batchSize,
    '--concurrency': flags.concurrency,
    '--fail-fast': flags.failFast,
    '--resume': flags.resume,
    '--restart': flags.restart,
    '--force': flags.force,
  }).find(([, value]) => value !== undefined);
  if (given) throw new CorralError('bad-usage', `${given[0]} goes with --batch FILE only.`);
}
