// docs/risk.md has the same weights as the code.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { RISK_WEIGHTS, type Weight } from '../../src/policy/risk-over-time.ts';

const page = readFileSync(new URL('../../docs/risk.md', import.meta.url), 'utf8');
const DAY = 86_400_000;
const { hit, kill, patternKill, nearLimit } = RISK_WEIGHTS;

/** The row of the table that begins so. */
function row(begins: string): string {
  const found = page.split('\n').find((line) => line.startsWith(`| ${begins}`));
  return found ?? assert.fail(`no row "${begins}"`);
}

const cases: [begins: string, weight: Weight][] = [
  ['a pattern matched, of risk low', hit.low],
  ['… medium', hit.medium],
  ['… high', hit.high],
  ['… critical', hit.critical],
  ['stopped by a pattern', patternKill],
  ['80 % of a limit', nearLimit],
  ['stopped: `stuck`', kill.stuck],
  ...Object.entries(kill)
    .filter(([reason, { adds }]) => adds > 0 && reason !== 'stuck')
    .map(([reason, weight]): [string, Weight] => [`\`${reason}\``, weight]),
];
for (const [begins, { adds, halfLifeMs }] of cases)
  test(`the row "${begins}"`, () => {
    const days = halfLifeMs / DAY;
    const end = `| ${adds.toFixed(2)} | ${days} day${days === 1 ? '' : 's'} |`;
    assert.ok(row(begins).endsWith(end), `${row(begins)} should end ${end}`);
  });

test('the row of what adds nothing', () => {
  const zero = page.split('\n').find((line) => line.endsWith('| 0 | |')) ?? '';
  for (const [reason, { adds }] of Object.entries(kill))
    if (adds === 0) assert.ok(zero.includes(`\`${reason}\``), reason);
});
