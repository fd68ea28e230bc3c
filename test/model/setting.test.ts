import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  choice,
  count,
  duration,
  folder,
  list,
  orNone,
  type Setting,
  share,
  size,
  toggle,
} from '../../src/model/setting.ts';

const about = 'A setting.';
const read = <Value>({ written }: Setting<Value>, raw: unknown) => {
  const result = written.safeParse(raw);
  return result.success ? result.data : result.error.issues.map(({ message }) => message).join();
};

describe('what a file holds for', () => {
  for (const [what, setting, raw, expected] of [
    ['a duration', duration(about), '1m30s', 90_000],
    ['a duration without its unit', duration(about), 30, 'has no unit; write 30ms or 30s'],
    [
      'a duration as text without its unit',
      duration(about),
      '30',
      'has no unit; write 30ms or 30s',
    ],
    [
      'a duration that is none',
      duration(about),
      'soon',
      'must be a duration such as 500ms, 30s or 1h, not `soon`',
    ],
    [
      'a duration out of range',
      duration(about, { least: 10, most: 1000 }),
      '2s',
      'must be from 10ms to 1s, not `2s`',
    ],
    ['a size', size(about), '1.5GB', 1.5 * 2 ** 30],
    ['a size without its unit', size(about), 64, 'has no unit; write 64mb or 64kb'],
    ['a share', share(about), '85%', 0.85],
    ['a share as a number', share(about), 0.85, 0.85],
    [
      'a share that means percent',
      share(about),
      85,
      'must be from 0% to 100%, not `85`; write 85% or 0.85',
    ],
    ['a share beyond the whole', share(about), '120%', 'must be from 0% to 100%, not `120%`'],
    ['a count', count(about), 50, 50],
    [
      'a count as text',
      count(about, { most: 9 }),
      '5',
      'must be a whole number from 0 to 9, not `5`',
    ],
    [
      'a count with a fraction',
      count(about, { most: 9 }),
      1.5,
      'must be a whole number from 0 to 9, not `1.5`',
    ],
    [
      'a count out of range',
      count(about, { least: 1, most: 9 }),
      0,
      'must be from 1 to 9, not `0`',
    ],
    ['a switch', toggle(about), false, false],
    ['a switch in other words', toggle(about), 'yes', 'must be true or false, not `yes`'],
    ['a choice', choice(about, ['low', 'high']), 'high', 'high'],
    [
      'a choice there is not',
      choice(about, ['low', 'high']),
      'High',
      'must be one of low, high, not `High`',
    ],
    [
      'a choice by a name every object has',
      choice(about, ['low']),
      'constructor',
      'must be one of low, not `constructor`',
    ],
    ['a folder', folder(about), 'a b/c', 'a b/c'],
    ['a folder of nothing', folder(about), ' ', 'must be the path of a folder, not ` `'],
    [
      'a folder with a control',
      folder(about),
      'a\u0000b',
      'must be the path of a folder, not `a\\u{0}b`',
    ],
    [
      'a folder a shell would know',
      folder(about),
      '~/x',
      'begins with ~, which only a shell knows; write the whole path',
    ],
    ['a list', list(about, 'names'), ['a', 'b'], ['a', 'b']],
    ['a list of one that is none', list(about, 'names'), 'a', 'must be a list of names, not `a`'],
    [
      'a list with a number',
      list(about, 'names'),
      ['a', 5],
      'must be a list of names; `5` is none',
    ],
    ['nothing', count(about, { most: 9 }), null, 'has no value; write a whole number from 0 to 9'],
    ['a map', duration(about), {}, 'must be a duration such as 500ms, 30s or 1h, not a map'],
    ['none', orNone(size(about)), 'none', null],
    ['what may be none', orNone(size(about)), '1kb', 1024],
    [
      'what is neither',
      orNone(choice(about, ['low'])),
      'x',
      'must be one of low, or none, not `x`',
    ],
  ] as const)
    test(what, () => assert.deepEqual(read(setting as Setting<unknown>, raw), expected));
});

describe('what a shell gives', () => {
  for (const [what, setting, text, expected] of [
    ['a count', count(about), '50', 50],
    ['a share', share(about), '0.5', 0.5],
    ['a switch', toggle(about), 'Off', false],
    ['a list', list(about, 'names'), 'a, b,', ['a', 'b']],
    ['a folder that is a number', folder(about), '7', '7'],
    ['none', orNone(count(about)), ' none ', null],
  ] as const)
    test(`is read as ${what}`, () =>
      assert.deepEqual(read(setting as Setting<unknown>, setting.fromText(text)), expected));
});

test('a value that a program gives has its unit in its name, and the same range', () => {
  const { given } = duration(about, { least: 10, most: 1000 });
  assert.ok(given.safeParse(500).success);
  for (const odd of [5, 1001, 10.5, '500ms', null, Number.NaN])
    assert.equal(given.safeParse(odd).success, false, String(odd));
  assert.ok(orNone(size(about)).given.safeParse(null).success);
});

test('a hostile value is short and harmless in what is said of it', () => {
  const said = String(read(duration(about), `\u001b[31m${'x'.repeat(5000)}\u202e`));
  assert.ok(said.length < 200, said);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what is looked for.
  assert.doesNotMatch(said, /[\u0000-\u001f\u202e]/);
});
