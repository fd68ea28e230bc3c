// What is seen of a macro that is stopped: its functions, who awaits them, and its variables; busy or asleep.

import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { z } from 'zod';
import { createCorral } from '../../src/corral.ts';
import { readDump } from '../../src/dumps/dump.ts';
import { defineCommand } from '../../src/model/command.ts';
import type { CrashDump } from '../../src/model/dump.ts';
import { tempDir } from '../support/temp.ts';

const temp = tempDir();
const corral = createCorral({ dumpDir: temp.path });
after(async () => {
  await corral.close();
  temp[Symbol.dispose]();
});

async function dumpOf(source: string, limits: Record<string, number | string>): Promise<CrashDump> {
  const end = await corral.start(source, { lint: false, limits }).result;
  assert.ok(end.dump, `${end.reason}: ${end.message}`);
  return readDump(end.dump);
}

/** Name → preview, of the frames in order; what a frame inside has hides what one outside has. */
function variables({ stack }: CrashDump): Record<string, string> {
  const all = stack.flatMap(({ locals }) => locals.map(({ name, preview }) => [name, preview]));
  return Object.fromEntries(all.reverse()) as Record<string, string>;
}

const CPU = { cpu: 150, burst: 150 };

describe('the stack of a busy macro', () => {
  test('goes on with the functions that await the stopped one', async () => {
    const { stack } = await dumpOf(
      'async function deep() { await sleep(1); for (;;); }\nasync function mid() { await deep(); }\nawait mid();',
      CPU,
    );
    assert.deepEqual(
      stack.map(({ functionName, line, async: isAsync }) => [functionName, line, isAsync]),
      [
        ['deep', 1, false],
        ['mid', 2, true],
        ['(macro)', 3, true],
      ],
    );
  });

  test('is told where it is very deep, and where it is at its end again and again', async () => {
    const deep = await dumpOf(
      'function dig(n) {\n  if (n === 0) for (;;);\n  dig(n - 1);\n}\ndig(3000);',
      CPU,
    );
    assert.deepEqual(
      deep.stack.slice(0, 2).map(({ functionName, line }) => [functionName, line]),
      [
        ['dig', 2],
        ['dig', 3],
      ],
    );
    for (let n = 0; n < 3; n++) {
      const dump = await dumpOf('function f() { f(); }\nfor (;;)\n  try { f(); } catch {}', CPU);
      assert.equal(dump.reason, 'cpu-limit');
      assert.ok(dump.place !== null && dump.place.line <= 3, 'the line is known');
    }
  });

  // V8 dies where a debugger stops a function that has not made room yet for the variables that others keep. Without a
  // compiler each call is such a moment.
  test('is told of one that enters functions all the time, whatever these keep', async () => {
    const functions = {
      closure: 'function keep(a) { kept = () => a; }\nfor (;;) keep(1);',
      comments: 'function /* ( */ keep /* ( */ (a) { kept = () => a; }\nfor (;;) keep(1);',
      bare: 'const keep = a => { kept = () => a; };\nfor (;;) keep(1);',
      async: 'const keep = async a => { kept = () => a; };\nfor (;;) keep(1);',
      methods:
        'const o = { keep(a) { kept = () => a; }, get g() { const b = 1; return () => b; } };\nfor (;;) o.keep(o.g);',
      fields:
        'class A { f = () => this; static s = () => 1; constructor(a) { this.g = () => a; } }\nfor (;;) new A(1);',
      blocks:
        'function make(a) { return class { static { this.f = () => a; } }; }\nfor (;;) make(1);',
      defaults: 'function keep(a, b = () => a) { return b; }\nfor (;;) keep(1);',
      arguments: 'function count(a) { arguments[0] = 2; return a; }\nfor (;;) count(1);',
      eval: 'function run(a) { return eval("a"); }\nfor (;;) run(1);',
      made: 'const keep = new Function("a", "return () => a");\nfor (;;) keep(1);',
      generator: 'function* each(a) { yield () => a; }\nfor (;;) for (const f of each(1)) f();',
      callback: 'for (;;) [3, 2, 1].sort((a, b) => { kept = () => a; return a - b; });',
      beacons:
        'function keep(a) { kept = () => a; return [a].concat(kept); }\nfor (;;) [1].concat(keep(1));',
      recursion:
        'function down(n) { kept = () => n; down(n + 1); }\nfor (;;) try { down(0); } catch {}',
      bridge: 'for (;;) sleep(1e6).catch(() => {});',
    };
    await using careful = createCorral({ dumpDir: temp.path, level: 'maximum' });
    const unseen: string[] = [];
    for (const [name, source] of Object.entries(functions)) {
      const limits = { cpu: 60, burst: 60 };
      const run = careful.start(`let kept; ${source}`, { lint: false, limits });
      const { dump, message } = await run.result;
      assert.ok(dump, message);
      const { stack, worker } = await readDump(dump);
      assert.deepEqual([name, worker?.stderr ?? ''], [name, '']);
      if (stack.length === 0) unseen.push(name);
    }
    // Now and then one is over its grace before it can be held; then it is ended without a stack.
    assert.ok(unseen.length <= 1, `where it was: ${unseen}`);
  });

  test('has previews of objects, and what is large in them by itself', async () => {
    const dump = await dumpOf(
      `class Store { constructor() { this.items = new Map(); this.password = 'x'; } }
       const store = new Store();
       for (let i = 0; i < 500; i++) store.items.set(i, i);
       const about = { name: 'a', n: 1, f() {}, nested: { deep: 1 }, token: 'y' };
       function spin(given) { let n = 0; for (;;) n += given.n; }
       spin(about, store);`,
      CPU,
    );
    const seen = variables(dump);
    assert.equal(seen.given, '{ name: "a", n: 1, f: function, nested: Object, token: (masked) }');
    assert.equal(seen.spin, 'function spin(given)');
    assert.equal(seen.store, 'Store { items: Map(500), password: (masked) }');
    assert.equal(seen['store.items'], 'Map(500)');
    const size = dump.stack
      .flatMap(({ locals }) => locals)
      .find(({ name }) => name === 'store.items');
    assert.equal(size?.size, 500);
  });

  test('calls no getter and no trap of the macro', async () => {
    const dump = await dumpOf(
      `let touched = 0;
       const trap = new Proxy({}, { get() { touched++; }, ownKeys() { touched++; return []; }, getPrototypeOf() { touched++; return null; } });
       const getter = { get x() { touched++; return 1; } };
       for (let n = 0; ; n++) [trap, getter, touched];`,
      CPU,
    );
    assert.equal(variables(dump).touched, '0');
  });
});

