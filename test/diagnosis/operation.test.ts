// What is said of a run that nothing could interrupt, or whose process died: nothing as a fact that nobody saw.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { analyse } from '../../src/analysis/analyse.ts';
import { diagnose } from '../../src/diagnosis/diagnose.ts';
import { adviceFor } from '../../src/dumps/advice.ts';
import type { CrashDump } from '../../src/model/dump.ts';
import { sampleDump } from '../support/dumps.ts';

/** A dump of a macro that was killed, with the last operation it began: `at` is what the source has there. */
function killed(source: string, at: string | null, operation: string, changes = {}): CrashDump {
  const { report } = analyse(source, { file: 'a.js', language: 'js' });
  const offset = at === null ? -1 : source.indexOf(at);
  const before = source.slice(0, Math.max(0, offset)).split('\n');
  const place = {
    file: 'a.js',
    line: before.length,
    column: (before.at(-1)?.length ?? 0) + 1,
    source: 'operation',
    operation,
  };
  const dump = sampleDump('stuck', {
    macro: { name: 'a', file: 'a.js', version: '1', language: 'js' },
    source,
    report,
    place: at === null ? null : place,
    stack: [],
    lastSeen: [],
    hotLines: [],
    diagnosis: [],
    ...changes,
  });
  return { ...dump, diagnosis: diagnose(dump).map((each) => ({ ...each })) };
}

const told = ({ diagnosis = [] }: CrashDump) =>
  diagnosis.map(({ text, certain }) => `${certain ? '' : '? '}${text}`).join('\n');

const FAULTS: readonly (readonly [
  what: string,
  source: string,
  at: string | null,
  operation: string,
  said: RegExp,
])[] = [
  [
    'an operation with nothing after it: that it was it',
    'const cells = 2 ** 27;\nconst board = new Array(cells).fill(0);\nreturn board.length;',
    'fill',
    'fill()',
    /^`fill\(\)` at line 2 was begun and had not come back/,
  ],
  [
    'an operation with a loop after it: that it is likely',
    'const board = new Array(input.cells).fill(0);\nfor (const cell of board) log(cell);',
    'fill',
    'fill()',
    /^\? `fill\(\)` at line 1 had not come back: of the operations that may take long it was the last begun/,
  ],
  [
    'an operation whose result is worked on: that it is likely',
    'function paint(cells) { return cells; }\nreturn paint(input.cells.fill(0));',
    'fill',
    'fill()',
    /^\? `fill\(\)` at line 2 had not come back/,
  ],
  [
    'an operation in a loop that feeds itself: the loop',
    "const shelf = ['pelt', input.item];\nfor (let i = 0; i < shelf.length; i++) {\n  if (shelf[i] === 'pelt') shelf.splice(i, 0, 'pelt');\n}",
    'splice',
    'splice()',
    /^the last operation begun, of those that may take long, is `splice\(\)` at line 3\n\? it never came out of a loop: the loop at line 2 goes to the end of `shelf`, and makes `shelf` longer itself at line 3 \(splice\)/,
  ],
  [
    'nothing seen, and a loop that lint knows: the loop',
    'const { players } = await chat.players();\nlog(players.length);\nfor (;;);',
    null,
    '',
    /^\? it never came out of what begins at line 3; lint says of that: this loop can never end/,
  ],
  [
    'nothing seen, and only one round of calls: those',
    'let ready = false;\nfunction poll() {\n  return Promise.resolve().then(() => (ready ? 1 : poll()));\n}\nsleep(50).then(() => { ready = true; });\nreturn poll();',
    null,
    '',
    /^\? it went round in the calls of `poll` \(line 2\) and never came out of them/,
  ],
];

describe('of a run that nothing could interrupt is told', () => {
  for (const [what, source, at, operation, said] of FAULTS)
    test(what, () => assert.match(told(killed(source, at, operation)), said));

  test('no guess in place of advice, where nothing is known', () => {
    const dump = killed('log(input.text);', null, '');
    assert.equal(told(dump), '');
    assert.match(adviceFor(dump)[0] ?? '', /^Nothing could interrupt it: that is most often/);
  });
});

describe('of a run whose process was killed is told', () => {
  test('the loop that lint knows, as likely', () => {
    const dump = killed('const { players } = await chat.players();\nwhile (true) {}', null, '', {
      reason: 'worker-lost',
      worker: { pid: 7, exitCode: null, signal: 'SIGSEGV', stderr: '' },
    });
    assert.match(
      told(dump),
      /^its process ended by the signal SIGSEGV\n[\s\S]*\? it never came out of what begins at line 2; lint says of that: this loop can never end/,
    );
  });
});
