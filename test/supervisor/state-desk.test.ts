import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { serveState } from '../../src/supervisor/state-desk.ts';
import { StateError, StateStore } from '../../src/supervisor/state-store.ts';

describe("a macro's state calls", () => {
  test('get, set, incr and delete what the macro keeps', () => {
    using store = new StateStore(null);
    const call = (operation: string, argument: unknown) =>
      serveState(store.of('local'), 'm', operation, argument);
    assert.equal(call('get', { key: 'k' }), undefined);
    assert.equal(call('set', { key: 'k', value: { a: 1 } }), undefined);
    assert.deepEqual(call('get', { key: 'k' }), { a: 1 });
    assert.equal(call('incr', { key: 'n', by: 2 }), 2);
    assert.equal(call('delete', { key: 'k' }), true);
    assert.equal(call('delete', { key: 'k' }), false);
  });

  test('are checked: whatever is wrong is said in words for the macro', () => {
    using store = new StateStore(null);
    const wrong: [string, unknown, RegExp][] = [
      ['get', undefined, /state\.get\(key\) takes a text/],
      ['get', { key: 5 }, /takes a text/],
      ['get', ['k'], /takes a text/],
      ['set', { value: 1 }, /takes a text as its key/],
      ['incr', { key: 'n' }, /a text and a number/],
      ['incr', { key: 'n', by: '1' }, /a text and a number/],
      ['incr', { key: 'n', by: Number.POSITIVE_INFINITY }, /number/],
      ['delete', null, /takes a text/],
      ['clear', { key: 'k' }, /there is no state\.clear/],
      ['__proto__', {}, /there is no state/],
    ];
    for (const [operation, argument, message] of wrong) {
      assert.throws(
        () => serveState(store.of('local'), 'm', operation, argument),
        (error) => error instanceof StateError && message.test(error.message),
        `${operation} ${JSON.stringify(argument)}`,
      );
    }
  });

  test('a hostile key is a key like any other', () => {
    using store = new StateStore(null);
    for (const key of ['__proto__', "'; DROP TABLE state; --", 'constructor']) {
      serveState(store.of('local'), 'm', 'set', { key, value: key });
      assert.equal(serveState(store.of('local'), 'm', 'get', { key }), key);
    }
  });
});
