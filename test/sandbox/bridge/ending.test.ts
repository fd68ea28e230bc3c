// When a macro is over: its body has returned, its commands are answered, and each `every` is stopped.

import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { loneCorral } from '../support/lone-corral.ts';

const lone = loneCorral();
after(() => lone.corral.close());

describe('a run', () => {
  test('ends with what the body returns', async () => {
    assert.equal(await lone.valueOf('return 1 + 1'), 2);
    assert.equal(await lone.valueOf(''), undefined);
    assert.equal(await lone.valueOf('return sleep(1).then(() => 3)'), 3);
  });

  test('waits for the commands nobody awaited', async () => {
    lone.seen.length = 0;
    await lone.valueOf("echo.later({ text: 'first' }); echo.later({ text: 'second' }); return 1");
    assert.deepEqual(lone.seen, ['first', 'second']);
  });

  test('and for those their answers give rise to', async () => {
    lone.seen.length = 0;
    await lone.valueOf("echo.later({ text: '1' }).then(() => echo.later({ text: '2' })); return 1");
    assert.deepEqual(lone.seen, ['1', '2']);
  });

  test('does not wait for a sleep nobody awaits', async () => {
    const { end } = await lone.run('sleep(60_000); return 1', { limits: { wall: 20_000 } });
    assert.equal(end.reason, 'completed');
  });

  test('ends with the value as it is when everything is answered', async () => {
    const source =
      "const got = []; echo.later({ text: 'x' }).then((text) => got.push(text)); return got";
    assert.deepEqual(await lone.valueOf(source), ['x']);
  });
});

describe('a run fails', () => {
  test('with what the body throws, before and after an await', async () => {
    for (const source of ["throw new Error('now')", "await sleep(1); throw new Error('now')"]) {
      const { end } = await lone.run(source);
      assert.deepEqual([end.reason, end.error?.message, end.line], ['failed', 'now', 1]);
    }
  });

  test('with a rejection nobody takes', async () => {
    const { end } = await lone.run("Promise.reject(new Error('lost')); await sleep(30_000)");
    assert.deepEqual([end.reason, end.error?.message], ['failed', 'lost']);
  });

  test('once, whatever else fails after', async () => {
    const source = "every(10, () => { throw new Error('later'); }); throw new Error('first')";
    assert.equal((await lone.run(source)).end.error?.message, 'first');
  });

  test('when its result cannot be read, and says where', async () => {
    const source = 'return { list: [1, { get x() { throw new Error("unreadable"); } }] }';
    assert.equal((await lone.run(source)).end.error?.message, 'unreadable');
  });
});

test('getters of the result may do what they like: the run still ends, once', async () => {
  const source = `const e = every(10, () => {});
    e.stop();
    return { get a() { const again = every(10, () => {}); again.stop(); echo.back({ value: 1 }); sleep(1); log('read'); return 5; } }`;
  const { end, value } = await lone.run(source);
  assert.deepEqual([end.reason, value], ['completed', { a: 5 }]);
});
