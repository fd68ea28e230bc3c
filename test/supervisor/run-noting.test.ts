import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { EndEvent, RunEvent, WarningEvent } from '../../src/model/events.ts';
import { GUARD_TABLE } from '../../src/model/guard.ts';
import type { MacroKey } from '../../src/model/ledger.ts';
import { RECKONING } from '../../src/policy/reckoning.ts';
import { SqliteLedger } from '../../src/store/ledger.ts';
import { Feed } from '../../src/supervisor/feed.ts';
import { LedgerDesk } from '../../src/supervisor/ledger-desk.ts';
import { RunRecord } from '../../src/supervisor/record.ts';
import { LiveRun } from '../../src/supervisor/run.ts';
import { RunNoting } from '../../src/supervisor/run-noting.ts';
import { until } from './support/processes.ts';

const KEY: MacroKey = { owner: 'local', name: 'patrol', digest: 'text' };
const MB = 1024 * 1024;
const END: EndEvent = {
  type: 'end',
  runId: 'r',
  macro: 'patrol',
  status: 'completed',
  reason: 'completed',
  message: 'it completed',
  value: null,
  error: null,
  line: null,
  column: null,
  file: 'm.js',
  limit: null,
  durationMs: 10,
  cpuMs: 5,
  peakHeap: 2 * MB,
  commands: 3,
  refusal: null,
  attempts: 1,
  dump: null,
};

/** A ledger, its desk, and runs of one macro that end as they are told. */
function start() {
  const ledger = new SqliteLedger({ dir: null, reckoning: RECKONING });
  const feed = new Feed();
  const desk = new LedgerDesk(ledger, feed);
  const begin = () => {
    const live = new LiveRun('r', 'patrol', {
      stop() {},
      hold() {},
      pause: async () => undefined,
      look: async () => null,
      resume: async () => undefined,
    });
    const record = new RunRecord();
    const { limits } = GUARD_TABLE.medium;
    const noting = new RunNoting({
      desk,
      live,
      record,
      key: KEY,
      staticRisk: 0.2,
      limits,
      shares: true,
    });
    const events: RunEvent[] = [];
    for (const type of ['warning', 'end'] as const) live.on(type, (event) => events.push(event));
    live.move('start', 0);
    live.move('ready', 0);
    const end = (wishes: Partial<EndEvent> = {}) => {
      const event = { ...END, ...wishes };
      noting.ending(event);
      live.end(event);
      noting.ended(event);
      return events;
    };
    const warnings = () =>
      events.filter((event): event is WarningEvent => event.type === 'warning');
    return { live, record, end, warnings };
  };
  return { ledger, feed, desk, begin, [Symbol.dispose]: () => ledger[Symbol.dispose]() };
}

/** The same after thirty clean runs. */
function experienced() {
  const all = start();
  for (let n = 0; n < 30; n++) all.begin().end();
  all.ledger.list(Date.now());
  return all;
}

const sample = (heapUsed: number, cpuMs: number, at = 50) => ({
  type: 'sample' as const,
  at,
  heapUsed,
  heapTotal: heapUsed,
  external: 0,
  rss: heapUsed,
  cpuMs,
});
const command = (at: number) => ({
  type: 'command' as const,
  at,
  name: 'chat.say',
  args: null,
  result: null,
  durationMs: 0,
  line: 1,
});

