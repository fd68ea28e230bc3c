// What a macro can cost: counts and rates that hold whatever happens, and null where nothing can be said.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { analyse } from '../../../src/analysis/analyse.ts';
import { createTrainingGround } from '../../../src/corral.ts';

const { commands } = createTrainingGround({ seed: 7 });

function costOf(source: string) {
  const { cost } = analyse(source, { file: 'macro.js', language: 'js', commands });
  assert.ok(cost);
  return cost;
}

const WHISPER = "await chat.whisper({ to: 'bob', text: 'a' })";

describe('the most commands', () => {
  for (const [what, source, max] of [
    ['one', WHISPER, 1],
    ['a counted loop', `for (let i = 0; i < 7; i++) ${WHISPER}`, 7],
    ['loops in loops', `for (let i = 0; i < 3; i++) for (let j = 0; j < 4; j++) ${WHISPER}`, 12],
    ['an endless loop', `for (;;) ${WHISPER}`, null],
    ['the head of a loop', 'for (let i = 0; i < 3; i++, chat.players());', 3],
    ['another name of a category', 'const c = chat; c.players(); c.players()', 2],
    ['a verb taken out', 'const { players } = chat; players()', 1],
    [
      'a function in a loop',
      `const f = async () => { ${WHISPER} }; for (const x of [1, 2]) f()`,
      2,
    ],
    ['a function that calls itself', `async function f() { ${WHISPER}; await f() } f()`, null],
    ['a function given away', '[1, 2].forEach(chat.players)', null],
    ['a verb not known', 'const v = input.verb; chat[v]()', null],
    ['a category given away', 'chat.players(); give(chat)', null],
    ['dynamic code', 'chat.players(); eval(input.code)', null],
    ['a module', 'export default async (macro) => { await macro.chat.players() }', 1],
    [
      'a module that gives it all away',
      'export default async (m) => { m.chat.players(); f(m) }',
      null,
    ],
    ['other macros', "chat.players(); await macros.call('other')", null],
    ['a slash line', "await command('/say hello')", 1],
  ] as const)
    test(`of ${what}`, () => assert.equal(costOf(source).commands.max, max));

  test('do not count one function expression by its inner name', () => {
    const source = `const f = async function g(n) { ${WHISPER}; if (n) await g(n - 1) }; await f(3)`;
    assert.equal(costOf(source).commands.max, null);
  });
});

describe('the most in a second', () => {
  for (const [what, body, most] of [
    ['a sleep each turn', `${WHISPER}; await sleep(1000)`, 2],
    ['a sleep in a function', `${WHISPER}; await pause()`, 2],
    ['a sleep by a timer', `${WHISPER}; await wait(1000)`, 2],
    ['a sleep on one branch only', `${WHISPER}; if (input.a) await sleep(1000)`, null],
    ['a sleep nobody awaits', `${WHISPER}; sleep(1000)`, null],
    [
      'a sleep that a continue goes around',
      `${WHISPER}; if (input.a) continue; await sleep(9)`,
      null,
    ],
    [
      'a sleep that a label goes around',
      `${WHISPER}; a: { if (input.a) break a; await sleep(9) }`,
      null,
    ],
    ['a sleep that an error goes around', `${WHISPER}; try { f(); await sleep(9) } catch {}`, null],
    ['what the host makes wait', "await chat.say({ text: 'a' })", 8],
  ] as const)
    test(`of ${what}`, () => {
      const source = `const pause = async () => { await sleep(1000) };
        const wait = (ms) => new Promise((done) => setTimeout(done, ms));
        for (;;) { ${body} }`;
      assert.equal(costOf(source).peakPerSecond.chat, most);
    });

  test('counts those that run side by side', () => {
    const source = `async function w() { for (let i = 0; i < 10; i++) { ${WHISPER}; await sleep(1000) } }
      for (let i = 0; i < 100; i++) { w(); await sleep(100) }`;
    assert.ok((costOf(source).peakPerSecond.chat ?? 0) >= 100);
  });

  test('is as fast as it can for an endless loop, and in any window', () => {
    const cost = costOf(`for (;;) ${WHISPER}`);
    assert.equal(
      cost.mostInWindow(({ category }) => category === 'chat', 5000),
      Infinity,
    );
  });

  test('is bounded by `every`', () => {
    assert.equal(costOf(`every(500, async () => { ${WHISPER} })`).peakPerSecond.chat, 4);
  });
});

test('what surely is given is at least one', () => {
  assert.equal(costOf(WHISPER).commands.min, 1);
  assert.equal(costOf(`if (input.a) ${WHISPER}`).commands.min, 0);
});
