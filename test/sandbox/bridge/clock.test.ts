// The clock of a macro that is run again.

import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { type CrashDump, createCorral, readDump, replayDump } from '../../../src/corral.ts';
import { scratchDir } from '../../supervisor/support/scratch.ts';

const corral = createCorral({ dump: 'always', dumpDir: scratchDir() });
after(() => corral.close());

const THEN = '2001-02-03T04:05:06.000Z';

/** What a macro throws as text when it is run again on the clock of another time. */
async function thrownThen(expression: string): Promise<unknown> {
  const end = await corral.start(`throw new Error(JSON.stringify(${expression}))`).result;
  const dump: CrashDump = await readDump(end.dump ?? '');
  const { end: again } = await replayDump({ ...dump, startedAt: THEN });
  return JSON.parse(again.error?.message ?? 'null');
}

describe('a replayed clock', () => {
  test('goes on from the time of then, in every way to ask for it', async () => {
    const times = (await thrownThen(
      '[Date.now(), now(), new Date().getTime(), Date.parse(Date()), +new (class extends Date {})()]',
    )) as number[];
    for (const time of times) {
      const late = time - Date.parse(THEN);
      assert.ok(late > -1001 && late < 60_000, `${new Date(time).toISOString()}`);
    }
  });

  test('leaves everything else of Date as it is', async () => {
    const told =
      await thrownThen(`[new Date(0).toISOString(), new Date(2020, 1).getMonth(), Date.UTC(2000, 0), Date.name,
      Date.length, new Date(0) instanceof Date, new Date(0).constructor === Date, Date.prototype.constructor === Date,
      typeof Date(), String(Date), Object.getOwnPropertyNames(Date).sort().join(), class extends Date {}.prototype instanceof Date,
      Object.getOwnPropertyDescriptor(Date, 'prototype').writable, new Date('x').getTime()]`);
    assert.deepEqual(told, [
      '1970-01-01T00:00:00.000Z',
      1,
      946_684_800_000,
      'Date',
      7,
      true,
      true,
      true,
      'string',
      'function Date() { [native code] }',
      'UTC,length,name,now,parse,prototype',
      true,
      false,
      null,
    ]);
  });
});
