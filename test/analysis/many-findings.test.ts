// A text with more findings than are told: the worst are.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { analyse } from '../../src/analysis/analyse.ts';
import { toGuard } from '../../src/model/guard.ts';
import { admit } from '../../src/policy/admit.ts';

test('an error cannot hide behind hundreds of notes, and the macro is refused', () => {
  const notes = Array.from(
    { length: 300 },
    (_, at) => `async function f${at}() { for (;;) await sleep(100); }\n`,
  );
  const { report } = analyse(`${notes.join('')}for (;;);\n`, { file: 'm.js', language: 'js' });
  assert.equal(report.findings.length, 200);
  assert.equal(report.findings.filter(({ level }) => level === 'error').length, 1);
  assert.equal(report.verdict, 'refuse');
  assert.equal(admit(report, { lint: true, guard: toGuard('low') }).verdict, 'refuse');
});
