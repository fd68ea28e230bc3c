import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  formatCount,
  parseDuration,
  parseShare,
  parseSize,
  writeDuration,
  writeShare,
  writeSize,
} from '../../src/model/units.ts';

describe('durations, sizes and shares', () => {
  for (const [text, ms] of [
    ['250', 250],
    ['500ms', 500],
    ['1m30s', 90_000],
    ['1.5h', 5_400_000],
    ['2min', 120_000],
    [' 7D ', 604_800_000],
    ['1w', 604_800_000],
    ['1m30', null],
    ['-1s', null],
    ['1e3', null],
    ['s', null],
    ['', null],
  ] as const)
    test(`the duration "${text}" is ${ms}`, () => assert.equal(parseDuration(text), ms));

  for (const [text, bytes] of [
    ['4096', 4096],
    ['1.5kb', 1536],
    ['64MB', 67_108_864],
    ['2gib', 2_147_483_648],
    ['1k', 1024],
    ['mb', null],
    ['1tb', null],
    ['1 mb', null],
  ] as const)
    test(`the size "${text}" is ${bytes}`, () => assert.equal(parseSize(text), bytes));

  for (const [text, share] of [
    ['85%', 0.85],
    ['0.85', 0.85],
    ['100%', 1],
    ['57%', 0.57],
    ['12.5%', 0.125],
    ['%', null],
    ['-5%', null],
    ['a', null],
  ] as const)
    test(`the share "${text}" is ${share}`, () => assert.equal(parseShare(text), share));

  test('are written as people write them', () => {
    assert.deepEqual([0, 1, 1500, 60_000, 90_000, 5_400_000, 2_592_000_000].map(writeDuration), [
      '0ms',
      '1ms',
      '1500ms',
      '1m',
      '90s',
      '90m',
      '30d',
    ]);
    assert.deepEqual([0, 1000, 1024, 1536, 67_108_864, 2 ** 31].map(writeSize), [
      '0b',
      '1000b',
      '1kb',
      '1536b',
      '64mb',
      '2gb',
    ]);
    assert.deepEqual([0, 0.07, 0.57, 0.85, 0.125, 1].map(writeShare), [
      '0%',
      '7%',
      '57%',
      '85%',
      '12.5%',
      '100%',
    ]);
  });

  test('are read back as they were, whatever they are', () => {
    fc.assert(
      fc.property(
        fc.nat(2 ** 31 - 1),
        fc.maxSafeNat(),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (ms, bytes, share) => {
          assert.equal(parseDuration(writeDuration(ms)), ms);
          assert.equal(parseSize(writeSize(bytes)), bytes);
          // Written with an exponent it would be no share: such a small one is none that anybody sets.
          const plain = Number(share.toFixed(6));
          assert.equal(parseShare(writeShare(plain)), plain);
        },
      ),
    );
  });
});

describe('counts for people', () => {
  test('have their thousands set apart, as a language that is asked would write them', () => {
    for (const count of [0, 7, 999, 1000, 12_345, 999_999.6, 1_234_567, 1e15])
      assert.equal(formatCount(count), Math.round(count).toLocaleString('en'));
  });
});
