// What is said of errors that macros throw: real runs, each with one mistake that somebody makes.

import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { createCorral, createTrainingGround } from '../../src/corral.ts';
import { diagnose } from '../../src/diagnosis/diagnose.ts';
import { adviceFor } from '../../src/dumps/advice.ts';
import { readDump } from '../../src/dumps/dump.ts';
import { sampleDump } from '../support/dumps.ts';
import { tempDir } from '../support/temp.ts';

const temp = tempDir();
const corral = createCorral({
  dump: 'always',
  dumpDir: temp.path,
  commands: createTrainingGround({ seed: 1 }).commands,
});
after(async () => {
  await corral.close();
  temp[Symbol.dispose]();
});

const MISTAKES: readonly (readonly [what: string, source: string, said: RegExp, advice: RegExp])[] =
  [
    [
      'a property of nothing',
      'const foe = { at: undefined };\nreturn foe.at.x;',
      /^`foe\.at` was undefined at line 2$/m,
      /where `foe\.at` gets its value.*write `\?\.` for the dot/,
    ],
    [
      'a property of null that is set',
      'let best = null;\nbest.score = 1;',
      /^`best` was null at line 2$/m,
      /if \(best == null\)/,
    ],
    [
      'a name written wrongly',
      'const count = 1;\nreturn cuont + 1;',
      /^nothing by the name `cuont` is there; `count` is written almost alike$/m,
      /Write `count` if that is meant/,
    ],
    [
      'a category written wrongly',
      'await combta.attack({ target: "rat" });',
      /nothing by the name `combta` is there; `combat` is written almost alike/,
      /`combat`/,
    ],
    [
      'a timer of the browser',
      'setTimeout(() => {}, 5);',
      /no `setTimeout` in a macro/,
      /sleep\(ms\)/,
    ],
    ['the network', 'return fetch("http://x");', /no `fetch` in a macro/, /by its commands only/],
    [
      'a recursion without end',
      'function deeper(n) {\n  return deeper(n + 1) + 1;\n}\nreturn deeper(0);',
      /deeper than the stack is: `deeper` \(line [12]\) calls itself/,
      /does not call itself, whatever it is given/,
    ],
    [
      'one operation that goes down too deep',
      'const ring = [];\nring.push(ring, ring);\nreturn ring.flat(Infinity);',
      /inside one operation that goes down into what it is given/,
      /something that holds itself/,
    ],
    [
      'a text that doubles',
      'let text = "x";\nfor (;;) text += text;',
      /longer than 536,870,888 characters[\s\S]*`text` becomes twice as large each turn/,
      /grow with each turn of a loop, or double/,
    ],
    [
      'a length that is none',
      'return new Array(input.n ?? -1);',
      /a length that no list can have/,
      /Check the number/,
    ],
    [
      'a function as result',
      'const tools = { run() {} };\nif (input.no) return 1;\nreturn tools;',
      /could not leave it: it returns at lines 2, 3/,
      /Return data only/,
    ],
    [
      'a function as argument',
      'await chat.say({ text: () => 1 });',
      /handed to a command.*could not leave/,
      /Hand over data only/,
    ],
    [
      'a text that is thrown',
      'throw "no";',
      /is no Error, and only an Error knows the line/,
      /new Error/,
    ],
    [
      'a module without a function',
      'export default 7;',
      /started by its default export/,
      /export default async \(macro\)/,
    ],
    [
      'an error of the host that nobody caught',
      'await movement.walk({ direction: 1 });',
      /the host refused the command/,
      /try \{ await … \} catch/,
    ],
  ];

describe('of a macro that fails it is said what was wrong:', () => {
  for (const [what, source, said, advice] of MISTAKES)
    test(what, async () => {
      const end = await corral.start(source, { lint: false }).result;
      assert.equal(end.reason, 'failed', `${end.reason}: ${end.message}`);
      const dump = await readDump(end.dump ?? '');
      const told = (dump.diagnosis ?? []).map(({ text }) => text).join('\n');
      assert.match(told, said, `${end.error?.name}: ${end.error?.message}`);
      assert.match(adviceFor(dump).join('\n'), advice);
    });
});

describe('an error’s words', () => {
  const told = (name: string, message: string, source = 'return a.b;', column = 10) =>
    diagnose(
      sampleDump('failed', {
        source,
        macro: { name: 'm', file: 'm.js', version: '', language: 'js' },
        place: { file: 'm.js', line: 1, column, source: 'error' },
        error: { name, message, stack: '' },
      }),
    );

  test('that are not known are left to speak for themselves', () => {
    assert.deepEqual(told('GameError', 'you are dead'), []);
    assert.deepEqual(told('RangeError', 'out of luck'), []);
  });

  test('that a macro has made up are believed only as far as its text goes', () => {
    const words = "Cannot read properties of undefined (reading 'x')";
    assert.deepEqual(
      told('TypeError', words, 'throw new TypeError(words);', 1).map(({ text }) => text),
      [],
    );
  });

  test('never make it fail or grow', () => {
    const long = 'x'.repeat(1e6);
    for (const message of [
      `${long} is not defined`,
      `the result.${long} is a function, which cannot cross`,
      `Maximum call stack size exceeded${long}`,
      `Class constructor ${long} cannot be invoked without 'new'`,
    ])
      for (const name of ['ReferenceError', 'TypeError', 'RangeError', 'MacroCallError'])
        for (const { text } of told(name, message)) assert.ok(text.length < 1_000);
  });
});
