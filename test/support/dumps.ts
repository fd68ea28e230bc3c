// Owns the sample dumps of the tests, each a copy of its own to change at will.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CrashDump } from '../../src/model/dump.ts';
import { ROOT } from './cli.ts';

/** The sample dumps, by why the run ended. */
export const SAMPLES = ['cpu-limit', 'heap-limit', 'stuck', 'failed'] as const;

/** Where a sample dump lies. */
export function samplePath(name: (typeof SAMPLES)[number]): string {
  return join(ROOT, 'test/fixtures/dumps', `${name}.json`);
}

/** A sample dump, with some of its fields changed. */
export function sampleDump(
  name: (typeof SAMPLES)[number],
  changes: Partial<CrashDump> = {},
): CrashDump {
  const json = JSON.parse(readFileSync(samplePath(name), 'utf8')) as object;
  return CrashDump.parse({ ...json, ...changes });
}
