import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { EndEvent } from '../../../src/model/events.ts';
import { isKept } from '../../../src/store/history/details.ts';
import { History } from '../../../src/store/history/history.ts';

const DAY = 24 * 3_600_000;

function open(): History {
  return new History({ dir: null, onFailed: (error) => assert.fail(String(error)) });
}

function add(history: History, id: string, more: { owner?: string; at?: number } = {}): void {
  const { owner = 'ann', at = 1_000 } = more;
  history.runs.add({
    ...{ id, owner, macro: 'm', digest: '', version: null, source: 'return 1', options: '{}' },
    ...{ at, server: 'before' },
  });
}

function endOf(runId: string, more: Partial<EndEvent> = {}): EndEvent {
  return {
    ...{ type: 'end', runId, macro: 'm', status: 'completed', reason: 'completed' },
    ...{ message: 'it completed', value: 1, error: null, line: null, column: null },
    ...{ file: 'm.js', limit: null, durationMs: 5, cpuMs: 2_000, peakHeap: 10, commands: 3 },
    ...{ refusal: null, attempts: 1, dump: null },
    ...more,
  } as EndEvent;
}

describe('runs in the history', () => {
  test('end once: what comes later changes nothing', async () => {
    await using history = open();
    add(history, 'a');
    history.runs.setStatus('a', 'running', 1_100);
    assert.equal(history.runs.end('a', endOf('a'), 1_200, null), true);
    assert.equal(history.runs.end('a', endOf('a', { status: 'killed' }), 1_300, null), false);
    history.runs.setStatus('a', 'running', 1_400);
    const run = history.runs.get('a');
    assert.deepEqual(
      [run?.status, run?.startedAt, run?.endedAt, run?.commands],
      ['completed', 1_100, 1_200, 3],
    );
    assert.equal(history.runs.endOf('a')?.value, 1);
  });

  test('begin when they leave the line, and go on from a pause', async () => {
    await using history = open();
    add(history, 'a');
    const startedAt = (status: 'queued' | 'running' | 'paused', at: number) => {
      history.runs.setStatus('a', status, at);
      return history.runs.get('a')?.startedAt;
    };
    assert.equal(startedAt('paused', 1_050), null, 'paused in line');
    assert.equal(startedAt('running', 1_100), 1_100);
    assert.equal(startedAt('paused', 1_200), 1_100);
    assert.equal(startedAt('running', 1_300), 1_100, 'it went on');
    assert.equal(startedAt('queued', 1_400), 1_100, 'it is tried again');
    assert.equal(startedAt('running', 1_500), 1_500, 'its second try');
  });

  test('that another server left are found, its own are not', async () => {
    await using history = open();
    for (const id of ['a', 'b', 'c']) add(history, id);
    history.runs.end('b', endOf('b'), 1_200, null);
    history.runs.adopt('c', history.server);
    assert.deepEqual(
      history.runs.unfinished(history.server).map(({ id }) => id),
      ['a'],
    );
  });

  test('are forgotten with all that is theirs once they are old; those under way never', async () => {
    await using history = open();
    for (const id of ['old', 'new', 'open']) add(history, id);
    history.runs.end('old', endOf('old'), DAY, null);
    history.runs.end('new', endOf('new'), 40 * DAY, null);
    for (const id of ['old', 'new'])
      history.details.addLog(id, 0, { type: 'log', at: 1, level: 'info', text: 'x' });
    history.forget(41 * DAY);
    assert.equal(history.runs.get('old'), null);
    assert.deepEqual(history.details.logs('old', { after: -1, limit: 9 }), []);
    assert.equal(history.runs.get('new')?.status, 'completed');
    assert.equal(history.details.logs('new', { after: -1, limit: 9 }).length, 1);
    assert.equal(history.runs.get('open')?.status, 'queued');
  });

  test('are summed up by macro, owner and reason, and over time', async () => {
    await using history = open();
    for (const [id, owner, at] of [
      ['a', 'ann', 1_000],
      ['b', 'ann', 2_000],
      ['c', 'bob', 9_000],
    ] as const) {
      add(history, id, { owner, at });
      const killed = { status: 'killed', reason: 'cpu-limit' } as const;
      history.runs.end(id, endOf(id, id === 'b' ? killed : {}), at + 500, null);
    }
    const owners = history.statistics.by('owner', 0, null);
    assert.deepEqual(
      owners.map(({ name, runs, completed, killed, cpuMs }) => [
        name,
        runs,
        completed,
        killed,
        cpuMs,
      ]),
      [
        ['ann', 2, 1, 1, 4_000],
        ['bob', 1, 1, 0, 2_000],
      ],
    );
    assert.equal(history.statistics.by('owner', 0, 'bob').length, 1);
    assert.deepEqual(
      history.statistics.overTime(0, 5_000, null).map(({ at, runs }) => [at, runs]),
      [
        [0, 2],
        [5_000, 1],
      ],
    );
    assert.equal(history.statistics.cpuOf('ann', 2_000), 2_000);
  });
});

describe('what is kept of a run', () => {
  test('is all at first, and the rarer the more there is', () => {
    const kept = Array.from({ length: 200_000 }, (_, n) => n).filter((n) => isKept(n, 1_000, 10));
    assert.equal(kept.filter((n) => n < 1_000).length, 1_000);
    assert.equal(kept.filter((n) => n >= 1_000 && n < 10_000).length, 900);
    assert.ok(kept.length < 4_000);
  });
});

describe('keys', () => {
  test('are known by their text alone, until they are revoked or expire', async () => {
    await using history = open();
    const { keys } = history;
    assert.equal(keys.some, false);
    const made = {
      owner: 'ann',
      name: 'ci',
      scopes: ['author'],
      expiresAt: 500_000,
      at: 100_000,
    } as const;
    const { key, info } = keys.add(made);
    assert.match(key, /^corral_[\w-]{43}$/);
    const found = keys.find(key, 200_000);
    assert.ok(typeof found === 'object');
    assert.equal(found.id, info.id);
    assert.equal(keys.list(null)[0]?.lastUsedAt, 200_000);
    assert.equal(keys.find(`${key}x`, 200_000), 'unknown');
    assert.equal(keys.find(key, 500_000), 'expired');
    assert.equal(keys.revoke(info.id, 300_000), true);
    assert.equal(keys.revoke(info.id, 300_000), false);
    assert.equal(keys.find(key, 200_000), 'revoked');
    const whole = JSON.stringify(
      history.database.all(history.database.sql.selectFrom('key').selectAll()),
    );
    assert.ok(!whole.includes(key.slice(7)), 'the key itself is nowhere');
  });
});

describe('the library', () => {
  test('has a new version only where the text differs', async () => {
    await using history = open();
    const put = (source: string) =>
      history.macros.put({
        ...{ owner: 'ann', name: 'walk', source, digest: '', language: 'js' as const },
        ...{ by: 'k', note: '', at: 1 },
      });
    assert.deepEqual(
      [put('a').isNew, put('a').isNew, put('b').isNew, put('a').isNew],
      [true, false, true, true],
    );
    assert.deepEqual(
      history.macros.versions('ann', 'walk').map(({ version }) => version),
      [3, 2, 1],
    );
    assert.equal(history.macros.text('ann', 'walk', 2)?.source, 'b');
    assert.equal(history.macros.get('bob', 'walk'), null);
  });
});
