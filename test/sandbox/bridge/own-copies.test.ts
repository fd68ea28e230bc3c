// A macro that replaces built-ins breaks only itself: what it is owed still comes, and it learns nothing of the bridge.

import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { loneCorral } from '../support/lone-corral.ts';

const lone = loneCorral();
after(() => lone.corral.close());

/** Made before anything is replaced: only the bridge is to be tried, not the macro's own use of the language. */
const PREPARE = `const logged = ['text', { a: [1, new Date(5)] }, new Map([[1, 2]]), new Error('x')];
  const sent = { n: -0, m: new Map([['k', new Set([1n])]]), b: new Uint8Array([1, 2, 3]), d: new Date(1), r: /a/g };
  const sizeOf = Object.getOwnPropertyDescriptor(Map.prototype, 'size').get, apply = Reflect.apply;
`;
/** Uses every part of the bridge once, on values of every kind. */
const USE_ALL = `
  log(logged[0], logged[1], logged[2], logged[3]);
  await sleep(1);
  const answer = await echo.back({ value: sent });
  await state.set('k', [apply(sizeOf, answer.m, [])]);
  const kept = await state.get('k');
  const none = await state.get('none', 'fallback');
  await new Promise((done) => { let n = 0; const e = every(10, async () => { if (++n === 2) { e.stop(); done(); } }); });
  let code = '';
  try { await echo.fail(); } catch (error) { code = error.code; }
  return { kept, none, code, bytes: answer.b[2], zero: 1 / answer.n, big: typeof budget().cpuMs };
`;
const EXPECTED = {
  kept: [1],
  none: 'fallback',
  code: 'host-failed',
  bytes: 3,
  zero: Number.NEGATIVE_INFINITY,
  big: 'number',
};

describe('everything still works after a macro has replaced', () => {
  const replaced: Record<string, string> = {
    'the methods of Promise': `Promise.prototype.then = Promise.prototype.catch = () => { throw 1; };
      Promise.resolve = Promise.reject = null; Object.defineProperty(Promise, Symbol.species, { value: null });`,
    JSON: 'JSON.stringify = JSON.parse = () => { throw 1; };',
    'the functions of Object': `for (const name of Object.getOwnPropertyNames(Object)) { if (name !== 'prototype') { try { Object[name] = () => { throw 1; }; } catch {} } }`,
    Reflect:
      'for (const name of Reflect.ownKeys(Reflect)) delete Reflect[name]; Reflect.apply = 1;',
    'the methods of Array': `for (const name of ['push', 'slice', 'map', 'join', 'concat', 'forEach']) Array.prototype[name] = () => { throw 1; };
      Array.isArray = () => false;`,
    'the iterators': `const keep = Array.prototype[Symbol.iterator];
      Object.getPrototypeOf([][Symbol.iterator]()).next = () => ({ done: true });
      Array.prototype[Symbol.iterator] = function* () { throw 1; };
      Map.prototype[Symbol.iterator] = Set.prototype[Symbol.iterator] = keep;`,
    'the methods of String': `for (const name of ['slice', 'indexOf', 'toString', 'valueOf', 'substring']) String.prototype[name] = () => { throw 1; };`,
    'the methods of Map and Set': `for (const C of [Map, Set]) for (const name of ['set', 'has', 'add', 'delete', 'get', 'forEach']) C.prototype[name] = () => { throw 1; };
      Object.defineProperty(Set.prototype, 'size', { get() { throw 1; } });`,
    'the methods of Date': `Date.prototype.toJSON = Date.prototype.getTime = Date.prototype.toISOString = () => { throw 1; }; Date.now = null;`,
    call: 'Function.prototype.call = Function.prototype.apply = Function.prototype.bind = null;',
    'what asks what an error is': `for (const C of [Error, TypeError, RangeError, RegExp, Map]) Object.defineProperty(C, Symbol.hasInstance, { value() { throw 1; } });
      Error.isError = () => { throw 1; }; Error.captureStackTrace = () => { throw 1; };`,
    'the stack of errors':
      'Error.prepareStackTrace = () => { throw 1; }; Error.stackTraceLimit = 0;',
    numbers:
      'Number.isFinite = Number.isNaN = BigInt.asIntN = Math.floor = Math.imul = () => { throw 1; };',
    'the globals': `for (const name of ['Promise', 'Error', 'TypeError', 'Date', 'RegExp', 'String', 'Number', 'Object', 'Array', 'JSON', 'ArrayBuffer', 'BigInt'])
      globalThis['kept' + name] = globalThis[name];
      for (const name of ['Error', 'TypeError', 'RangeError', 'JSON', 'Reflect', 'Number', 'BigInt', 'String', 'ArrayBuffer', 'DataView']) globalThis[name] = undefined;
      globalThis.Error = keptError;`,
  };
  for (const [what, source] of Object.entries(replaced)) {
    test(what, async () => {
      assert.deepEqual(await lone.valueOf(PREPARE + source + USE_ALL), EXPECTED);
    });
  }
});

