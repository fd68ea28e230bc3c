// Each rule has a page and fixtures: every invalid one is found, no valid one is.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { analyse } from '../../../src/analysis/analyse.ts';
import { RULES } from '../../../src/analysis/rules/rules.ts';
import { createTrainingGround } from '../../../src/corral.ts';
import { ROOT } from '../../support/cli.ts';

const COMMANDS = createTrainingGround({ seed: 7 }).commands;
/** Written by `npm run accuracy -- --write`. */
const MEASURED =
  /^False positives: warned of, rightly or not, are \d+ of \d+ ordinary files and \d+ of \d+ good macros/m;
const FIXTURES = join(ROOT, 'test', 'fixtures');

function fixtures(rule: string, kind: 'valid' | 'invalid'): [string, string][] {
  const dir = join(FIXTURES, rule, kind);
  return readdirSync(dir).map((name) => [name, readFileSync(join(dir, name), 'utf8')]);
}

function serious(source: string, rule: string) {
  const { report } = analyse(source, { file: 'macro.js', language: 'js', commands: COMMANDS });
  const isInfo = RULES.find(({ id }) => id === rule)?.isInfo ?? false;
  return report.findings.filter((each) => each.rule === rule && (isInfo || each.level !== 'info'));
}

for (const { id, summary } of RULES) {
  describe(id, () => {
    test('has a page that shows it', () => {
      const page = readFileSync(join(ROOT, 'docs', 'rules', `${id}.md`), 'utf8');
      assert.ok(page.startsWith(`# ${id}\n`));
      const [wrong, right] = [...page.matchAll(/```js\n([\s\S]*?)\n```/g)].map(
        (match) => match[1] ?? '',
      );
      assert.ok(serious(wrong ?? '', id).length > 0, 'the wrong example is found');
      assert.equal(serious(right ?? '', id).length, 0, 'the right example is not');
      assert.ok(summary.endsWith('.'));
    });
    test('says why, when not to use it, what it cannot see, and how often it was wrong', () => {
      const page = readFileSync(join(ROOT, 'docs', 'rules', `${id}.md`), 'utf8');
      for (const part of [/^Why: ./m, /^When not to use it: ./m, /^Known limits: ./m, MEASURED])
        assert.match(page, part);
    });
    for (const [name, source] of fixtures(id, 'invalid')) {
      test(`finds ${name}`, () => assert.ok(serious(source, id).length > 0, source));
    }
    for (const [name, source] of fixtures(id, 'valid')) {
      test(`says nothing of ${name}`, () => assert.deepEqual(serious(source, id), [], source));
    }
  });
}

test('every page belongs to a rule', () => {
  const pages = readdirSync(join(ROOT, 'docs', 'rules')).map((name) => name.replace(/\.md$/, ''));
  assert.deepEqual(pages.sort(), RULES.map(({ id }) => id).sort());
});
