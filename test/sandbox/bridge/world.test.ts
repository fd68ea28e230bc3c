// The globals of a macro: what is there, what it holds, and that nothing of Node is.

import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { loneCorral } from '../support/lone-corral.ts';

const scratch = mkdtempSync(join(tmpdir(), 'corral-test-'));
const macrosDir = join(scratch, 'macros');
mkdirSync(macrosDir);
const other = (name: string, body: string) =>
  writeFileSync(
    join(macrosDir, `${name}.js`),
    `// ==Macro==\n// @name ${name}\n// ==/Macro==\n${body}`,
  );
other('double', 'log("doubling"); return input.n * 2;');
other('broken', "throw new Error('in pieces');");
other('again', "return macros.call('again');");

const lone = loneCorral({ macrosDir });
after(async () => {
  await lone.corral.close();
  rmSync(scratch, { recursive: true, force: true });
});

describe('a macro sees', () => {
  test('its input', async () => {
    assert.deepEqual(await lone.valueOf('return input', { input: { a: [1] } }), { a: [1] });
    assert.deepEqual(await lone.valueOf('return input'), {});
  });

  test('one frozen namespace a category, with the verbs and nothing else', async () => {
    const source = `return [Object.keys(echo).sort(), Object.isFrozen(echo), Object.getPrototypeOf(echo) === null, typeof echo.nothing]`;
    assert.deepEqual(await lone.valueOf(source), [
      ['back', 'fail', 'later'],
      true,
      true,
      'undefined',
    ]);
  });

  test('only what its @grant names', async () => {
    const header = '// ==Macro==\n// @grant echo.back\n// ==/Macro==\n';
    assert.deepEqual(await lone.valueOf(`${header}return Object.keys(echo)`), ['back']);
    const none = '// ==Macro==\n// @grant chat\n// ==/Macro==\n';
    assert.equal(await lone.valueOf(`${none}return typeof echo`), 'undefined');
  });

  test('the time', async () => {
    assert.equal(await lone.valueOf('const t = now(); return t <= Date.now() && t > 1.6e12'), true);
  });

  test('what is left of each limit, and sees it go down', async () => {
    const source = `const a = budget();
      let x = 0; for (let i = 0; i < 3e7; i++) x += i;
      log('some text'); await echo.back({ value: x }); await sleep(20);
      const b = budget();
      return { keys: Object.keys(a).sort(), down: Object.keys(a).filter((key) => b[key] < a[key]).sort(), cap: a.commands }`;
    const told = (await lone.valueOf(source, { limits: { commands: 9 } })) as Record<
      string,
      unknown
    >;
    const names = ['commands', 'cpuMs', 'heapBytes', 'outputBytes', 'wallMs'];
    assert.deepEqual([told.keys, told.cap], [names, 9]);
    for (const name of ['commands', 'cpuMs', 'outputBytes', 'wallMs'])
      assert.ok((told.down as string[]).includes(name), `${name} went down`);
  });

  test('everything of that in the module form too, by name and handed over', async () => {
    const source = `export default async (macro) => {
      const names = ['input', 'command', 'sleep', 'every', 'state', 'log', 'console', 'macros', 'random', 'now', 'budget', 'signal', 'echo'];
      return [names.filter((name) => macro[name] !== globalThis[name]), Object.isFrozen(macro), Object.keys(macro).length === names.length];
    }`;
    assert.deepEqual(await lone.valueOf(source), [[], true, true]);
  });
});

describe('state', () => {
  test('keeps values of every kind that crosses', async () => {
    const source = `await state.set('k', { when: new Date(5), list: [1n, undefined] });
      const { when, list } = await state.get('k');
      return [when.getTime(), list]`;
    assert.deepEqual(await lone.valueOf(source), [5, [1n, undefined]]);
  });

  test('counts, forgets, and falls back', async () => {
    const source = `const told = [await state.incr('n'), await state.incr('n', 5), await state.get('n', 'none')];
      return [...told, await state.delete('n'), await state.delete('n'), await state.get('n', 'none'), await state.get('n')]`;
    assert.deepEqual(await lone.valueOf(source), [1, 6, 6, true, false, 'none', undefined]);
  });

  test('refuses what is no key, as a StateError', async () => {
    const source = `const told = [];
      for (const go of [() => state.get(5), () => state.set({}, 1), () => state.incr('x', 'y')]) await go().catch((e) => told.push(e.name));
      return told`;
    assert.deepEqual(await lone.valueOf(source), ['StateError', 'StateError', 'StateError']);
  });
});

