import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { RunGate } from '../../src/supervisor/run-gate.ts';

function gate(): RunGate {
  return new RunGate(new AbortController().signal);
}

describe('a gate', () => {
  test('lets through while it is open, and holds back while it is shut', async () => {
    const one = gate();
    assert.equal(await one.pass(), true);
    one.close();
    one.close();
    const went: number[] = [];
    const passing = [1, 2, 3].map(async (n) => {
      if (await one.pass()) went.push(n);
    });
    await new Promise(setImmediate);
    assert.deepEqual([went, one.isOpen], [[], false]);
    one.open();
    await Promise.all(passing);
    assert.deepEqual([went, one.isOpen], [[1, 2, 3], true]);
  });

  test('that the first of those who waited shuts again holds back all others', async () => {
    const one = gate();
    one.close();
    const went: number[] = [];
    const passing = [1, 2, 3].map(async (n) => {
      while (!one.isOpen) if (!(await one.pass())) return;
      went.push(n);
      if (n === 1) one.close();
    });
    one.open();
    await new Promise(setImmediate);
    assert.deepEqual(went, [1]);
    one.open();
    await Promise.all(passing);
    assert.deepEqual(went, [1, 2, 3]);
  });

  test('at the end lets nobody through who waited, and later only what may tidy up', async () => {
    const one = gate();
    one.close();
    const waiting = one.pass();
    one.end(true);
    assert.deepEqual([await waiting, await one.pass(), one.isOpen], [false, true, true]);
    one.end(false);
    one.open();
    one.close();
    assert.deepEqual([await one.pass(), one.isOpen], [false, false]);
  });

  test('ends with its run', async () => {
    const abort = new AbortController();
    const one = new RunGate(abort.signal);
    one.close();
    const waiting = one.pass();
    abort.abort();
    assert.equal(await waiting, false);
    assert.equal(new RunGate(abort.signal).isOpen, false);
  });

  test('has a clock that stands still while it is shut', async () => {
    const one = gate();
    one.close();
    const at = one.now();
    await new Promise((resolve) => setTimeout(resolve, 20));
    assert.equal(one.now(), at);
    one.open();
    const late = one.now() - at;
    assert.ok(late >= 0);
    await new Promise((resolve) => setTimeout(resolve, 20));
    assert.ok(one.now() - at - late >= 15);
  });
});
