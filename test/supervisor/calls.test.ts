import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { z } from 'zod';
import {
  type CorralOptions,
  createCorral,
  defineCommand,
  type RunOptions,
} from '../../src/corral.ts';
import { scratchDir } from './support/scratch.ts';

const command = (name: string, rest: object = {}) =>
  defineCommand({
    name,
    description: 'For the test.',
    input: z.object({}),
    output: z.int(),
    run: () => 1,
    ...rest,
  });

const dir = scratchDir();
const options: CorralOptions = {
  commands: [
    command('chat.say'),
    command('combat.attack'),
    command('chat.once', { maxPerRun: 1 }),
    command('admin.kick', { privileged: true }),
  ],
  privileged: ['admin.kick'],
  macrosDir: dir,
  // A circle of macros is refused even where no pattern stops the run for it.
  patterns: false,
  dumpDir: scratchDir(),
};
const corral = createCorral(options);
after(() => corral.close());

/** Puts a macro where calls find it. */
function file(name: string, source: string, ...header: string[]): void {
  const lines = ['// ==Macro==', `// @name ${name}`, ...header.map((line) => `// ${line}`)];
  writeFileSync(join(dir, `${name}.js`), [...lines, '// ==/Macro==', source].join('\n'));
}

const ended = (source: string, rest: RunOptions = {}) => corral.start(source, rest).result;

/** What a macro that calls another one catches. */
async function caught(call: string, header: readonly string[] = []) {
  const lines = ['// ==Macro==', '// @name root', ...header.map((line) => `// ${line}`)];
  const body = `try { return { value: await ${call} } } catch (e) { return { code: e.code, name: e.name, message: e.message } }`;
  const end = await ended([...lines, '// ==/Macro==', body].join('\n'));
  assert.equal(end.reason, 'completed', end.message);
  return end.value as { value?: unknown; code?: string; name?: string; message?: string };
}

describe('macros.call', () => {
  test("gives the called macro's result, of any kind that can cross", async () => {
    file('double', 'return { twice: input.n * 2, when: new Date(5) }', '@input n:number');
    assert.deepEqual((await caught('macros.call("double", { n: 4 })')).value, {
      twice: 8,
      when: { $: 'date', v: 5 },
    });
  });

  test('throws what the called macro throws, by name', async () => {
    file('broken', 'throw new Error("no luck")');
    const { code, name, message } = await caught('macros.call("broken")');
    assert.deepEqual([name, code], ['MacroCallError', 'macro-failed']);
    assert.match(message ?? '', /broken: no luck/);
  });

  test('of an unknown macro says which there are', async () => {
    file('double', 'return 2');
    const { code, message } = await caught('macros.call("tripel")');
    assert.equal(code, 'unknown-macro');
    assert.match(message ?? '', /"tripel".*there are .*double/);
    const alone = await ended('try { await macros.call("x") } catch (e) { return e.message }', {
      macrosDir: null,
    });
    assert.match(String(alone.value), /no macros to call/);
  });

  test('with input the macro does not take is refused', async () => {
    file('double', 'return input.n * 2', '@input n:number');
    const { code, message } = await caught('macros.call("double", { n: "4" })');
    assert.equal(code, 'bad-input');
    assert.match(message ?? '', /double.*n: /);
  });

  test('of a macro that cannot run is refused', async () => {
    file('half', 'return (');
    assert.equal((await caught('macros.call("half")')).code, 'macro-refused');
  });

  test('round in a circle is refused with the path', async () => {
    file('ping', 'return macros.call("pong")');
    file('pong', 'return macros.call("ping")');
    const { code, message } = await caught('macros.call("ping")');
    assert.equal(code, 'macro-failed');
    assert.match(message ?? '', /circle: ping → pong → ping/);
    assert.match((await caught('macros.call("root")')).message ?? '', /circle: root → root/);
  });

  test('too deep is refused with the path', async () => {
    for (let at = 1; at < 12; at++) file(`deep${at}`, `return macros.call("deep${at + 1}")`);
    const { message } = await caught('macros.call("deep1")');
    assert.match(message ?? '', /at most 8 deep: root → deep1 → .*deep7/);
  });

  test('too often is refused', async () => {
    file('tiny', 'return 1');
    const source = `let n = 0; try { for (; n < 300; n++) await macros.call("tiny") } catch (e) { return [n, e.code] }`;
    assert.deepEqual((await ended(source)).value, [200, 'too-many-calls']);
  });

  test('several at once are made one after the other', async () => {
    file('stamp', 'const from = now(); await sleep(20); return [from, now()]');
    const { value } = await ended('return Promise.all([1, 2, 3].map(() => macros.call("stamp")))');
    const spans = value as [number, number][];
    for (let at = 1; at < spans.length; at++)
      assert.ok((spans[at]?.[0] ?? 0) >= (spans[at - 1]?.[1] ?? Number.POSITIVE_INFINITY));
  });
});