describe('macros.call', () => {
  test('runs another macro and gives its value; its log lines are told', async () => {
    const { value, logs } = await lone.run("return macros.call('double', { n: 21 })");
    assert.deepEqual([value, logs], [42, ['doubling']]);
  });

  test('rejects with a code: unknown, failed, in a circle', async () => {
    const source = `const told = [];
      for (const name of ['nobody', 'broken', 'again', 5]) await macros.call(name).catch((e) => told.push([e.name, e.code]));
      return told`;
    const told = (await lone.valueOf(source)) as [string, string][];
    assert.deepEqual(new Set(told.map(([name]) => name)), new Set(['MacroCallError']));
    const codes = told.map(([, code]) => code);
    assert.deepEqual(
      [codes[0], codes[1], codes[3]],
      ['unknown-macro', 'macro-failed', 'unknown-macro'],
    );
  });
});

describe('nothing of Node is there', () => {
  test('by name', async () => {
    const names =
      'process require module exports Buffer global setTimeout setInterval fetch performance structuredClone queueMicrotask __dirname gc';
    const source = `return ${JSON.stringify(names.split(' '))}.filter((name) => name in globalThis || eval('typeof ' + name) !== 'undefined')`;
    assert.deepEqual(await lone.valueOf(source), []);
  });

  test('by the constructor of anything the macro is given', async () => {
    const source = `const given = [log, sleep, input, command, echo, echo.back, state, signal, macros, budget(), every, console, random,
        globalThis, sleep(1), (async () => {}), function* () {}, async function* () {}, await echo.back({ value: new Map() }),
        await echo.fail().catch((error) => error), $corralAt];
      const told = new Set();
      for (const each of given) for (let at = each, i = 0; at && i < 6; at = Object.getPrototypeOf(at), i++) {
        const Make = at.constructor && at.constructor.constructor;
        if (typeof Make === 'function') try { told.add(String(Make('return typeof process + typeof require + (this === globalThis)')())); } catch (e) { told.add(e.name); }
      }
      return [...told]`;
    assert.deepEqual(await lone.valueOf(source), ['undefinedundefinedtrue']);
  });

  test('by import', async () => {
    const { end } = await lone.run("return import('node:fs')");
    assert.notEqual(end.reason, 'completed');
    const module = await lone.run("import 'node:fs'; export default () => 1");
    assert.notEqual(module.end.reason, 'completed');
  });
});

describe('the call that starts a macro', () => {
  test('is gone when it runs, in either form', async () => {
    assert.equal(await lone.valueOf('return typeof $corralStart'), 'undefined');
    const source =
      "const top = '$corralStart' in globalThis; export default () => [top, '$corralStart' in globalThis]";
    assert.deepEqual(await lone.valueOf(source), [false, false]);
  });

  test('cannot be reached by code that breaks out of its function', async () => {
    const breakouts = [
      '}); $corralStart(async () => { return 1',
      '}), (async function () {',
      '}}); ({ a() {',
      '*/ }) /*',
    ];
    for (const source of breakouts)
      assert.equal((await lone.run(source)).end.status === 'completed', false, source);
  });

  test('$corralAt stays, does nothing a macro could use, and cannot be replaced', async () => {
    const source = `const told = [];
      for (const odd of [1e99, -5, NaN, 'x', {}, undefined]) told.push($corralAt(odd, 7));
      try { $corralAt(1n, 0); } catch (error) { told.push(error.name); }
      globalThis.$corralAt = 1;
      return [...told, typeof $corralAt, delete globalThis.$corralAt, Object.isFrozen($corralAt)]`;
    const told = [7, 7, 7, 7, 7, 7, 'TypeError', 'function', false, true];
    assert.deepEqual(await lone.valueOf(source), told);
  });
});