describe('nothing is read from a prototype that a macro has filled', () => {
  test('with accessors for what descriptors are made of', async () => {
    const names = ['get', 'set', 'value', 'writable', 'enumerable', 'configurable'];
    const source = `for (const name of ${JSON.stringify(names)})
      Object.defineProperty(Object.prototype, name, { __proto__: null, get() { throw 1; }, set() { throw 1; }, configurable: true });`;
    assert.deepEqual(await lone.valueOf(PREPARE + source + USE_ALL), EXPECTED);
  });

  test('with the names the bridge and its messages use', async () => {
    const names = 'abort error id v $ key code stack resolve reject sleep nodes chars open toJSON';
    const source = `for (const name of ${JSON.stringify(names.split(' '))})
      Object.defineProperty(Object.prototype, name, { __proto__: null, value: 'polluted', writable: true, configurable: true });`;
    assert.deepEqual(await lone.valueOf(PREPARE + source + USE_ALL), EXPECTED);
  });

  test('with setters for the places of arrays', async () => {
    const source = `for (const proto of [Object.prototype, Array.prototype]) for (let i = 0; i < 8; i++)
      Object.defineProperty(proto, i, { __proto__: null, get() { return 'wrong'; }, set() { throw 1; }, configurable: true });`;
    const body = `const got = await echo.back({ value: [1, [2, 3], new Map([[1, 2]])] });
      signal.addEventListener('abort', () => {}); log(1, 2);
      return got;`;
    assert.deepEqual(await lone.valueOf(source + body), [1, [2, 3], new Map([[1, 2]])]);
  });
});

test('the end of a body is seen though the constructor of promises is replaced', async () => {
  assert.equal(await lone.valueOf('Promise.prototype.constructor = class {}; return 5'), 5);
  const getter = `Object.defineProperty(Promise.prototype, 'constructor', { get() { for (;;); } }); return 6`;
  assert.equal(await lone.valueOf(getter), 6);
});

describe('a macro never gets hold of the bridge', () => {
  test('by the caller of its functions', async () => {
    const source = `const found = [];
      function look() { for (const name of ['caller', 'arguments']) { try { found.push(String(look[name] && look[name].length)); } catch (e) { found.push(e.name); } } }
      await echo.back({ value: { get x() { look(); return 1; } } });
      log({ get x() { look(); return 1; } });
      return found.filter((each) => each !== 'null' && each !== '0')`;
    assert.deepEqual(await lone.valueOf(source), []);
  });

  test('by the frames that Error.prepareStackTrace is shown', async () => {
    const source = `const found = [];
      Error.prepareStackTrace = (error, sites) => { for (const site of sites) if (site.getFileName() === 'corral:bridge') found.push(site.getFunction(), site.getThis()); return ''; };
      await sleep(1);
      await echo.back({ value: 1 });
      await echo.back({ value: { get x() { return new Error().stack; } } });
      return [found.length > 4, found.filter((each) => each !== undefined).length]`;
    assert.deepEqual(await lone.valueOf(source), [true, 0]);
  });

  test('by what its functions are called with as `this`', async () => {
    const source = `'use strict'; const found = [];
      await new Promise((done) => { const e = every(10, function () { found.push(typeof this); e.stop(); done(); }); });
      return found`;
    assert.deepEqual(await lone.valueOf(source), ['undefined']);
  });
});

test('at the very end of its stack a macro loses no count: it ends as it should', async () => {
  const source = `let tries = 0, failed = 0, answered = 0;
    const ask = () => { for (const each of [() => sleep(1), () => echo.back({ value: [[1]] })]) { try { each().then(() => answered++, () => failed++); } catch { failed++; } } };
    const dive = () => { try { dive(); } catch (error) { try { if (tries++ < 1000) ask(); } catch {} throw error; } };
    try { dive(); } catch {}
    while (budget().commands > 0 && answered < 100) await sleep(5);
    return [failed > 0, answered > 0]`;
  assert.deepEqual(await lone.valueOf(source), [true, true]);
});
