import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { InterventionEvent } from '../../src/model/events.ts';
import type { FeedPayload } from '../../src/model/feed.ts';
import { toFeedLine } from '../../src/model/feed-line.ts';

const whose = { runId: 'r1', macro: 'patrol', owner: 'local' };
const intervention: InterventionEvent = {
  type: 'intervention',
  at: 5,
  pattern: 'chat-spam',
  title: 'Chat spam',
  action: 'pause',
  message: '12 chat.say in 5s',
  advice: 'sleep',
  scope: 'run',
  what: 'commands',
  measured: 12,
  allowed: 10,
  windowMs: 5000,
  occurrences: [],
  offence: 1,
  resumeAfterMs: 5000,
};
const MB = 2 ** 20;

/** What is told → the line it becomes. */
const LINES: readonly (readonly [FeedPayload, string])[] = [
  [{ type: 'run', ...whose, state: 'running', reason: null, risk: null }, 'info patrol is running'],
  [
    { type: 'run', ...whose, state: 'ended', reason: 'completed', risk: 0 },
    'info patrol ended: completed',
  ],
  [
    {
      type: 'dump',
      ...whose,
      reason: 'cpu-limit',
      path: '/dumps/a.json',
      bytes: 1,
      fingerprint: '00',
      place: 'a.js:1',
    },
    'info the crash dump of patrol was written: cpu-limit',
  ],
  [
    { type: 'run', ...whose, state: 'ended', reason: 'cancelled', risk: 0 },
    'warning patrol ended: cancelled',
  ],
  [
    { type: 'run', ...whose, state: 'ended', reason: 'cpu-limit', risk: 0 },
    'error patrol ended: cpu-limit',
  ],
  [
    { type: 'intervention', ...whose, intervention, risk: 0.3 },
    'warning patrol: chat-spam (pause): 12 chat.say in 5s',
  ],
  [
    {
      type: 'intervention',
      ...whose,
      intervention: { ...intervention, action: 'stop' },
      risk: 0.3,
    },
    'error patrol: chat-spam (stop): 12 chat.say in 5s',
  ],
  [
    { type: 'quarantine', macro: 'a', owner: 'o', held: true, by: 'alice', why: 'spam' },
    'warning a was held in quarantine by alice: spam',
  ],
  [
    { type: 'quarantine', macro: 'a', owner: 'o', held: false, by: 'alice', why: 'mended' },
    'info a was let out of quarantine by alice: mended',
  ],
  [{ type: 'pressure', step: 'none', causes: [], message: 'all is well' }, 'info all is well'],
  [
    { type: 'pressure', step: 'brake', causes: [], message: 'memory at 97 %' },
    'error brake: memory at 97 %',
  ],
  [
    { type: 'brake', held: true, count: 3, availableBytes: 900 * MB, neededBytes: 2048 * MB },
    'warning the emergency brake holds starts: 900mb free, 2gb needed (3 in a row)',
  ],
  [
    { type: 'brake', held: false, count: 0, availableBytes: 0, neededBytes: 0 },
    'info the emergency brake let go',
  ],
  [
    { type: 'worker', pid: 7, what: 'exited', why: 'lost', exitCode: null },
    'warning worker 7 exited (lost)',
  ],
  [
    { type: 'worker', pid: 7, what: 'draining', why: 'age', exitCode: null },
    'info worker 7 is draining (age)',
  ],
  [
    { type: 'breaker', state: 'open', failures: 50, retryAfterMs: 10_000 },
    'error the breaker is open after 50 failures, tries again in 10s',
  ],
  [
    { type: 'breaker', state: 'closed', failures: 0, retryAfterMs: null },
    'info the breaker is closed',
  ],
  [
    { type: 'load', active: 80, activeMax: 100, queued: 0, message: '80 of 100 active' },
    'warning 80 of 100 active',
  ],
  [
    { type: 'emergency', active: true, by: 'bob', why: 'smoke' },
    'error emergency stop by bob: smoke',
  ],
  [
    { type: 'emergency', active: false, by: 'bob', why: 'air' },
    'info emergency cleared by bob: air',
  ],
  [
    { type: 'settings', level: 'high', message: 'the guard level is high' },
    'info the guard level is high',
  ],
  [
    { type: 'operator', deed: 'stop', runId: 'r1', macro: 'patrol', by: 'bob', why: 'loud' },
    'warning bob stopped patrol: loud',
  ],
  [
    { type: 'operator', deed: 'pause', runId: 'r1', macro: 'patrol', by: 'bob', why: '' },
    'warning bob paused patrol',
  ],
];

describe('an event of the feed in one line', () => {
  for (const [payload, line] of LINES)
    test(line, () => {
      const { level, text } = toFeedLine({ ...payload, id: 1, time: 0 });
      assert.equal(`${level} ${text}`, line);
    });

  test('is bounded, whatever a macro is called', () => {
    const macro = 'x'.repeat(100_000);
    const { text } = toFeedLine({
      type: 'run',
      ...whose,
      macro,
      state: 'running',
      reason: null,
      risk: null,
      id: 1,
      time: 0,
    });
    assert.ok(text.length < 200);
  });
});