describe('a run far outside of what is normal for its macro', () => {
  test('is warned of as soon as a sample shows it, once a measure, with the numbers', () => {
    using all = experienced();
    const { live, warnings, end } = all.begin();
    live.emit(sample(3 * MB, 6));
    assert.deepEqual(warnings(), []);
    live.emit(sample(61 * MB, 6, 150));
    live.emit(sample(70 * MB, 900, 250));
    assert.deepEqual(
      warnings().map(({ at, code }) => [at, code]),
      [
        [150, 'unusual-behaviour'],
        [250, 'unusual-behaviour'],
      ],
    );
    assert.match(
      warnings()[0]?.message ?? '',
      /61mb of heap; nine in ten of its last 30 clean runs used 2mb, and far outside begins above 12mb$/,
    );
    assert.match(warnings()[1]?.message ?? '', /it has used 900ms of CPU; .* used 5ms/);
    const events = end({ peakHeap: 70 * MB, cpuMs: 900 });
    assert.deepEqual(
      events.map(({ type }) => type),
      ['warning', 'warning', 'end'],
    );
    const [record] = all.ledger.list(Date.now());
    assert.deepEqual(
      record?.unusual.map(({ measure, count }) => [measure, count]),
      [
        ['cpuMs', 1],
        ['peakHeap', 1],
      ],
    );
  });

  test('is warned of at the very command that is too many', () => {
    using all = experienced();
    const { live, warnings, end } = all.begin();
    for (let n = 1; n <= 11; n++) live.emit(command(n));
    assert.deepEqual(warnings(), []);
    live.emit(command(12));
    assert.equal(warnings().length, 1);
    assert.match(warnings()[0]?.message ?? '', /it has given 12 commands; .* gave 3, .* above 11$/);
    end({ commands: 12 });
    assert.equal(warnings().length, 1);
  });

  test('is warned of while it sleeps for too long', async () => {
    using all = experienced();
    const { warnings, end } = all.begin();
    await until('the warning', () => warnings().length > 0);
    assert.match(warnings()[0]?.message ?? '', /it has run for 1s; .* took 10ms/);
    end({ durationMs: 2000 });
    assert.equal(warnings().length, 1);
  });

  test('is warned of before its end where no sample saw it', () => {
    using all = experienced();
    const events = all.begin().end({ cpuMs: 700 });
    assert.deepEqual(
      events.map(({ type }) => type),
      ['warning', 'end'],
    );
  });

  test('is no news before the macro has run often enough', () => {
    using all = start();
    for (let n = 0; n < 19; n++) all.begin().end();
    all.ledger.list(0);
    const { live, warnings, end } = all.begin();
    live.emit(sample(100 * MB, 5000));
    end({ commands: 4000 });
    assert.deepEqual(warnings(), []);
  });
});

describe('what is noted of a run', () => {
  const recordOf = (all: ReturnType<typeof start>) =>
    all.ledger.list(Date.now())[0] ?? assert.fail();

  test('is its end, and the limit it came nearest to', () => {
    using all = start();
    all.begin().end({ reason: 'failed', status: 'failed' });
    const { commands } = GUARD_TABLE.medium.limits;
    all.begin().end({ commands: commands * 0.9 });
    const { ends, risk } = recordOf(all);
    assert.deepEqual(ends, { failed: 1, completed: 1 });
    assert.deepEqual(
      risk.parts.map(({ cause, why }) => [cause, why]),
      [
        ['static', 'what lint says of its text'],
        ['near-limit', 'a run used 90 % of its commands'],
      ],
    );
  });

  test('is nothing where the house turned it away, and a count where the macro was the reason', () => {
    using all = start();
    const refused = { reason: 'refused', status: 'refused', durationMs: 0 } as const;
    for (const code of ['queue-full', 'draining', 'brake', 'emergency'] as const)
      all.begin().end({ ...refused, refusal: { code, retryAfterMs: 5 } });
    assert.deepEqual(all.ledger.list(Date.now()), []);
    all.begin().end({ ...refused, refusal: { code: 'quarantined', retryAfterMs: null } });
    assert.deepEqual(recordOf(all).ends, { refused: 1 });
  });

  test('a run that an intervention touched says nothing of what is normal', () => {
    using all = start();
    for (let n = 0; n < 30; n++) {
      const { live, end } = all.begin();
      live.emit({
        type: 'intervention',
        what: 'commands',
        at: 1,
        pattern: 'chat-spam',
        title: 'Chat spam',
        action: 'warn',
        message: 'm',
        advice: 'a',
        scope: 'run',
        measured: 11,
        allowed: 10,
        windowMs: 5000,
        occurrences: [],
        offence: 1,
        resumeAfterMs: null,
      });
      end();
    }
    assert.equal(recordOf(all).baseline, null);
  });

  test('a macro that a pattern stopped is in quarantine from then on, and the feed says so', () => {
    using all = start();
    all.begin().end({ reason: 'pattern:chat-spam', status: 'killed', message: 'it spams' });
    const { quarantine } = recordOf(all);
    assert.deepEqual(
      [quarantine?.by, quarantine?.why, quarantine?.runId],
      ['pattern:chat-spam', 'it spams', 'r'],
    );
    const told = all.feed.recent.map(({ id: _, time: __, ...rest }) => rest);
    const about = { type: 'quarantine', macro: 'patrol', owner: 'local' };
    assert.deepEqual(told, [{ ...about, held: true, by: 'pattern:chat-spam', why: 'it spams' }]);
  });
});