describe('a called macro', () => {
  test('is granted what its own header asks for, of what its caller has', async () => {
    const list = 'return [typeof chat, typeof combat, typeof admin]';
    const grants = ['@grant chat combat admin'];
    file('greedy', list, ...grants);
    file('modest', list, '@grant combat');
    file('plain', list);
    const call = async (name: string, ...header: string[]) =>
      (await caught(`macros.call("${name}")`, header)).value;
    assert.deepEqual(await call('greedy', ...grants), ['object', 'object', 'object']);
    assert.deepEqual(await call('greedy', '@grant chat'), ['object', 'undefined', 'undefined']);
    assert.deepEqual(await call('greedy'), ['object', 'object', 'undefined']);
    assert.deepEqual(await call('modest', ...grants), ['undefined', 'object', 'undefined']);
    assert.deepEqual(await call('plain', ...grants), ['object', 'object', 'undefined']);
  });

  test("spends its caller's commands", async () => {
    file('chatty', 'for (let n = 0; n < 3; n++) await chat.say({})');
    const source =
      'await chat.say({});\nawait macros.call("chatty");\nawait macros.call("chatty");';
    const limits = { commands: 5 };
    const end = await ended(source, { limits });
    assert.deepEqual([end.reason, end.commands], ['command-limit', 6]);
    assert.equal((await ended('await macros.call("chatty")', { limits })).commands, 3);
  });

  test('is none of what the called one may do by its own header, where that is counted for all of them', async () => {
    const says =
      'for (let n = 0; n < 4; n++) await chat.say(); log("x".repeat(200)); return "all said"';
    file('modest', says, '@limit commands=2 output=100 wall=1ms cpu=1ms');
    assert.equal((await ended('return macros.call("modest")')).value, 'all said');
  });

  test("spends its caller's maxPerRun", async () => {
    file('once', 'return chat.once({})');
    const { message } = await caught('(await chat.once({}), macros.call("once"))');
    assert.match(message ?? '', /chat\.once may be given 1 times a run/);
  });

  test("spends its caller's CPU", async () => {
    const spin = (ms: number) =>
      `const end = budget().cpuMs - ${ms}; while (budget().cpuMs > end);`;
    file('busy', spin(150));
    const source = 'for (let n = 0; n < 3; n++) await macros.call("busy")';
    const end = await ended(source, { limits: { cpu: 350 } });
    assert.deepEqual([end.reason, end.limit?.name], ['cpu-limit', 'cpu']);
    assert.equal((await ended(source, { limits: { cpu: 5000 } })).reason, 'completed');
  });

  test('that never ends is named, with its file and line', async () => {
    file('spinner', 'let n = 0;\nfunction turn() {\n  for (;;) n++;\n}\nturn();');
    const end = await ended('await macros.call("spinner")', {
      lint: false,
      limits: { cpu: 200 },
      file: 'caller.js',
    });
    assert.deepEqual([end.reason, end.file, end.line], ['cpu-limit', 'spinner.js', 6]);
  });

  test('is held to what its own header says of heap, and the end says so', async () => {
    file(
      'hoarder',
      'const kept = []; for (let n = 0; n < 1e9; n++) kept.push({ n, text: "x" + n })',
      '@limit heap=16mb',
    );
    const end = await ended('await macros.call("hoarder")', { lint: false });
    assert.equal(end.reason, 'heap-limit');
    assert.equal(end.limit?.value, 16 * 1024 * 1024);
    assert.match(end.message, /heap limit is 16mb \(set by the macro's own header\)/);
  });

  test('gets other chances than its caller, the same ones for the same seed', async () => {
    file('dice', 'return random()');
    const source = 'return [random(), await macros.call("dice"), await macros.call("dice")]';
    const one = (await ended(source, { seed: 3 })).value as number[];
    assert.equal(new Set(one).size, 3);
    assert.deepEqual((await ended(source, { seed: 3 })).value, one);
  });

  test('keeps its state under its own name', async () => {
    file('keeper', "return state.incr('n', 1)");
    const source = "await state.set('n', 100); return macros.call('keeper')";
    assert.equal((await ended(source, { file: 'other.js' })).value, 1);
  });

  test('goes with its caller when the run is stopped', async () => {
    file('sleeper', 'log("asleep"); await sleep(60_000)');
    const run = corral.start('await macros.call("sleeper")');
    run.on('log', () => {
      run.stop('enough').catch(assert.ifError);
    });
    assert.equal((await run.result).reason, 'cancelled');
  });
});

test('a call that lint does not see starts no macro that must run alone in a process that others share', async () => {
  file('busy-alone', 'const found = new Map(); return found.size');
  file('calm', 'return 1');
  const source = `export default async (macro) => {
    const [key, verb] = ['mac' + 'ros', 'ca' + 'll'];
    const told = [];
    for (const asked of ['calm', 'busy-alone'].map(macro[key][verb])) {
      try { told.push(await asked); } catch (error) { told.push(error.code); }
    }
    return told;
  };`;
  assert.equal(corral.lint(source).verdict, 'admit');
  assert.deepEqual((await ended(source)).value, [1, 'macro-refused']);
  await using lone = createCorral({ ...options, share: false });
  assert.deepEqual((await lone.start(source).result).value, [1, 0]);
});
