// What a macro may write: log lines by level, all of them counted.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { loneCorral } from '../support/lone-corral.ts';

const lone = loneCorral();
after(() => lone.corral.close());

test('log is a function and a set of levels; console is the same levels', async () => {
  const { events } = await lone.run(`log('plain');
    for (const level of ['debug', 'trace', 'info', 'log', 'warn', 'error']) { log[level](level); console[level](level); }`);
  const told = events.flatMap((event) =>
    event.type === 'log' ? [`${event.level} ${event.text}`] : [],
  );
  const levels = [
    'debug debug',
    'debug trace',
    'info info',
    'info log',
    'warn warn',
    'error error',
  ];
  assert.deepEqual(told, ['info plain', ...levels.flatMap((each) => [each, each])]);
});

test('neither can be changed', async () => {
  const source = `'use strict'; const found = [];
    for (const target of [log, console, log.info]) { try { target.info = 1; } catch (error) { found.push(error.name); } }
    return found`;
  assert.deepEqual(await lone.valueOf(source), ['TypeError', 'TypeError', 'TypeError']);
});

test('lines are told in order, up to the limit and not beyond', async () => {
  const { end, logs } = await lone.run(
    'for (let i = 0; i < 1e5; i++) log(i); await sleep(30_000)',
    {
      limits: { output: 2000 },
    },
  );
  assert.equal(end.reason, 'output-limit');
  assert.deepEqual(logs.slice(0, 3), ['0', '1', '2']);
  assert.ok(logs.length < 200, `${logs.length} lines`);
});

test('what is written counts against what the result may be', async () => {
  const limits = { output: 5000 };
  assert.equal((await lone.run("return 'x'.repeat(4000)", { limits })).end.reason, 'completed');
  const both = "log('y'.repeat(3000)); return 'x'.repeat(4000)";
  assert.equal((await lone.run(both, { limits })).end.reason, 'output-limit');
});
