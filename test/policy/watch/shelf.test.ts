import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { IDLE_MAX, Shelf } from '../../../src/policy/watch/shelf.ts';

describe('a shelf', () => {
  test('gives the same thing for the same key, while it is used and after', () => {
    const shelf = new Shelf(() => ({}));
    const first = shelf.take('a');
    assert.equal(shelf.take('a'), first);
    shelf.putBack('a');
    shelf.putBack('a');
    assert.equal(shelf.take('a'), first);
    assert.notEqual(shelf.take('b'), first);
  });

  test('forgets what was used longest ago, and never what is in use', () => {
    const shelf = new Shelf(() => ({}));
    const used = shelf.take('used');
    const old = shelf.take('old');
    shelf.putBack('old');
    for (let n = 0; n < IDLE_MAX; n++) {
      shelf.take(`other ${n}`);
      shelf.putBack(`other ${n}`);
    }
    assert.equal(shelf.size, IDLE_MAX + 1);
    assert.equal(shelf.take('used'), used);
    assert.notEqual(shelf.take('old'), old);
  });

  test('what is taken again counts as new', () => {
    const shelf = new Shelf(() => ({}));
    const kept = shelf.take('kept');
    shelf.putBack('kept');
    for (let n = 0; n < 2 * IDLE_MAX; n++) {
      shelf.take(`other ${n}`);
      shelf.putBack(`other ${n}`);
      if (n % 1000 === 0) {
        shelf.take('kept');
        shelf.putBack('kept');
      }
    }
    assert.equal(shelf.take('kept'), kept);
  });

  test('takes nothing amiss that was put back too often', () => {
    const shelf = new Shelf(() => ({}));
    shelf.putBack('never taken');
    assert.equal(shelf.size, 0);
  });
});
