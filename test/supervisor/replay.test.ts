// A macro that is run again from its dump ends as it did, and where it does not, that is said.

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { z } from 'zod';
import {
  type CrashDump,
  createCorral,
  defineCommand,
  type RunOptions,
  readDump,
  replayDump,
} from '../../src/corral.ts';
import { scratchDir } from './support/scratch.ts';

let acted = 0;
const macrosDir = scratchDir();
writeFileSync(
  join(macrosDir, 'double.js'),
  '// ==Macro==\n// @name double\n// ==/Macro==\nreturn (await host.next({ from: "double" })).n * 2 + random()',
);
writeFileSync(
  join(macrosDir, 'spin.js'),
  '// ==Macro==\n// @name spin\n// ==/Macro==\nlet n = 0;\nfor (;;) n++;',
);
const next = defineCommand({
  name: 'host.next',
  description: 'Another number each time.',
  input: z.looseObject({}),
  output: z.object({ n: z.int() }),
  slash: 'next',
  run: () => ({ n: ++acted * 7 + Math.floor(Math.random() * 1000) }),
});
const refuse = defineCommand({
  name: 'host.refuse',
  description: 'Never does.',
  input: z.looseObject({}),
  output: z.object({}),
  run: () => {
    throw new Error(`no, for the ${++acted}th time`);
  },
});
const once = defineCommand({
  name: 'host.once',
  description: 'May be given once.',
  input: z.looseObject({}),
  output: z.object({}),
  maxPerRun: 1,
  onLimit: 'kill',
  run: () => ({}),
});
const silent = defineCommand({
  name: 'host.silent',
  description: 'Never answers.',
  input: z.looseObject({}),
  output: z.object({}),
  run: () => new Promise<Record<string, never>>(() => undefined),
});
const corral = createCorral({
  commands: [next, refuse, once, silent],
  dump: 'always',
  dumpDir: scratchDir(),
  limits: { cpu: 3000, heap: '24mb', wall: '60s', idle: 100, commands: 40 },
  macrosDir,
});
after(() => corral.close());

/** For what never stops computing. */
const SHORT: RunOptions = { limits: { cpu: 150 } };

/** Runs a macro and reads the dump it leaves. */
async function dumpOf(source: string, options: RunOptions = {}): Promise<CrashDump> {
  const end = await corral.start(source, { lint: false, ...options }).result;
  assert.ok(end.dump, `${end.reason}: ${end.message}`);
  return await readDump(end.dump);
}

