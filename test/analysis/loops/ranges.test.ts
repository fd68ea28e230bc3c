import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { analyse } from '../../../src/analysis/analyse.ts';

/** What is said of a macro whose end hangs on its input: `null` when nothing is. */
function told(condition: string): [string | undefined, string | null] {
  const { report } = analyse(`const list = input.list;\nwhile (${condition}) log('x');`, {
    file: 'x.js',
    language: 'js',
  });
  return [report.loops[0]?.verdict, report.findings[0]?.level ?? null];
}

describe('a comparison that chance or the clock can never make false', () => {
  for (const condition of [
    'Math.random() < 1',
    'Math.random() >= 0',
    '(1 >= Math.random())',
    'Date.now() > 0',
    '0 <= Date.now()',
  ])
    test(condition, () => assert.deepEqual(told(condition), ['infinite', 'error']));
});

describe('a length is never below 0, if it is one', () => {
  for (const condition of ['list.length >= 0', 'list.size > -1', '-1 < list.length'])
    test(condition, () => assert.deepEqual(told(condition), ['unknown', 'warning']));
});

describe('anything else may come out either way', () => {
  for (const condition of [
    'Math.random() < 0.9',
    'Math.random() > 0',
    'list.length > 0',
    'list.length !== 0',
    'Date.now() < 4e12',
    'Math.random() >= 0 && list.on',
    'list.length() >= 0',
  ])
    test(condition, () => assert.deepEqual(told(condition), ['unknown', null]));
});
