// What is said of regular expressions, each time held against recheck, which comes to it in another way.

import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { judgeRegex } from '../../../src/analysis/regex/judge-regex.ts';
import { FINE, SLOW } from '../../accuracy/expressions.ts';

type Check = (
  source: string,
  flags: string,
  options: object,
) => {
  readonly status: string;
  readonly complexity?: { readonly type: string };
};
let check: Check;
before(async () => {
  // Its other back ends are native programs.
  process.env.RECHECK_BACKEND = 'pure';
  check = (await import('recheck')).checkSync as unknown as Check;
});

for (const [kind, sources] of [
  ['slow', SLOW],
  ['fine', FINE],
] as const) {
  describe(kind, () => {
    for (const source of sources) {
      test(source, () => {
        assert.equal(judgeRegex(source, '').kind, kind);
        const { status, complexity } = check(source, '', { timeout: null });
        assert.equal(
          status === 'vulnerable' && complexity?.type === 'exponential',
          kind === 'slow',
          `recheck says ${status} ${complexity?.type}`,
        );
      });
    }
  });
}

test('flags count', () => {
  assert.equal(judgeRegex('^([a-z]|[A-Z])*x$', '').kind, 'fine');
  assert.equal(judgeRegex('^([a-z]|[A-Z])*X$', 'i').kind, 'slow');
  assert.equal(judgeRegex('^(?:.|\\n)*x$', '').kind, 'fine');
  assert.equal(judgeRegex('^(?:.|\\n)*x$', 's').kind, 'slow');
  assert.equal(judgeRegex('^(?:\\p{L}+)+$', 'u').kind, 'slow');
});

test('an attack is a text that begins, goes on and fails', () => {
  const verdict = judgeRegex('^x(ab|a|b)*d$', '');
  assert.ok(verdict.kind === 'slow');
  const { prefix, pump, suffix } = verdict.attack;
  assert.match(prefix, /^x/);
  assert.match(pump, /^[ab]+$/);
  assert.doesNotMatch(`${prefix}${pump}${suffix}`, /^x(ab|a|b)*d$/);
});

describe('hostile expressions are answered soon', () => {
  for (const [name, source] of [
    ['nested groups', `${'('.repeat(3000)}a${')+'.repeat(3000)}`],
    ['giant counts', '(a{1,100000}){1,100000}b'],
    ['many alternatives', `(${Array.from({ length: 1000 }, (_, n) => `a${n}`).join('|')})*x`],
    ['many optional parts', `(${'(a?)'.repeat(900)})*b`],
    ['giant', `(a+)+${'b'.repeat(100_000)}`],
    ['no expression', '(a+)+['],
  ] as const) {
    test(name, () => assert.ok(['unknown', 'slow', 'fine'].includes(judgeRegex(source, '').kind)));
  }
});
