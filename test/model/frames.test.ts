import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { FRAME_BYTES_MAX, FrameReader, toFrame } from '../../src/model/frames.ts';
import type { FromWorker } from '../../src/model/wire.ts';

const MESSAGES: FromWorker[] = [
  { type: 'ready', isolatedVm: '7.0.1' },
  { type: 'beat' },
  { type: 'log', run: 'r', level: 'info', text: 'Ünï 👍 \ud800 \u0000 "' },
];
const STREAM = Buffer.concat(MESSAGES.map(toFrame));

function announced(bytes: number): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt32BE(bytes);
  return head;
}

describe('a frame', () => {
  test('is the length of its body in bytes, then JSON', () => {
    const frame = toFrame({ type: 'paused', run: 'é' });
    assert.equal(frame.readUInt32BE(0), frame.length - 4);
    assert.deepEqual(JSON.parse(frame.subarray(4).toString()), { type: 'paused', run: 'é' });
  });
});

describe('a reader of frames', () => {
  test('gives the messages of a stream cut at any byte', () => {
    for (let cut = 0; cut <= STREAM.length; cut++) {
      const reader = new FrameReader();
      const first = reader.push(STREAM.subarray(0, cut));
      const rest = reader.push(STREAM.subarray(cut));
      assert.deepEqual([...first, ...rest], MESSAGES, `cut at byte ${cut}`);
    }
  });

  test('gives each message as soon as its last byte is there', () => {
    const reader = new FrameReader();
    const ends: number[] = [];
    for (let at = 0; at < STREAM.length; at++)
      if (reader.push(STREAM.subarray(at, at + 1)).length > 0) ends.push(at + 1);
    const lengths = MESSAGES.map((message) => toFrame(message).length);
    assert.deepEqual(
      ends,
      lengths.map((_, index) => lengths.slice(0, index + 1).reduce((sum, length) => sum + length)),
    );
  });

  test('gives the messages of a stream cut into any pieces', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: 'binary' }), { maxLength: 8 }),
        fc.array(fc.nat(60), { maxLength: 40 }),
        (texts, pieces) => {
          const messages = texts.map((run) => ({ type: 'paused', run }) as const);
          let left = Buffer.concat(messages.map(toFrame));
          const reader = new FrameReader();
          const read: unknown[] = [];
          for (const length of pieces) {
            read.push(...reader.push(left.subarray(0, length)));
            left = left.subarray(length);
          }
          read.push(...reader.push(left));
          assert.deepEqual(read, messages);
        },
      ),
    );
  });

  test('refuses a frame over the bound as soon as it is announced', () => {
    assert.throws(
      () => new FrameReader().push(announced(FRAME_BYTES_MAX + 1)),
      /a frame of \d+ bytes/,
    );
    assert.throws(() => new FrameReader().push(announced(2 ** 32 - 1)), /4294967295 bytes/);
    assert.deepEqual(new FrameReader().push(announced(FRAME_BYTES_MAX)), []);
  });

  test('refuses a body that is not JSON, an empty one included', () => {
    for (const body of ['', '{', 'undefined', '\u0000'])
      assert.throws(
        () => new FrameReader().push(Buffer.concat([announced(body.length), Buffer.from(body)])),
        SyntaxError,
      );
  });

  test('takes any bytes: values, nothing yet, or an error', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 20 })), (chunks) => {
        const reader = new FrameReader();
        try {
          for (const chunk of chunks) assert.ok(Array.isArray(reader.push(Buffer.from(chunk))));
        } catch (error) {
          assert.match(String(error), /^SyntaxError|bytes was announced/);
        }
      }),
    );
  });
});
