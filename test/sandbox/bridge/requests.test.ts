// What a macro asks for and waits for: commands, slash lines, sleeps.

import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { loneCorral } from '../support/lone-corral.ts';

const lone = loneCorral();
after(() => lone.corral.close());

describe('a command', () => {
  test('gives the answer of the host', async () => {
    assert.equal(await lone.valueOf("return echo.later({ text: 'hi' })"), 'hi');
  });

  test('takes no argument as an empty object', async () => {
    assert.equal(await lone.valueOf('return echo.later()'), '');
  });

  test('rejects with the code, the words and the line', async () => {
    const source = `try {
      await echo.fail();
    } catch (error) {
      return [error.name, error.code, error.message, /macro\\.js:2:/.test(error.stack), error instanceof Error];
    }`;
    const message = 'echo.fail: the host said no';
    assert.deepEqual(await lone.valueOf(source), [
      'CommandError',
      'host-failed',
      message,
      true,
      true,
    ]);
  });

  test('goes out at once, and many wait side by side', async () => {
    const source = "return Promise.all(['a', 'b', 'c'].map((text) => echo.later({ text })))";
    assert.deepEqual(await lone.valueOf(source), ['a', 'b', 'c']);
  });

  test('can be given as a slash line', async () => {
    assert.equal(await lone.valueOf("return command('/later good day')"), 'good day');
  });

  test('as a slash line is a text', async () => {
    const source =
      'try { await command(5); } catch (error) { return [error.name, error.message]; }';
    const [name, message] = (await lone.valueOf(source)) as [string, string];
    assert.equal(name, 'TypeError');
    assert.match(message, /text such as "\/say hello"/);
  });

  test('that nobody knows is told so', async () => {
    const source =
      "try { await command('/nowhere'); } catch (error) { return [error.name, error.code]; }";
    assert.deepEqual(await lone.valueOf(source), ['CommandError', 'bad-arguments']);
  });
});

describe('sleep', () => {
  test('resolves with nothing, in the order of its times', async () => {
    const source = `const order = [];
      await Promise.all([60, 1, 30].map(async (ms) => { const got = await sleep(ms); order.push([ms, got === undefined]); }));
      return order`;
    assert.deepEqual(await lone.valueOf(source), [
      [1, true],
      [30, true],
      [60, true],
    ]);
  });

  test('takes what is a number of milliseconds', async () => {
    assert.equal(
      await lone.valueOf("await sleep('5'); await sleep(0); await sleep(0.5); return 1"),
      1,
    );
  });

  for (const bad of ['-1', 'NaN', 'undefined', "'soon'", '{}']) {
    test(`refuses ${bad}`, async () => {
      const source = `try { await sleep(${bad}); } catch (error) { return [error.name, error.message]; }`;
      const told = ['RangeError', 'sleep(ms) takes a number of milliseconds, 0 or more'];
      assert.deepEqual(await lone.valueOf(source), told);
    });
  }

  test('of a year is a long sleep, not an error', async () => {
    const { end } = await lone.run('await sleep(3e10)', { limits: { wall: 60 } });
    assert.equal(end.reason, 'wall-limit');
  });
});

describe('what waits at once', () => {
  test('is bounded', async () => {
    const source = `let refused = 0; const all = [];
      for (let i = 0; i < 10_100; i++) all.push(sleep(5).catch((error) => { if (error instanceof RangeError) refused++; }));
      await Promise.all(all); return refused`;
    assert.equal(await lone.valueOf(source), 100);
  });

  test('of commands never goes beyond what is allowed, and one more', async () => {
    const before = lone.seen.length;
    const source =
      'for (let i = 0; i < 2000; i++) echo.back({ value: i }).catch(() => {}); await sleep(5000)';
    const { end } = await lone.run(source, { limits: { commands: 5 } });
    assert.deepEqual([end.reason, end.commands], ['command-limit', 6]);
    assert.ok(lone.seen.length - before <= 5);
  });
});
