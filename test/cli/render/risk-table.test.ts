import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { renderMacro } from '../../../src/cli/render/macro-record.ts';
import { renderRiskTable } from '../../../src/cli/render/risk-table.ts';
import { displayWidth } from '../../../src/model/display-width.ts';
import type { MacroRecord } from '../../../src/model/ledger.ts';

const NOW = 1_800_000_000_000;
const look = { paint: (_: unknown, text: string) => text, now: NOW };
const EVIL = `evil\u001b[2J\n${'名'.repeat(60)}\u202e`;

const hasUnsafe = (text: string) => text.includes('\u001b') || text.includes('\u202e');

function record(wishes: Partial<MacroRecord> = {}): MacroRecord {
  return {
    owner: 'local',
    name: 'patrol',
    risk: { score: 0, parts: [] },
    quarantine: null,
    releases: [],
    baseline: null,
    runs: 1,
    ends: { completed: 1 },
    effects: [],
    unusual: [],
    lastRunAt: NOW - 61_000,
    ...wishes,
  };
}

const hostile = record({
  owner: EVIL,
  name: EVIL,
  risk: { score: 0.9, parts: [{ cause: EVIL, adds: 0.9, why: EVIL }] },
  quarantine: { at: Number.NaN, by: EVIL, why: EVIL, runId: EVIL, name: EVIL },
  releases: [
    { at: NOW, by: EVIL, why: EVIL, runId: null, released: { at: NOW, by: EVIL, why: EVIL } },
  ],
  ends: { [EVIL]: 3 },
  effects: Array.from({ length: 5 }, () => ({ effect: EVIL, count: 2 })),
  unusual: [{ measure: 'cpuMs', count: 2, at: NOW, message: EVIL }],
});

describe('the table of risks', () => {
  test('stays within the terminal, columns aligned, whatever the names', () => {
    const records = [hostile, record({ name: '巡回' }), record({ name: 'hello', runs: 1234 })];
    for (const columns of [60, 80, 200]) {
      const text = renderRiskTable(records, { ...look, columns, ledgerDir: 'x' });
      for (const line of text.split('\n'))
        assert.ok(
          displayWidth(line) <= Math.min(columns, 140) || line.includes('corral risk'),
          line,
        );
      assert.ok(!hasUnsafe(text));
    }
    const text = renderRiskTable(records.slice(1), { ...look, columns: 80, ledgerDir: 'x' });
    const [head = '', ...rows] = text.split('\n').slice(0, 3);
    const place = displayWidth(head.slice(0, head.indexOf('owner')));
    for (const row of rows) assert.equal(displayWidth(row.slice(0, row.indexOf('local'))), place);
  });

  test('says how long ago, and that one never ran', () => {
    const rows = [record(), record({ name: 'unseen', runs: 0, ends: {}, lastRunAt: null })];
    const text = renderRiskTable(rows, { ...look, columns: 80, ledgerDir: 'x' });
    assert.match(text, /patrol +local +1 +1m1s ago +1 completed\n/);
    assert.match(text, /unseen +local +0 +never\n/);
    assert.match(text, /^2 macros\./m);
  });
});

describe('one macro', () => {
  test('shows nothing of hostile text but harmless letters', () => {
    const text = renderMacro(hostile, { ...look, columns: 80 });
    assert.ok(!hasUnsafe(text));
    assert.match(text, /since an unknown time/);
    assert.match(text, /corral release\s+'evil\\x1b/);
  });
});
