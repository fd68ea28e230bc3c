// Owns running macros that each have a fault, and reading what their dumps say of it.

import assert from 'node:assert/strict';
import { after } from 'node:test';
import { createCorral, createTrainingGround } from '../../src/corral.ts';
import { adviceFor } from '../../src/dumps/advice.ts';
import { readDump } from '../../src/dumps/dump.ts';
import type { CrashDump } from '../../src/model/dump.ts';
import { tempDir } from './temp.ts';

/** What fills a heap must not run out of CPU first, however busy the machine is. */
const ROOM = { cpu: '30s', burst: '30s', wall: '60s' };
const BY_REASON: Readonly<Record<string, object>> = {
  'cpu-limit': { ...ROOM, cpu: 400 },
  'heap-limit': { ...ROOM, heap: '32mb' },
};

/** A Corral for one test file; closed after its tests. */
export function diagnosed() {
  const temp = tempDir();
  const corral = createCorral({
    dumpDir: temp.path,
    commands: createTrainingGround({ seed: 1 }).commands,
    // A pattern may be first to see what grows; here each limit is.
    patterns: false,
    limits: ROOM,
  });
  after(async () => {
    await corral.close();
    temp[Symbol.dispose]();
  });
  /** Runs a macro that must end so. */
  return async (source: string, reason: string, limits: object = {}) => {
    const end = await corral.start(source, {
      lint: false,
      limits: { ...ROOM, ...BY_REASON[reason], ...limits },
    }).result;
    assert.equal(end.reason, reason, `${end.message} ${end.error?.message ?? ''}`);
    assert.ok(end.dump);
    return readDump(end.dump);
  };
}

/** All that is said of why it ended so. */
export function saidOf({ diagnosis = [] }: CrashDump): string {
  return diagnosis.map(({ text }) => text).join('\n');
}

/** All that is advised. */
export function advisedFor(dump: CrashDump): string {
  return adviceFor(dump).join('\n');
}
