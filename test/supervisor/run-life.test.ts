import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { RUN_STATES, RUN_TRANSITIONS, type RunStep } from '../../src/model/outcome.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const PAGE = readFileSync(join(ROOT, 'docs', 'run-life.md'), 'utf8');
const rows = [...PAGE.matchAll(/^\| (\d+) \| (.+?) \| (.+) \|$/gm)];

describe('docs/run-life.md', () => {
  test('numbers its invariants from 1 without a gap', () => {
    assert.ok(rows.length >= 15);
    assert.deepEqual(
      rows.map(([, number]) => Number(number)),
      rows.map((_, at) => at + 1),
    );
  });

  for (const [, number, invariant = '', kept = ''] of rows) {
    test(`${number}. ${invariant}`, () => {
      const named = kept.split('; ').map((each) => /^`(test\/[\w./-]+)` › "(.+)"$/.exec(each));
      assert.ok(named.length > 0);
      for (const match of named) {
        assert.ok(match, `not of the form \`file\` › "test": ${kept}`);
        const [, file = '', title = ''] = match;
        const source = readFileSync(join(ROOT, file), 'utf8');
        assert.ok(source.includes(title), `${file} has no test "${title}"`);
      }
    });
  }

  test('draws every state and tells what each is', () => {
    for (const state of RUN_STATES) {
      assert.match(PAGE, new RegExp(`│ +${state} +│|│ +${state} `), state);
      assert.match(PAGE, new RegExp(`^\\| \`${state}\` \\|`, 'm'), state);
    }
  });

  test('names every step of the table', () => {
    for (const step of Object.keys(RUN_TRANSITIONS.queued) as RunStep[])
      assert.match(PAGE, new RegExp(`\\b${step}\\b`));
  });
});

describe('the transition table', () => {
  test('lets every run end, and nothing happen after', () => {
    for (const state of RUN_STATES) {
      assert.equal(RUN_TRANSITIONS[state].end, state === 'ended' ? null : 'ended');
    }
    assert.deepEqual(new Set(Object.values(RUN_TRANSITIONS.ended)), new Set([null]));
  });

  test('lets every run be stopped that is not already ending', () => {
    for (const state of ['queued', 'starting', 'running', 'paused'] as const)
      assert.equal(RUN_TRANSITIONS[state].stop, 'ending');
    assert.equal(RUN_TRANSITIONS.ending.stop, null);
  });
});
