// What rules about commands offer to mend.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { z } from 'zod';
import { analyse } from '../../../src/analysis/analyse.ts';
import { createTrainingGround } from '../../../src/corral.ts';

const { commands } = createTrainingGround({ seed: 1 });

/** The text with a rule's fixes made, and whether they are safe; null when there is none. */
function mended(rule: string, source: string): [text: string, safe: boolean] | null {
  const { report } = analyse(source, { file: 'x.js', language: 'js', commands });
  const fix = report.findings.find((each) => each.rule === rule)?.fix;
  if (!fix) return null;
  assert.equal(fix.line, 1);
  assert.deepEqual([fix.endLine, fix.endColumn], [fix.line, fix.column], 'it only inserts');
  const at = fix.column - 1;
  return [source.slice(0, at) + fix.text + source.slice(at), fix.safe];
}

test('a command whose input is no object, as nobody but plain JavaScript can make one, is let be', () => {
  const [command] = commands;
  assert.ok(command);
  const odd = { ...command, input: z.any() as unknown as z.ZodObject };
  for (const args of ['', '{ a: 1 }', '7', '{ ...input }'])
    assert.doesNotThrow(() =>
      analyse(`await ${command.name}(${args})`, { file: 'x.js', language: 'js', commands: [odd] }),
    );
});

describe('a command that nobody waits for is awaited by --fix', () => {
  for (const [source, text] of [
    ['combat.flee(); log(1);', 'await combat.flee(); log(1);'],
    ['while (input.x) { combat.flee(); }', 'while (input.x) { await combat.flee(); }'],
    [
      'const f = async () => { combat.flee(); };',
      'const f = async () => { await combat.flee(); };',
    ],
  ] as const)
    test(source, () => assert.deepEqual(mended('unawaited-command', source), [text, true]));

  for (const source of [
    'function f() { combat.flee(); } f();',
    'class A { static { combat.flee(); } } log(A);',
    'class A { get x() { combat.flee(); return 1; } } log(A);',
    'const f = function* () { combat.flee(); }; log(f);',
  ])
    test(`but not where nothing can be awaited: ${source}`, () =>
      assert.equal(mended('unawaited-command', source), null));

  for (const source of [
    'const p = combat.flee(); log(p);',
    'combat.flee().then(log);',
    'void combat.flee();',
    'log(combat.flee());',
    'const f = () => combat.flee(); log(f);',
    'input.x && combat.flee();',
  ])
    test(`nor where its promise is read, or it is no statement: ${source}`, () =>
      assert.equal(mended('unawaited-command', source), null));
});

describe('a pause behind a command that is too fast is only offered', () => {
  test('behind its statement', () =>
    assert.deepEqual(
      mended(
        'command-rate',
        "for (let i = 0; i < 99; i++) { const a = await chat.whisper({ to: 'bob', text: 'x' }); log(a); }",
      ),
      [
        "for (let i = 0; i < 99; i++) { const a = await chat.whisper({ to: 'bob', text: 'x' }); await sleep(250); log(a); }",
        false,
      ],
    ));
  test('and not where there is no block to put it in', () =>
    assert.equal(
      mended(
        'command-rate',
        "for (let i = 0; i < 99; i++) await chat.whisper({ to: 'bob', text: 'x' });",
      ),
      null,
    ));
});

describe('very many commands at once are warned of', () => {
  const levels = (source: string) =>
    analyse(source, { file: 'x.js', language: 'js', commands })
      .report.findings.filter(({ rule }) => rule === 'command-rate')
      .map(({ level, message }) => [level, message]);
  const BURST = 'up to 500 × `movement.where` at once: none waits for the one before';

  for (const source of [
    'await Promise.all(Array.from({ length: 500 }, () => movement.where()));',
    'const all = []; for (let i = 0; i < 500; i++) all.push(movement.where()); await Promise.all(all);',
    'await Promise.all([...Array(500).keys()].map((n) => movement.where()));',
  ])
    test(source, () => assert.deepEqual(levels(source), [['warning', BURST]]));

  test('but not a few, and not when each is awaited', () => {
    assert.deepEqual(levels('await Promise.all([1, 2, 3].map(() => movement.where()));'), []);
    const [[level] = []] = levels('for (let i = 0; i < 500; i++) await movement.where();');
    assert.equal(level, 'info');
  });
});
