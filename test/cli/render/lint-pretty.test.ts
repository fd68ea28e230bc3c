// What people read at the end of `corral lint`: notes, risks, the guard's word, a summary of many, and one last line.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Linted, LintResult } from '../../../src/cli/lint/linted.ts';
import { lintPretty, type PrettyView } from '../../../src/cli/render/lint-pretty.ts';
import { lintText, type Means, resultOf } from '../../support/lint-results.ts';

const plain = (_: unknown, text: string) => text;
const ENDLESS = 'for (;;);';
const NOTE = 'new RegExp(input.text);';
/** A warning and no error. */
const WARNED = 'await new Promise(() => {});';
const SILENCED = 'for (;;); // corral-disable-line infinite-loop -- why';

const pretty = (result: LintResult, view: Partial<PrettyView> = {}) =>
  lintPretty(result, { paint: plain, columns: 80, least: null, ...view });
/** Each text in a file of its own: a.js, b.js … */
const files = (texts: readonly string[], means: Means = {}): LintResult =>
  resultOf(
    ...texts.map((text, at): Linted => lintText(text, `${String.fromCharCode(97 + at)}.js`, means)),
  );

describe('the last line', () => {
  test('says when all is well', () =>
    assert.equal(
      pretty(files(['return 1'])),
      '✔ 1 file, 0 errors, 0 warnings, 0 info · verdict admit · risk 0 safe\n',
    ));
  test('counts what was silenced and what was not read', () =>
    assert.match(
      pretty({ ...files([SILENCED, NOTE]), unread: [{ file: 'z.js', message: 'No.' }] }),
      /\n✖ 2 files, 0 errors, 0 warnings, 1 info, 1 silenced by comments, 1 not read\n$/,
    ));
  test('says nothing when nothing was read: why has been said', () =>
    assert.equal(pretty({ linted: [], unread: [{ file: 'z.js', message: 'No.' }] }), ''));
});

describe('notes', () => {
  test('of one file are shown like all findings', () =>
    assert.match(pretty(files([NOTE])), /^info dynamic-regex[\s\S]*\n {2}> 1 \| new RegExp/));
  test('of several files come last, by file, in a line each', () =>
    assert.match(
      pretty(files([`${NOTE}\n${NOTE}`, ENDLESS]), { columns: null }),
      /^error infinite-loop[\s\S]*\n\ninfo good to know\n {2}a\.js\n {4}1:1 {2}.*\(dynamic-regex\)\n {4}2:1 {2}.*\n\n✖/,
    ));
  test('of hundreds of files are not shown without end', () => {
    const text = pretty(files(new Array(300).fill(NOTE)));
    assert.match(text, /\n {2}and 260 more; name fewer files to read them\n\n✔ 300 files/);
    assert.ok(text.split('\n').length < 150);
  });
  test('are left out by --quiet', () =>
    assert.equal(
      pretty(files([NOTE, NOTE]), { least: 'warning' }),
      '✔ 2 files, 0 errors, 0 warnings, 2 info\n',
    ));
});

describe('what adds to the risk', () => {
  test('is told only when asked for', () => {
    assert.doesNotMatch(pretty(files([ENDLESS])), /1 error of/);
    assert.match(
      pretty(files([`${ENDLESS}\n${NOTE}`]), { explainsRisk: true }),
      /\n\nrisk 0\.\d+ critical {2}a\.js\n {2}0\.950 {2}1 error of infinite-loop\n[\s\S]*0\.020 {2}1 note of dynamic-regex\neach takes/,
    );
  });
  test('begins with the riskiest file, and leaves out those without risk', () => {
    const text = pretty(files([NOTE, ENDLESS, 'return 1']), { explainsRisk: true });
    assert.match(text, /critical {2}b\.js[\s\S]*\nrisk 0\.\d+ \w+ {2}a\.js/);
    assert.doesNotMatch(text, /c\.js/);
  });
});

describe('the guard', () => {
  test('refuses for a finding that stands above, without telling it again', () => {
    const text = pretty(files([ENDLESS], { guard: 'medium' }));
    assert.match(text, /\n\nrefused at medium: a\.js, line 1: infinite-loop, see above\n✖/);
    assert.equal(text.match(/can never end/g)?.length, 1);
  });
  test('tells what it refuses for where a comment or --quiet hides it', () => {
    const hidden = pretty(files([SILENCED], { guard: 'medium' }));
    assert.match(hidden, /^refused at medium: a\.js, line 1: this loop can never end/);
    const quiet = pretty(files([WARNED], { guard: 'maximum' }), { least: 'error' });
    assert.match(quiet, /^refused at maximum: a\.js, line 1: nothing ever settles/);
    for (const line of [hidden, quiet].flatMap((text) => text.split('\n')))
      assert.ok(line.length <= 80, line);
  });
  test('says how it runs what it admits', () => {
    assert.match(
      pretty(files(['return 1'], { guard: 'medium' })),
      /^admitted at medium: a\.js, runs beside others\n/,
    );
    assert.match(
      pretty(files(['return 1'], { guard: 'high' })),
      /^admitted at high: a\.js, runs alone in its process\n/,
    );
  });
  test('only counts what it admits of many', () => {
    const text = pretty(files([ENDLESS, 'return 1', 'return 2', WARNED], { guard: 'medium' }));
    assert.match(
      text,
      /\nrefused at medium: a\.js.*\nadmitted at medium: 2 beside others, 1 alone in its process\n✖/,
    );
  });
  test('that refuses for the risk of all together says what adds to it', () => {
    const risky = resultOf({
      ...lintText(`${NOTE}`, 'm.js'),
      guard: { level: 'high', verdict: 'refuse', why: 'its risk is .9' },
      isTooRisky: true,
    });
    assert.match(
      pretty(risky),
      /\nrefused at high: m\.js, its risk is 0\.\d+, \w+\n {2}risk 0\.\d+ \w+ {2}m\.js\n {4}0\.\d+ {2}/,
    );
  });
});

describe('a summary of many', () => {
  test('has the rules and the files with the most', () => {
    const text = pretty(files([ENDLESS, ENDLESS, `${WARNED}\n${ENDLESS}`, ENDLESS]));
    assert.match(text, /\nBy rule\n {5}4 ✖ +infinite-loop\n {11}1 ! +never-settles\n/);
    assert.match(text, /\nFiles with the most\n {5}1 ✖ {3}1 ! +c\.js\n {5}1 ✖ +a\.js\n/);
  });
  test('is not there for few, for notes alone, or when it is to be quiet', () => {
    for (const text of [
      pretty(files([ENDLESS, ENDLESS, ENDLESS])),
      pretty(files([NOTE, NOTE, NOTE, NOTE, NOTE])),
      pretty(files([ENDLESS, ENDLESS, ENDLESS, ENDLESS]), { least: 'error' }),
    ])
      assert.doesNotMatch(text, /By rule/);
  });
});
