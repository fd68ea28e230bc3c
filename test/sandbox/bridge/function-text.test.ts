// What a macro reads of its own functions and of the bridge's.

import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { loneCorral } from '../support/lone-corral.ts';

const lone = loneCorral();
after(() => lone.corral.close());

describe('the text of a function is what its author wrote,', () => {
  const functions = [
    'function plain() { return 1 }',
    'async function waits(a) { await a; return [1].fill(a).join("-") }',
    '(a, b) => [a].concat((a, b), ...[a.split("")].slice(1))',
    '(a) => { throw "/*$" + [a].fill(") , $(1,").indexOf(a) }',
    'class Made { #items = new Array(8).fill(0); get items() { return this.#items.slice(0) } }',
    'function* walks(list) { yield* [...list.slice()].sort((a, b) => (a, b).at(0)) }',
    '(n) => n ** [2n].at(0) * (n, 3n)',
    'function (/* a ) */ a) { return eval(a.repeat(2)) /* end */ }',
  ];
  for (const text of functions)
    test(`whatever was planted in it: ${text}`, async () => {
      assert.equal(await lone.valueOf(`const made = ${text};\nreturn String(made)`), text);
    });

  test('also where its text speaks of beacons itself', async () => {
    const text = '() => "$corralAt("';
    assert.equal(await lone.valueOf(`const made = ${text}; return made.toString()`), text);
  });
});

describe('what the bridge gives is native code', () => {
  for (const name of [
    'sleep',
    'every',
    'log',
    'log.warn',
    'state.get',
    'macros.call',
    'random',
    'Math.random',
    'now',
    'budget',
    'signal.throwIfAborted',
    'ArrayBuffer',
    '$corralAt',
    'Function.prototype.toString',
  ])
    test(name, async () => {
      const text = await lone.valueOf(`return Function.prototype.toString.call(${name})`);
      assert.equal(text, `function ${name.split('.').at(-1)}() { [native code] }`);
    });
});

test('it is like the native one in everything else', async () => {
  const source = `const { toString } = Function.prototype;
    const refused = [{}, 1, undefined].map((odd) => { try { return toString.call(odd) } catch (error) { return error.name } });
    let made; try { new toString() } catch (error) { made = error.name }
    const { writable, enumerable, configurable } = Object.getOwnPropertyDescriptor(Function.prototype, 'toString');
    return [refused, made, 'prototype' in toString, toString.length, toString.name, writable, enumerable, configurable,
      toString.call(new Proxy(function () {}, {})), toString.call(Array)]`;
  assert.deepEqual(await lone.valueOf(source), [
    ['TypeError', 'TypeError', 'TypeError'],
    'TypeError',
    false,
    0,
    'toString',
    true,
    false,
    true,
    'function () { [native code] }',
    'function Array() { [native code] }',
  ]);
});

test('nothing a macro replaces makes it say something else', async () => {
  const source = `String.prototype.indexOf = () => 1; String.prototype.slice = () => 'lie'; WeakMap.prototype.get = () => 'lie';
    function mine(a) { return [a].fill(a) }
    return [mine.toString(), sleep.toString()]`;
  assert.deepEqual(await lone.valueOf(source), [
    'function mine(a) { return [a].fill(a) }',
    'function sleep() { [native code] }',
  ]);
});
