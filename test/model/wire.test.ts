import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { FromWorker } from '../../src/model/wire.ts';

const ASK = { type: 'ask', run: 'r', realm: 0, id: 1, kind: 'command', name: 'chat.say' };
const SAMPLE = { heapUsed: 1, heapTotal: 2, external: 3, rss: 4, cpuMs: 5 };

function isTaken(message: unknown): boolean {
  return FromWorker.safeParse(message).success;
}

describe('a message from a worker', () => {
  test('is taken when it is well formed', () => {
    for (const message of [
      { type: 'beat' },
      { type: 'ready', isolatedVm: '7.0.1' },
      { ...ASK, args: '{}', stack: '' },
      { type: 'log', run: 'r', level: 'warn', text: 'careful' },
      { type: 'sample', run: 'r', realm: 0, beacon: -1, ...SAMPLE },
      { type: 'limit', run: 'r', realm: 0, name: 'heap', measured: 1, beacon: 2, stack: '' },
      { type: 'disposed', run: 'r' },
    ])
      assert.ok(isTaken(message), JSON.stringify(message));
  });

  test('loses what its type does not have', () => {
    assert.deepEqual(FromWorker.parse({ type: 'beat', extra: 1 }), { type: 'beat' });
  });

  for (const [what, message] of [
    ['of no known type', { type: 'exec', run: 'r' }],
    ['of a type only the supervisor sends', { type: 'dispose', run: 'r' }],
    ['without its run', { type: 'paused' }],
    ['with a run too long', { type: 'paused', run: 'r'.repeat(65) }],
    ['with a realm below 0', { ...ASK, args: '{}', stack: '', realm: -1 }],
    ['asking for what there is not', { ...ASK, args: '{}', stack: '', kind: 'file' }],
    ['with arguments as anything but text', { ...ASK, args: {}, stack: '' }],
    [
      'with a log line too long',
      { type: 'log', run: 'r', level: 'info', text: 'x'.repeat(65_537) },
    ],
    [
      'naming a limit that is not the worker’s',
      { type: 'limit', run: 'r', realm: 0, name: 'wall' },
    ],
    [
      'with a measure that is no number',
      { type: 'warning', run: 'r', code: 'heap-near-limit', measured: null },
    ],
  ] as const) {
    test(`is refused ${what}`, () => assert.equal(isTaken(message), false));
  }

  test('is taken or refused, whatever it is, and never throws', () => {
    const near = fc.record({
      type: fc.constantFrom('ask', 'log', 'sample', 'examined', 'done', '__proto__'),
      run: fc.anything(),
      realm: fc.anything(),
      frames: fc.array(fc.jsonValue()),
      value: fc.jsonValue(),
    });
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), near), (message) => {
        assert.equal(typeof isTaken(message), 'boolean');
      }),
    );
  });
});
