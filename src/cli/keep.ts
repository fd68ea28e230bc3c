// Owns how much is kept, as flags say it: a number, an age or a size.

import { InvalidArgumentError } from 'commander';
import type { KeepLimits } from '../dumps/keep-limits.ts';

const UNIT: Readonly<Record<string, readonly [keyof KeepLimits, number]>> = {
  '': ['count', 1],
  m: ['ageMs', 60_000],
  h: ['ageMs', 3_600_000],
  d: ['ageMs', 86_400_000],
  w: ['ageMs', 7 * 86_400_000],
  kb: ['bytes', 2 ** 10],
  mb: ['bytes', 2 ** 20],
  gb: ['bytes', 2 ** 30],
};

/** Adds what one `--dump-keep` says to those before it. @throws {InvalidArgumentError} */
export function collectKeep(text: string, all: Partial<KeepLimits> = {}): Partial<KeepLimits> {
  const [, digits = '', unit = ''] =
    /^(\d{1,9})([a-z]{0,2})$/.exec(text.trim().toLowerCase()) ?? [];
  const meaning = UNIT[unit];
  const value = Number(digits);
  if (!meaning || digits === '' || value === 0)
    throw new InvalidArgumentError(
      'write a number of dumps (200), an age (12h, 7d) or a size (500mb, 2gb).',
    );
  const [name, factor] = meaning;
  return { ...all, [name]: value * factor };
}

/** A size, for `--heap-snapshot`. @throws {InvalidArgumentError} */
export function toSnapshotBytes(text: string): number {
  const { bytes } = /[a-z]b$/i.test(text.trim()) ? collectKeep(text) : {};
  if (bytes === undefined) throw new InvalidArgumentError('write a size, for example 256mb.');
  return bytes;
}
