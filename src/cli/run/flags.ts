// Owns what the flags of `corral run` mean: limits, seeds, ports.

import { InvalidArgumentError } from 'commander';
import { parseLimit } from '../../model/limits.ts';

/** One limit, in ms, bytes or counts. */
export type LimitFlag = ReturnType<typeof parseLimit>;

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