describe('a limit is set by whom it was set by', () => {
  const spam = 'for (;;) await host.next()';
  const parties: [string, string, RunOptions, RegExp][] = [
    [
      'the header',
      `// ==Macro==\n// @name spam\n// @limit commands=3\n// ==/Macro==\n${spam}`,
      { limits: { commands: 20 } },
      /commands limit is 3 \(set by the macro's own header\)/,
    ],
    ['the caller', spam, { limits: { commands: 5 } }, /commands limit is 5 \(set by the caller\)/],
    ['the host', spam, {}, /commands limit is 40 \(set by the host\)/],
    [
      'the guard level',
      'for (;;) { log("x".repeat(9000)); await sleep(1) }',
      {},
      /output limit is .* \(set by the guard level\)/,
    ],
  ];
  for (const [party, source, options, said] of parties)
    test(party, async () => {
      const dump = await dumpOf(source, options);
      assert.match(dump.message, said);
      const { end } = await replayDump(dump);
      assert.match(end.message, said);
    });
});

describe('a run that ended', () => {
  const programs: [string, string, RunOptions?][] = [
    ['in a loop', 'let n = 0;\nfor (;;) {\n  n += 1;\n  n -= 1;\n}', SHORT],
    ['by its memory', 'const all = [];\nfor (let i = 0; ; i++)\n  all.push([i, [i]]);'],
    [
      'by its memory, in a function or between its calls',
      'const all = [];\nasync function grow() {\n  for (let i = 0; i < 20000; i++)\n    all.push([i, [i]]);\n  await sleep(1);\n}\nfor (;;)\n  await grow();',
    ],
    ['stuck in a built-in', 'Array.prototype.indexOf.call({ length: 2 ** 53 - 1 }, 1)', SHORT],
    ['waiting for nothing', 'await new Promise(() => {})'],
    ['waiting for an answer that never came', 'await host.silent()', { limits: { wall: 300 } }],
    ['by too many commands', 'for (;;) await host.next()'],
    ['by a limit of a command', 'await host.once(); await host.once()'],
    ['by too much output', 'for (;;) { log("x".repeat(9000)); await sleep(1) }'],
    ['by an error', 'const answer = await host.next();\nthrow new Error("no " + answer.n)'],
    ['by what chance said', 'throw new Error([random(), Math.random()].join())'],
    [
      'by what the clock said',
      'throw new Error(new Date().toISOString().slice(0, 15) + (now() - Date.now() < 5))',
    ],
    [
      'by its input',
      'throw new Error(JSON.stringify([...input.map]))',
      { input: { map: new Map([[1, { a: 2n }]].map(([k]) => [k, 'v'])) } },
    ],
    [
      'by its state',
      'const n = await state.incr("n"); await state.set("k", [n]); throw new Error(`${n} ${await state.get("k")}`)',
    ],
    [
      'by a refusal',
      'try { await host.refuse() } catch ({ name, message, code }) { throw new Error([name, message, code].join()) }',
    ],
    ['by a slash line', 'const { n } = await command("/next"); throw new Error(`${n}`)'],
    [
      'with many answers under way',
      'const all = await Promise.all([1, 2, 3].map((from) => host.next({ from }))); throw new Error(JSON.stringify(all))',
    ],
    ['by a macro it called', 'throw new Error(`${await macros.call("double", {})}`)'],
    ['in a macro it called', 'await macros.call("spin", {})', SHORT],
    [
      'with something done again and again',
      'let n = 0;\nevery(10, async () => { n += (await host.next()).n; if (n > 60) throw new Error(`${n}`) });\nawait sleep(2000)',
    ],
  ];
  for (const [what, source, options] of programs)
    test(`${what} ends the same way again`, async () => {
      const dump = await dumpOf(source, options);
      const before = acted;
      const told = await replayDump(dump);
      assert.equal(told.end.reason, dump.reason, told.end.message);
      assert.deepEqual(told.diverged, []);
      assert.equal(told.end.error?.message, dump.error?.message);
      assert.ok(told.same, JSON.stringify(told));
      assert.equal(acted, before, 'nobody heard of it');
      assert.equal(told.end.dump, null);
    });
});

describe('a replay says', () => {
  test('what is asked for that is not recorded, and what is recorded instead', async () => {
    const dump = await dumpOf('await host.next({ a: 1 });\nthrow new Error("end")');
    const told = await replayDump({ ...dump, source: dump.source.replace('a: 1', 'a: 2') });
    assert.equal(told.same, false);
    assert.deepEqual(
      told.diverged.map(({ asked, recorded }) => [asked, recorded]),
      [['host.next({"a":2})', 'host.next({"a":1})']],
    );
    assert.equal(told.missing, 1);
  });

  test('that it ends for another reason, or elsewhere', async () => {
    const dump = await dumpOf('let n = 0;\nfor (;;) n++;', SHORT);
    const completed = await replayDump({ ...dump, source: 'return 1' });
    assert.deepEqual([completed.same, completed.end.reason], [false, 'completed']);
    const elsewhere = await replayDump({ ...dump, source: '\n\n\nlet n = 0;\nfor (;;) n++;' });
    assert.deepEqual([elsewhere.same, elsewhere.place], [false, 'different']);
  });

  test('where the recording ends before the macro does', async () => {
    const dump = await dumpOf(
      'for (let i = 0; i < 5; i++) await host.next({ i });\nthrow new Error("end")',
    );
    const entries = dump.journal?.entries.slice(0, 2) ?? [];
    const told = await replayDump({ ...dump, journal: { entries, complete: false } });
    assert.deepEqual([told.same, told.partial, told.diverged], [false, true, []]);
  });

  test('why a dump cannot be replayed', async () => {
    const dump = await dumpOf('throw new Error("end")');
    const { journal: _, ...old } = dump;
    await assert.rejects(replayDump(old), { code: 'bad-dump', message: /no journal/ });
    await assert.rejects(
      replayDump({ ...dump, truncated: ['source'] }),
      /its source were left out/,
    );
  });

  test('nothing at all once it is cancelled', async () => {
    const dump = await dumpOf('await sleep(60_000)', { limits: { wall: 200 } });
    const abort = new AbortController();
    const told = await replayDump(dump, { signal: abort.signal, onStart: () => abort.abort() });
    assert.equal(told.end.reason, 'cancelled');
  });
});

test('the journal keeps the beginning of a run that asks for very much, and says so', async () => {
  const busy = createCorral({
    commands: [next],
    dump: 'always',
    dumpDir: scratchDir(),
    // So many commands at once would be paused for.
    patterns: false,
  });
  const source = 'for (let i = 0; i < 2500; i++) await host.next({ i });\nthrow new Error("end")';
  const end = await busy.start(source, { lint: false }).result;
  await busy.close();
  const { journal } = await readDump(end.dump ?? '');
  assert.deepEqual([journal?.complete, journal?.entries.length], [false, 2000]);
  assert.equal(journal?.entries[7]?.args, '{"i":7}');
});
