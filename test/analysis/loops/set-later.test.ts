// Loops that wait in vain for what is set later.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setLater } from '../../../src/analysis/loops/set-later.ts';
import { readText } from '../../../src/analysis/read-text.ts';

/** What the first `while` of a text waits for in vain: `name:line function`. */
function told(source: string): string | null {
  const text = readText(source, 'js');
  assert.ok(text);
  const found = setLater(text.lines.at(source.indexOf('while')), text);
  return found && `${found.name}:${found.line} ${found.by ?? '-'}`;
}

const CASES: readonly (readonly [source: string, said: string | null])[] = [
  ['let a = 0;\nasync function f() {\n await sleep(1);\n a = 1;\n}\nf();\nwhile (!a) {}', 'a:4 f'],
  [
    'let a = 0;\nconst f = async () => {\n a = await state.get("a");\n};\nf();\nwhile (!a) {}',
    'a:3 f',
  ],
  ['let a = 0;\nsleep(1).then(() => (a = 1));\nwhile (!a) {}', 'a:2 -'],
  ['let a = 0;\nevery(10, () => { a++; });\nwhile (a < 3) {}', 'a:2 -'],
  // It may be set at once, in the loop, or while the loop waits.
  ['let a = 0;\nfunction f() { a = 1; }\nf();\nwhile (!a) {}', null],
  ['let a = 0;\nasync function f() {\n a = 1;\n await sleep(1);\n}\nf();\nwhile (!a) {}', null],
  [
    'let a = 0;\nasync function f() {\n if (input.x) await sleep(1);\n a = 1;\n}\nf();\nwhile (!a) {}',
    null,
  ],
  ['let a = 0;\nsleep(1).then(() => (a = 1));\nwhile (!a) { a = input.n; }', null],
  ['let a = 0;\nsleep(1).then(() => (a = 1));\nwhile (!a) await sleep(1);', null],
  ['let a = 0;\n[1].forEach(() => (a = 1));\nwhile (!a) {}', null],
  ['async function f() {\n let a = 0;\n await sleep(1);\n while (!a) { a = g(); }\n}', null],
  ['let a = 0;\nwhile (!a) {}', null],
];

describe('what is set too late for', () => {
  for (const [source, said] of CASES)
    test(JSON.stringify(source), () => assert.equal(told(source), said));
});
