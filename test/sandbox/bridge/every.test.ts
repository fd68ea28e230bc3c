// What `every` promises: again and again, never twice at once, and the run lives until it is stopped.

import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { loneCorral } from '../support/lone-corral.ts';

const lone = loneCorral();
after(() => lone.corral.close());

describe('every', () => {
  test('calls until it is stopped, and keeps the run alive that long', async () => {
    const { logs, end } = await lone.run(`let n = 0;
      const beat = every(10, () => { log(++n); if (n === 3) beat.stop(); });
      return 'set up'`);
    assert.deepEqual([logs, end.value], [['1', '2', '3'], 'set up']);
  });

  test('never calls twice at once', async () => {
    const source = `let open = 0, most = 0, calls = 0;
      await new Promise((done) => {
        const beat = every(10, async () => { most = Math.max(most, ++open); await sleep(25); open--; if (++calls === 3) { beat.stop(); done(); } });
      });
      return most`;
    assert.equal(await lone.valueOf(source), 1);
  });

  test('stopped in the middle of a call lets that call finish', async () => {
    const { logs, end } = await lone.run(`
      const beat = every(10, async () => { beat.stop(); await sleep(30); log('finished'); });`);
    assert.deepEqual([logs, end.reason], [['finished'], 'completed']);
  });

  test('stopped while it sleeps calls no more, and may be stopped again', async () => {
    const { logs, end } = await lone.run(`
      const beat = every(20, () => log('called')); beat.stop(); beat.stop(); await sleep(60); return 1`);
    assert.deepEqual([logs, end.value], [[], 1]);
  });

  test('ends the run as failed when a call throws or rejects', async () => {
    for (const task of [
      "() => { throw new Error('no'); }",
      "async () => { throw new Error('no'); }",
    ]) {
      const { end } = await lone.run(`every(10, ${task}); await sleep(30_000)`);
      assert.deepEqual([end.reason, end.error?.message], ['failed', 'no']);
    }
  });

  const refused: Record<string, RegExp> = {
    'every(9, () => {})': /at least 10 milliseconds/,
    'every(NaN, () => {})': /at least 10 milliseconds/,
    "every(10, 'x')": /takes a function/,
    'every(10)': /takes a function/,
  };
  for (const [call, message] of Object.entries(refused)) {
    test(`refuses ${call}`, async () => {
      assert.match((await lone.run(call)).end.error?.message ?? '', message);
    });
  }

  test('side by side are counted each', async () => {
    const { logs } = await lone.run(`
      const make = (name, times) => { let n = 0; const e = every(10, () => { log(name); if (++n === times) e.stop(); }); };
      make('a', 1); make('b', 3);`);
    assert.deepEqual(logs.toSorted(), ['a', 'b', 'b', 'b']);
  });
});
