import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { CorralError, ERROR_CODES, type ErrorCode, toMessage } from '../../src/model/errors.ts';

describe('a CorralError', () => {
  test('carries its code, its message and what caused it', () => {
    const cause = new Error('ENOENT');
    const error = new CorralError('unreadable-file', 'Cannot read duel.js.', { cause });
    assert.ok(error instanceof Error);
    assert.equal(error.name, 'CorralError');
    assert.equal(error.code, 'unreadable-file');
    assert.equal(error.message, 'Cannot read duel.js.');
    assert.equal(error.cause, cause);
  });

  test('exits with 2 when the input was wrong and with 3 only when Corral is broken', () => {
    const broken = Object.keys(ERROR_CODES).filter(
      (code) => new CorralError(code as ErrorCode, '').exitCode === 3,
    );
    assert.deepEqual(broken, ['worker-start', 'internal']);
    assert.deepEqual([...new Set(Object.values(ERROR_CODES))].sort(), [2, 3]);
  });

  test('has codes that read as words', () => {
    for (const code of Object.keys(ERROR_CODES)) assert.match(code, /^[a-z0-9]+(-[a-z0-9]+)*$/);
  });
});

describe('the message of what was thrown', () => {
  test("is an error's message, or the thing as text", () => {
    assert.equal(toMessage(new TypeError('no such field')), 'no such field');
    assert.equal(toMessage('just text'), 'just text');
    assert.equal(toMessage(undefined), 'undefined');
    assert.equal(toMessage(Symbol('s')), 'Symbol(s)');
  });

  test('is bounded', () => {
    assert.equal(toMessage(new Error('x'.repeat(5000))), `${'x'.repeat(2000)}…`);
    assert.equal(toMessage('x'.repeat(2000)), 'x'.repeat(2000));
  });

  test('is text even of things that have none', () => {
    const throwing = {
      toString() {
        throw new Error('caught you');
      },
    };
    const gone = Proxy.revocable({}, {});
    gone.revoke();
    for (const thrown of [Object.create(null), throwing, gone.proxy])
      assert.equal(toMessage(thrown), 'something that is no error and has no text was thrown');
    assert.equal(toMessage(Object.assign(new Error(), { message: 404 })), '404');
    fc.assert(
      fc.property(fc.anything({ withNullPrototype: true }), (thrown) => {
        assert.equal(typeof toMessage(thrown), 'string');
      }),
    );
  });
});
