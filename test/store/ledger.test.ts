import assert from 'node:assert/strict';
import { rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { RECKONING } from '../../src/policy/reckoning.ts';
import { RISK_WEIGHTS } from '../../src/policy/risk-over-time.ts';
import { MACROS_PER_OWNER } from '../../src/store/batch.ts';
import { LEDGER_FILE, SqliteLedger } from '../../src/store/ledger.ts';
import { tempDir } from '../support/temp.ts';
import { held, hit, macro, NOW, run } from './support/notes.ts';

const temp = tempDir();
after(() => temp[Symbol.dispose]());
let folders = 0;

const freshDir = () => join(temp.path, 'deep', String(++folders));
const open = (dir: string | null) => new SqliteLedger({ dir, reckoning: RECKONING });
const consent = { by: 'ann', why: 'mended', at: NOW + 5 };

for (const [where, dirOf] of [
  ['in memory', () => null],
  ['in a file', freshDir],
] as const)
  describe(`a ledger ${where}`, () => {
    test('knows nothing of a macro it never saw', () => {
      using ledger = open(dirOf());
      assert.equal(ledger.quarantineOf(macro('patrol')), null);
      assert.equal(ledger.baselineOf(macro('patrol')), null);
      assert.deepEqual(ledger.riskOf(macro('patrol'), 0.2, NOW).score, 0.2);
      assert.deepEqual(ledger.list(NOW), []);
    });

    test('tells of a macro what it did, how it ended and what it did to others', () => {
      using ledger = open(dirOf());
      ledger.noteRun(macro('patrol'), run({ staticRisk: 0.2 }));
      ledger.noteHit(macro('patrol'), hit());
      ledger.noteHit(macro('patrol'), hit({ effects: ['Chat unreadable', 'Muted'] }));
      const unusual = [{ measure: 'cpuMs' as const, value: 9, message: 'it has used 9s' }];
      ledger.noteRun(macro('patrol'), run({ at: NOW + 7, reason: 'cpu-limit', staticRisk: 0.2 }));
      ledger.noteRun(macro('patrol'), run({ at: NOW + 9, staticRisk: 0.2, unusual }));
      const [record, ...others] = ledger.list(NOW + 9);
      assert.deepEqual(others, []);
      assert.deepEqual(
        { ...record, risk: null },
        {
          owner: 'local',
          name: 'patrol',
          risk: null,
          quarantine: null,
          releases: [],
          baseline: null,
          runs: 3,
          ends: { completed: 2, 'cpu-limit': 1 },
          effects: [
            { effect: 'Chat unreadable', count: 2 },
            { effect: 'Muted', count: 1 },
          ],
          unusual: [{ measure: 'cpuMs', count: 1, at: NOW + 9, message: 'it has used 9s' }],
          lastRunAt: NOW + 9,
        },
      );
      assert.deepEqual(
        record?.risk.parts.map(({ cause }) => cause),
        ['static', 'kill:cpu-limit', 'pattern:chat-spam'],
      );
    });

    test('lists the riskiest first', () => {
      using ledger = open(dirOf());
      ledger.noteRun(macro('calm'), run());
      ledger.noteRun(macro('stuck'), run({ reason: 'stuck' }));
      ledger.noteRun(macro('near'), run({ nearestLimit: 0.95 }));
      assert.deepEqual(
        ledger.list(NOW).map(({ name }) => name),
        ['stuck', 'near', 'calm'],
      );
    });

    test('knows what speaks against a macro at its very next start', () => {
      using ledger = open(dirOf());
      ledger.noteRun(macro('patrol'), run({ reason: 'cpu-limit' }));
      assert.equal(
        ledger.riskOf(macro('patrol'), 0, NOW).score,
        RISK_WEIGHTS.kill['cpu-limit'].adds,
      );
      ledger.noteHit(macro('chatty'), hit());
      assert.equal(ledger.riskOf(macro('chatty'), 0, NOW).score, RISK_WEIGHTS.hit.high.adds);
    });

    test('a risk follows the name and the text, and no other owner', () => {
      using ledger = open(dirOf());
      ledger.noteRun(macro('patrol', 'text'), run({ reason: 'stuck' }));
      const score = (name: string, text: string, owner = 'local') =>
        ledger.riskOf(macro(name, text, owner), 0, NOW).score;
      assert.equal(score('patrol', 'text'), RISK_WEIGHTS.kill.stuck.adds);
      assert.equal(score('patrol', 'rewritten'), RISK_WEIGHTS.kill.stuck.adds);
      assert.equal(score('renamed', 'text'), RISK_WEIGHTS.kill.stuck.adds);
      assert.equal(score('renamed', 'rewritten'), 0);
      assert.equal(score('patrol', 'text', 'bob'), 0);
    });

    test('clean runs count down what speaks against a macro', () => {
      using ledger = open(dirOf());
      ledger.noteRun(macro('patrol'), run({ reason: 'cpu-limit' }));
      const before = ledger.riskOf(macro('patrol'), 0, NOW).score;
      ledger.noteRun(macro('patrol'), run());
      assert.ok((ledger.list(NOW)[0]?.risk.score ?? 1) < before);
    });

    test('says what is normal for a macro once it has run often enough', () => {
      using ledger = open(dirOf());
      for (let n = 0; n < 19; n++) ledger.noteRun(macro('patrol'), run({ commands: n }));
      ledger.list(NOW);
      assert.equal(ledger.baselineOf(macro('patrol')), null);
      ledger.noteRun(macro('patrol'), run({ commands: 19 }));
      const [record] = ledger.list(NOW);
      const baseline = ledger.baselineOf(macro('patrol'));
      assert.equal(baseline?.runs, 20);
      assert.equal(baseline?.measures.commands.median, 9.5);
      assert.deepEqual(record?.baseline, baseline);
      assert.equal(ledger.baselineOf(macro('patrol', 'any', 'bob')), null);
    });

    test('learns from a hundred of the last clean runs, and from no other run', () => {
      using ledger = open(dirOf());
      for (let n = 0; n < 300; n++) ledger.noteRun(macro('patrol'), run({ commands: 7 }));
      // Twenty more than that: it is reckoned again every twenty runs.
      for (let n = 0; n < 120; n++) {
        ledger.noteRun(macro('patrol'), run({ commands: 2 }));
        ledger.noteRun(macro('patrol'), run({ commands: 999, reason: 'failed' }));
        ledger.noteRun(macro('patrol'), run({ commands: 999, interventions: 1 }));
        if (n % 7 === 0) ledger.list(NOW);
      }
      ledger.list(NOW);
      const { runs, measures } = ledger.baselineOf(macro('patrol')) ?? assert.fail();
      assert.deepEqual([runs, measures.commands.from, measures.commands.to], [100, 2, 2]);
    });

    test('a refused run is counted, and says nothing else', () => {
      using ledger = open(dirOf());
      ledger.noteRun(macro('patrol'), run({ reason: 'refused', durationMs: 0 }));
      const [record] = ledger.list(NOW);
      assert.deepEqual([record?.runs, record?.ends, record?.lastRunAt], [0, { refused: 1 }, null]);
    });

    test('numbers that are none harm nothing', () => {
      using ledger = open(dirOf());
      const odd = { at: 1.5, durationMs: Number.NaN, cpuMs: Number.POSITIVE_INFINITY };
      ledger.noteRun(macro('patrol'), run({ ...odd, peakHeap: -1, staticRisk: Number.NaN }));
      assert.equal(ledger.list(NOW)[0]?.runs, 1);
    });

    test('any text may be a name: it comes back as it was', () => {
      using ledger = open(dirOf());
      const names = [
        "'; DROP TABLE macro; --",
        'a\nb',
        'a\0b',
        '\u001b[2J',
        '名前 🐎',
        '__proto__',
      ];
      for (const name of names) {
        ledger.noteRun(macro(name), run());
        ledger.quarantine(macro(name), held());
        assert.equal(ledger.quarantineOf(macro(name, 'other'))?.name, name);
      }
      assert.deepEqual(
        ledger
          .list(NOW)
          .map(({ name }) => name)
          .sort(),
        names.sort(),
      );
    });
  });

for (const [where, dirOf] of [
  ['in memory', () => null],
  ['in a file', freshDir],
] as const)
  describe(`a macro in quarantine, ${where},`, () => {
    test('is held until it is released, with who, when and why', () => {
      using ledger = open(dirOf());
      ledger.quarantine(macro('evil'), held());
      assert.deepEqual(ledger.quarantineOf(macro('evil')), { name: 'evil', ...held() });
      assert.equal(ledger.release({ owner: 'local', name: 'evil' }, consent), true);
      assert.equal(ledger.quarantineOf(macro('evil')), null);
      assert.equal(ledger.release({ owner: 'local', name: 'evil' }, consent), false);
      assert.deepEqual(ledger.list(NOW)[0]?.releases, [{ ...held(), released: consent }]);
    });

    test('does not escape by a new name, nor by a new text', () => {
      using ledger = open(dirOf());
      ledger.quarantine(macro('evil', 'text'), held());
      assert.equal(ledger.quarantineOf(macro('nice', 'text'))?.name, 'evil');
      assert.equal(ledger.quarantineOf(macro('evil', 'rewritten'))?.name, 'evil');
      assert.equal(ledger.quarantineOf(macro('nice', 'rewritten')), null);
      ledger.release({ owner: 'local', name: 'evil' }, consent);
      assert.equal(ledger.quarantineOf(macro('nice', 'text')), null);
    });

    test('is its owner’s: nobody else’s macro of that name or text is held', () => {
      using ledger = open(dirOf());
      ledger.quarantine(macro('evil', 'text', 'bob'), held());
      assert.equal(ledger.quarantineOf(macro('evil', 'text')), null);
      assert.equal(ledger.release({ owner: 'local', name: 'evil' }, consent), false);
      assert.equal(ledger.quarantineOf(macro('evil', 'text', 'bob'))?.by, 'pattern:chat-spam');
    });

    test('held twice stays as it was first, and one release is enough', () => {
      using ledger = open(dirOf());
      ledger.quarantine(macro('evil'), held());
      ledger.quarantine(macro('evil'), held({ by: 'operator', at: NOW + 9 }));
      assert.equal(ledger.quarantineOf(macro('evil'))?.by, 'pattern:chat-spam');
      assert.equal(ledger.release({ owner: 'local', name: 'evil' }, consent), true);
      assert.equal(ledger.quarantineOf(macro('evil')), null);
    });

    test('held by its name alone, is held with the text it had last', () => {
      using ledger = open(dirOf());
      ledger.noteRun(macro('evil', 'text'), run());
      ledger.quarantine(macro('evil', ''), held());
      assert.equal(ledger.quarantineOf(macro('nice', 'text'))?.name, 'evil');
      // One that never ran has no text: no other nameless one may be taken for it.
      ledger.quarantine(macro('unseen', ''), held());
      assert.equal(ledger.quarantineOf(macro('other', '')), null);
      assert.equal(ledger.quarantineOf(macro('unseen', 'first'))?.name, 'unseen');
    });

    test('is remembered with its last ten releases', () => {
      using ledger = open(dirOf());
      for (let n = 0; n < 14; n++) {
        ledger.quarantine(macro('evil'), held({ at: NOW + n }));
        ledger.release({ owner: 'local', name: 'evil' }, consent);
      }
      const releases = ledger.list(NOW)[0]?.releases ?? [];
      assert.deepEqual(
        releases.map(({ at }) => at - NOW),
        [13, 12, 11, 10, 9, 8, 7, 6, 5, 4],
      );
    });
  });

describe('a ledger', () => {
  test('is there again after a restart, in a folder and a file that are its owner’s only', () => {
    const dir = freshDir();
    {
      using ledger = open(dir);
      ledger.noteRun(macro('patrol'), run({ reason: 'stuck' }));
      ledger.quarantine(macro('evil'), held());
      for (let n = 0; n < 20; n++) ledger.noteRun(macro('calm'), run());
    }
    assert.equal(statSync(dir).mode & 0o077, 0);
    assert.equal(statSync(join(dir, LEDGER_FILE)).mode & 0o777, 0o600);
    using ledger = open(dir);
    assert.equal(ledger.riskOf(macro('patrol'), 0, NOW).score, RISK_WEIGHTS.kill.stuck.adds);
    assert.equal(ledger.quarantineOf(macro('evil'))?.why, 'it spams');
    assert.equal(ledger.baselineOf(macro('calm'))?.runs, 20);
  });

  test('a quarantine, and its end, are seen at once by another that has the same file open', () => {
    const dir = freshDir();
    using one = open(dir);
    using two = open(dir);
    one.quarantine(macro('evil'), held());
    assert.equal(two.quarantineOf(macro('evil'))?.name, 'evil');
    two.release({ owner: 'local', name: 'evil' }, consent);
    assert.equal(one.quarantineOf(macro('evil')), null);
  });

  test('remembers so many macros of an owner: the risky and the held stay', () => {
    using ledger = open(null);
    ledger.noteRun(macro('stuck'), run({ at: NOW - 2, reason: 'stuck' }));
    ledger.quarantine(macro('evil'), held({ at: NOW - 2 }));
    ledger.noteRun(macro('oldest'), run({ at: NOW - 1 }));
    ledger.noteRun(macro('theirs', 'text', 'bob'), run({ at: NOW - 9 }));
    for (let n = 0; n < MACROS_PER_OWNER * 1.3; n++) ledger.noteRun(macro(`m${n}`), run());
    const names = new Set(ledger.list(NOW).map(({ name }) => name));
    assert.ok(names.size <= MACROS_PER_OWNER * 1.1 + 1, `${names.size}`);
    assert.ok(names.size >= MACROS_PER_OWNER);
    for (const name of ['stuck', 'evil', 'theirs']) assert.ok(names.has(name), name);
    assert.ok(!names.has('oldest'));
  });

  test('takes nothing more after it is closed, and may be closed twice', () => {
    const dir = freshDir();
    const ledger = open(dir);
    ledger.noteRun(macro('patrol'), run());
    ledger[Symbol.dispose]();
    ledger.noteRun(macro('patrol'), run());
    ledger[Symbol.dispose]();
    using again = open(dir);
    assert.equal(again.list(NOW)[0]?.runs, 1);
    rmSync(join(dir, LEDGER_FILE));
  });
});
