// How large numbers in the text are; towers of powers are measured, never worked out.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { AnyNode } from 'acorn';
import fc from 'fast-check';
import { amountOf, bitsOf } from '../../../src/analysis/facts/amounts.ts';
import { gatherFacts } from '../../../src/analysis/facts/gather.ts';
import { parseMacro } from '../../../src/analysis/text/parse.ts';

/** The last expression of a text, and its scopes. */
function last(source: string) {
  const { ast } = parseMacro(source, 'js');
  assert.ok(ast);
  const facts = gatherFacts(ast);
  assert.ok(!('tooDeep' in facts));
  const statement = ast.body.at(-1);
  assert.ok(statement?.type === 'ExpressionStatement');
  return { node: statement.expression as AnyNode, scopes: facts.scopes };
}

const amount = (source: string) => {
  const { node, scopes } = last(source);
  return amountOf(node, scopes);
};
const bits = (source: string) => {
  const { node, scopes } = last(source);
  return bitsOf(node, scopes)?.bits ?? null;
};

describe('numbers', () => {
  for (const [source, value] of [
    ['2 ** 27', 2 ** 27],
    ['1 << 20', 1 << 20],
    ['const n = 1e3; const m = n * n; m + 1', 1e6 + 1],
    ['Number.MAX_SAFE_INTEGER', Number.MAX_SAFE_INTEGER],
    ['-(2 ** 3)', -8],
    ['unknown * 2', null],
    ['let n = 1; n = 2; n', null],
    ["'1'", null],
  ] as const)
    test(source, () => assert.equal(amount(source), value));
});

test('names that stand for very many others are given up', () => {
  const names = Array.from({ length: 30 }, (_, i) => `const a${i + 1} = a${i} + a${i};`);
  assert.equal(amount(`const a0 = 1; ${names.join(' ')} a30`), null);
});

describe('BigInts', () => {
  test('a tower is measured at once', () => {
    assert.equal(bits('2n ** (2n ** 29n)'), 2 ** 29 + 1);
    assert.ok((bits('9n ** (9n ** (9n ** 9n))') ?? 0) > 1e9);
    assert.ok((bits('1n << 10n ** 10n') ?? 0) >= 1e10);
  });
  test('one, nothing and minus one stay small whatever their power', () => {
    assert.ok((bits('1n ** (2n ** 60n)') ?? 0) <= 1);
    assert.ok((bits('(0n - 1n) ** (2n ** 60n)') ?? 0) <= 1);
  });
  test('never too few bits', () => {
    const small = fc.integer({ min: 2, max: 40 });
    fc.assert(
      fc.property(small, small, small, (a, b, c) => {
        const value = BigInt(a) ** BigInt(b) * BigInt(c) + BigInt(b);
        const known = bits(`${a}n ** ${b}n * ${c}n + ${b}n`);
        assert.ok(known !== null && known >= value.toString(2).length);
        assert.ok(known <= value.toString(2).length + 4);
      }),
      { seed: 3 },
    );
  });
});
