// Owns the flags of `corral run` and what they mean: limits, seeds, ports, counts, and the settings with flags of their own.

import { InvalidArgumentError } from 'commander';
import type { Said } from '../../config/said.ts';
import type { KeepLimits } from '../../dumps/keep-limits.ts';
import { SNAPSHOT_BYTES_MAX } from '../../dumps/snapshot-file.ts';
import { CorralError } from '../../model/errors.ts';
import { parseLimit } from '../../model/limits.ts';
import { type ConfigFlags, flagSays } from '../configuration.ts';

/** One limit, in ms, bytes or counts. */
export type LimitFlag = ReturnType<typeof parseLimit>;

/** The flags as commander gives them. */
export interface RunFlags extends SettingFlags, ConfigFlags, BatchFlags {
  readonly input?: string;
  readonly inputFile?: string;
  readonly lint: boolean;
  readonly seed?: number;
  readonly controlDir: string;
  readonly control: boolean;
  readonly inspect?: number | true;
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly server?: string;
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

/** The settings of `corral run` that have a flag of their own; what is not given is not said. */
export interface SettingFlags {
  readonly level?: string;
  readonly limit?: readonly LimitFlag[];
  readonly host?: string;
  readonly allow?: readonly string[];
  readonly patterns?: readonly string[];
  readonly dump?: string;
  readonly dumpDir?: string;
  readonly dumpKeep?: Partial<KeepLimits>;
  readonly heapSnapshot?: boolean | number;
  readonly stateDir?: string;
  readonly ledgerDir?: string;
  readonly walls?: string;
}

/** What those flags say about the configuration. */
export function flagsSay(flags: SettingFlags): Said[] {
  const { heapSnapshot, dumpKeep = {} } = flags;
  const snapshotBytes = heapSnapshot === true ? SNAPSHOT_BYTES_MAX : heapSnapshot;
  const keep = ([name, path]: readonly [keyof KeepLimits, string]) =>
    [`dumps.keep.${path}`, dumpKeep[name], '--dump-keep'] as const;
  const said = [
    ['level', flags.level, '--level'],
    ...(flags.limit ?? []).map(
      ({ name, value }) => [`limits.${name}`, value, `--limit ${name}`] as const,
    ),
    ['commands.host', flags.host, '--host'],
    ['commands.privileged', flags.allow, '--allow'],
    ['patterns', flags.patterns, '--patterns'],
    ['dumps.when', flags.dump, '--dump'],
    ['dumps.dir', flags.dumpDir, '--dump-dir'],
    keep(['count', 'count']),
    keep(['ageMs', 'age']),
    keep(['bytes', 'bytes']),
    ['dumps.heapSnapshot', snapshotBytes, '--heap-snapshot'],
    ['state.dir', flags.stateDir, '--state-dir'],
    ['ledger.dir', flags.ledgerDir, '--ledger-dir'],
    ['walls', flags.walls, '--walls'],
  ] as const;
  return said.flatMap(([path, value, name]) =>
    value === undefined ? [] : [flagSays(path, value, name)],
  );
}

/** Adds one `--limit` to those before it. @throws {InvalidArgumentError} */
export function collectLimit(text: string, all: readonly LimitFlag[] = []): readonly LimitFlag[] {
  try {
    return [...all, parseLimit(text)];
  } catch (error) {
    throw new InvalidArgumentError(error instanceof Error ? error.message : String(error));
  }
}

/** A port. @throws {InvalidArgumentError} */
export function toPort(text: string): number {
  return readPort(text, 'write a port from 0 to 65535.');
}

/** A port, for `--inspect`, whose value may be left out. @throws {InvalidArgumentError} */
export function toInspectPort(text: string): number {
  return readPort(text, 'write a port from 0 to 65535, or put --inspect behind the file.');
}

function readPort(text: string, otherwise: string): number {
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port > 65_535) throw new InvalidArgumentError(otherwise);
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
