import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  cleanStack,
  cleanText,
  placeInStack,
  placeOfBeacon,
  placeOfError,
  toSourceFrames,
} from '../../src/supervisor/place.ts';
import { planned } from './support/plans.ts';

const SOURCE = 'one();\ntwo();\nthree();\nfour();\n';
/** A plan whose code has ten columns more than the source in its second line. */
const { plan } = planned(SOURCE, {
  planted: {
    toOriginal: (line, column) => ({
      line,
      column: line === 2 ? Math.max(1, column - 10) : column,
    }),
    beacons: [{ line: 3, column: 7, operation: 'fill()' }],
  },
});

const stack = (...frames: string[]) =>
  ['Error: no', ...frames.map((at) => `    at ${at}`)].join('\n');

describe('the place a stack names', () => {
  test('is the first frame of the macro', () => {
    assert.deepEqual(placeInStack(stack('f (macro.js:3:5)', 'macro.js:4:1'), plan), {
      line: 3,
      column: 5,
    });
  });

  test("has the author's own column", () => {
    assert.deepEqual(placeInStack(stack('macro.js:2:15'), plan), { line: 2, column: 5 });
  });

  test("passes over Corral's frames, other files and the wrapper around the macro", () => {
    const text = stack(
      'call (corral:bridge:10:3)',
      'fill (<anonymous>)',
      'other.js:1:1',
      'macro.js:1:-14',
      'macro.js:1:0',
      'async two (macro.js:4:2)',
    );
    assert.deepEqual(placeInStack(text, plan), { line: 4, column: 2 });
  });

  test('is null where the macro is on no frame', () => {
    assert.equal(placeInStack('', plan), null);
    assert.equal(placeInStack('Error: macro.js', plan), null);
    assert.equal(placeInStack(stack('corral:bridge:1:1'), plan), null);
  });

  test('is never taken from a message', () => {
    assert.equal(placeInStack('Error: see macro.js:3:1', plan), null);
    const message = 'no\n    at macro.js:1:1';
    const thrown = { message, stack: `Error: ${message}\n    at macro.js:4:7` };
    assert.deepEqual(placeOfError(thrown, plan), { line: 4, column: 7 });
  });

  test('of an error lies in the source, whatever its stack claims', () => {
    assert.equal(placeOfError({ message: 'no', stack: stack('macro.js:999:1') }, plan), null);
    assert.deepEqual(placeOfError({ message: '', stack: stack('macro.js:2:12') }, plan), {
      line: 2,
      column: 2,
    });
  });

  test('is found in bounded time, whatever the text', () => {
    const hostile = [
      'macro.js:'.repeat(2000),
      'at macro.js:99999999999:1',
      'at macro.js:1:1:1:1)))',
      `at ${'('.repeat(10_000)}macro.js:x:y`,
      '\n'.repeat(20_000),
      'at macro.js:\u202e3:1',
    ];
    for (const text of hostile) assert.equal(placeInStack(text, plan), null);
  });
});

describe('a cleaned stack', () => {
  test("has the author's columns and neither Corral's frames nor the wrapper", () => {
    const text = stack(
      'call (corral:bridge:10:3)',
      'two (macro.js:2:15)',
      'macro.js:1:-14',
      '(<isolated-vm boundary>)',
    );
    assert.equal(cleanStack(text, plan), 'Error: no\n    at two (macro.js:2:5)');
  });

  test('never tells where Corral itself lies on the machine', () => {
    const text = stack(
      'two (macro.js:2:15)',
      'Array.map (<anonymous>)',
      'file:///home/op/corral/src/sandbox/isolate.ts:166:20',
      'async run (node:internal/process/task_queues:95:5)',
    );
    assert.equal(
      cleanStack(text, plan),
      'Error: no\n    at two (macro.js:2:5)\n    at Array.map (<anonymous>)',
    );
  });

  test('is bounded', () => {
    const frames = Array.from({ length: 500 }, (_, index) => `macro.js:1:${index + 1}`);
    assert.ok(cleanStack(stack(...frames), plan).split('\n').length <= 60);
  });
});

describe('the text of a log line', () => {
  test("has the author's columns in its stacks, loses the frames of Corral, and keeps all else", () => {
    const text = `seen: ${stack('f (macro.js:2:15)', 'corral:bridge:950:31', 'Object.run (corral:bridge:1:2)', 'macro.js:1:-31')}\nat last`;
    assert.equal(
      cleanText(text, new Map([[0, plan]])),
      'seen: Error: no\n    at f (macro.js:2:5)\nat last',
    );
    const plain = 'meet me at corral:bridge:1:2\nat 9:-1';
    assert.equal(cleanText(plain, new Map([[0, plan]])), plain);
  });

  test('is looked through in bounded time, whatever it is and however many macros are called', () => {
    const many = new Map(Array.from({ length: 200 }, (_, number) => [number, plan]));
    const text = `x${'\n    at :1:1'.repeat(90_000)}`;
    const [few, all] = [new Map([[0, plan]]), many].map((realms) => {
      const from = performance.now();
      assert.equal(cleanText(text, realms), text);
      return performance.now() - from;
    });
    assert.ok((all ?? 0) < (few ?? 0) * 20, `${all} ms for 200, ${few} ms for one`);
  });
});

describe('the frames of a stopped macro', () => {
  const frame = { functionName: 'f', line: 2, column: 15, async: false, locals: [] };

  test("have the author's positions and the file of their own macro", () => {
    const called = { ...planned(SOURCE, { file: 'called.js' }).plan, number: 1 };
    const realms = new Map([
      [0, plan],
      [1, called],
    ]);
    const frames = toSourceFrames(
      [
        { ...frame, realm: 0 },
        { ...frame, realm: 1 },
      ],
      realms,
    );
    assert.deepEqual(
      frames.map(({ file, line, column }) => [file, line, column]),
      [
        ['macro.js', 2, 5],
        ['called.js', 2, 15],
      ],
    );
  });

  test('of a macro nobody knows are left out', () => {
    assert.deepEqual(toSourceFrames([{ ...frame, realm: 7 }], new Map([[0, plan]])), []);
  });
});

describe('the place of the last risky operation', () => {
  test('is where it stands in the source', () => {
    assert.deepEqual(placeOfBeacon(0, plan), {
      file: 'macro.js',
      line: 3,
      column: 7,
      source: 'operation',
      operation: 'fill()',
    });
  });

  test('is null for none, and for any number a macro makes up', () => {
    for (const beacon of [-1, 1, 0.5, 2 ** 53, Number.NaN]) {
      assert.equal(placeOfBeacon(beacon, plan), null);
    }
    assert.equal(placeOfBeacon(0, undefined), null);
  });
});