describe('a macro that is asleep', () => {
  test('is seen with its variables, where it would have gone on; its place is where it waited', async () => {
    const dump = await dumpOf(
      'const list = [];\nfor (let i = 0; ; i++) {\n  list.push(i);\n  await sleep(20);\n}',
      { wall: 200 },
    );
    assert.equal(dump.reason, 'wall-limit');
    assert.deepEqual([dump.place?.line, dump.place?.operation], [4, 'await']);
    assert.match(variables(dump).list ?? '', /^Array\(\d+\)$/);
    assert.deepEqual(
      dump.pending.map(({ kind }) => kind),
      ['sleep'],
    );
  });

  test('is at its wait in the stack too, and no variable has an answer that never came', async () => {
    await using waiting = createCorral({
      dumpDir: temp.path,
      commands: [
        defineCommand({
          name: 'chat.ask',
          description: 'is never answered',
          input: z.object({}),
          output: z.unknown(),
          run: () => new Promise<never>(() => undefined),
        }),
      ],
    });
    const source =
      'let last = 0;\nasync function next() {\n  const got = await chat.ask();\n  last = got.n;\n}\nawait next();';
    const end = await waiting.start(source, { lint: false, limits: { wall: 200 } }).result;
    const dump = await readDump(end.dump ?? '');
    assert.deepEqual([dump.place?.line, dump.stack[0]?.functionName], [3, 'next']);
    assert.equal(dump.stack[0]?.line, 3);
    assert.equal(variables(dump).got, '(not answered)');
    assert.equal(variables(dump).last, '0');
    const parts =
      'let sum = 1;\nlet all = [];\nconst { one, two: three = 3 } = await chat.ask();\nall = [one, three];';
    const other = await waiting.start(parts, { lint: false, limits: { wall: 200 } }).result;
    const { all, one, sum, three } = variables(await readDump(other.dump ?? ''));
    assert.deepEqual([sum, all, one, three], ['1', 'Array(0)', '(not answered)', '(not answered)']);
    const member = 'const n = (await chat.ask()).count;\nreturn n;';
    const third = await waiting.start(member, { lint: false, limits: { wall: 200 } }).result;
    assert.equal(variables(await readDump(third.dump ?? '')).n, '(not answered)');
  });

  test('does nothing more: it is held at the first thing it does', async () => {
    const logs: string[] = [];
    const run = corral.start('await sleep(60_000); log("woken"); return 1', {
      lint: false,
      limits: { wall: 100 },
    });
    run.on('log', ({ text }) => logs.push(text));
    assert.equal((await run.result).reason, 'wall-limit');
    assert.deepEqual(logs, []);
  });
});
