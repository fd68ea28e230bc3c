// Why a run ended, in words: real runs of macros that each have one fault, and what is said of it.

import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { createCorral, createTrainingGround } from '../../src/corral.ts';
import { diagnose } from '../../src/diagnosis/diagnose.ts';
import { adviceFor } from '../../src/dumps/advice.ts';
import { readDump } from '../../src/dumps/dump.ts';
import type { CrashDump } from '../../src/model/dump.ts';
import { SAMPLES, sampleDump } from '../support/dumps.ts';
import { tempDir } from '../support/temp.ts';

const temp = tempDir();
const corral = createCorral({
  dumpDir: temp.path,
  commands: createTrainingGround({ seed: 1 }).commands,
  // On a slow machine a pattern may be first to see what grows; here each limit is.
  patterns: false,
  limits: { cpu: '30s', burst: '30s', wall: '60s' },
});
after(async () => {
  await corral.close();
  temp[Symbol.dispose]();
});

const LIMITS = { cpu: 400, heap: '32mb', idle: 200, commands: 20, output: 20_000, wall: '60s' };
/** What fills a heap must not run out of CPU first, however busy the machine is. */
const ROOM = { cpu: '30s', burst: '30s', wall: '60s' };

async function dumpOf(source: string, limits: Partial<typeof LIMITS> | object = {}) {
  const end = await corral.start(source, { lint: false, limits: { ...LIMITS, ...limits } }).result;
  assert.ok(end.dump, `${end.reason}: ${end.message} ${end.error?.message ?? ''}`);
  return readDump(end.dump);
}

const said = ({ diagnosis = [] }: CrashDump) => diagnosis.map(({ text }) => text).join('\n');

/** What each macro must end as, and what must be said of it. */
const FAULTS: readonly (readonly [
  what: string,
  source: string,
  reason: string,
  said: RegExp,
  advice: RegExp,
  limits?: object,
])[] = [
  [
    'a list that only grows',
    'const seen = [];\nfunction note(i) {\n  seen.push({ i, at: [i] });\n}\nfor (let i = 0; ; i++) note(i);',
    'heap-limit',
    /the array `seen` held [\d,]+ elements; it grows at line 3 \(push\), and nothing in the macro ever takes anything out of it/,
    /next to line 3, `if \(seen\.length > 1000\) seen\.shift\(\)`/,
  ],
  [
    'a map in an object, grown by a method',
    'class Cache {\n  constructor() { this.byKey = new Map(); }\n  put(k) { this.byKey.set(k, [k]); }\n}\nconst cache = new Cache();\nfor (let i = 0; ; i++) cache.put(i);',
    'heap-limit',
    /the map `cache\.byKey` held [\d,]+ entries; it grows at line 3 \(set\)/,
    /`cache\.byKey\.delete\(…\)`/,
  ],
  [
    'a list that is cut back too seldom',
    'const log2 = [];\nfor (let i = 0; ; i++) {\n  log2.push({ i });\n  if (i === 1e9) log2.length = 0;\n}',
    'heap-limit',
    /`log2` held [\d,]+ elements; it grows in the loop of line 2, at line 3 \(push\), and is cut back in the loop of line 2, at line 4 \(length =\)/,
    /line 4 has to be reached/,
  ],
  [
    'a few things that are large',
    'const pages = [];\nfor (let n = 0; ; n++) {\n  pages.push(new Array(2 ** 16).fill(n));\n}',
    'heap-limit',
    /the array `pages` held \d+ elements \(some \d.*kb each, if all that was held is in it\); it grows/,
    /next to line 3, `if \(pages\.length > \d+\) pages\.shift\(\)`/,
  ],
  [
    'a list that is added to while it is gone over',
    'const rooms = [[0, 0]];\nfor (const [x, y] of rooms) rooms.push([x + 1, y]);',
    'heap-limit',
    /`rooms` held [\d,]+ elements; it grows at line 2 \(push\), in the loop that goes over it/,
    /Go over a copy/,
  ],
  [
    'a chain that nothing counts',
    'let head = null;\nfor (let n = 0; ; n++) head = { n, next: head };',
    'heap-limit',
    /lint says of line 2: `head` grows with each turn of a loop that never ends/,
    /Keep only the last few/,
  ],
  [
    'a loop whose variables are its own',
    'let n = 0;\nfor (let x = 0; x !== 1; x += 0.1) n++;\nreturn n;',
    'cpu-limit',
    /the loop at line 2 never ends: `x` never comes to where the condition fails.*`x` was \d+\.\d+/,
    /its condition becomes false/,
  ],
  [
    'a recursion that doubles with each level',
    'function fib(n) { return n < 2 ? n : fib(n - 1) + fib(n - 2); }\nreturn fib(60);',
    'cpu-limit',
    /`fib` called itself from 2 places \(1:38 and 1:51\)/,
    /in a Map/,
  ],
  [
    'an expression that tries without end',
    "return /^(a+)+$/.test(`${'a'.repeat(40)}b`);",
    'cpu-limit',
    /lint says of line 1: each more `aa` in a text like/,
    /without nesting/,
  ],
  [
    'answers that nobody waits for',
    "for (;;) state.set('a', 'x'.repeat(2000)).catch(() => {});",
    'heap-limit',
    /[\d,]{5,} answers were still to come, of `set`/,
    /Wait for each answer/,
  ],
  [
    'a loop whose end never comes',
    'const queue = [1, 2, 3];\nlet done = 0;\nwhile (queue.length > 0) {\n  const job = queue.shift();\n  queue.push(job + input.n);\n  done++;\n}',
    'cpu-limit',
    /the loop at line 3 (?:goes on while `queue\.length > 0`|never ends).*`queue` was Array\(3\)/,
    /the loop at line 3/,
  ],
  [
    'a loop that is only too long, with the hot line beneath it',
    'function work(x) {\n  let s = 0;\n  for (let k = 0; k < 1000; k++) s += Math.sqrt(x * k);\n  return s;\n}\nlet sum = 0;\nfor (let i = 0; i < 1e9; i++) sum += work(i);\nreturn sum;',
    'cpu-limit',
    /the loop at line 7 ends, after at most 1,000,000,000 turns[\s\S]*\d+ % at line \d/,
    /Do less in each turn of the loop at line 7/,
    // On a busy machine whoever looks gets few turns.
    { cpu: 1_000 },
  ],
  [
    'waiting for a promise that nobody keeps',
    'log("a");\nawait new Promise(() => {});',
    'idle-limit',
    /nothing could ever go on.*line 2/,
    /never resolved/,
  ],
  [
    'waiting for what comes after the wait',
    'let done;\nconst ready = new Promise((resolve) => { done = resolve; });\nasync function load() {\n  await ready;\n  return 1;\n}\nconst value = await load();\ndone(value);',
    'idle-limit',
    /the promise made at line 2 is settled by `done` at line 8 only/,
    /See that line 8 is reached while something waits/,
  ],
  [
    'commands in a loop without end',
    'let n = 0;\nfor (;;) {\n  await inventory.list({});\n}',
    'command-limit',
    /20 × `inventory\.list`[\s\S]*given at line 3, in the loop of line 2, which never ends/,
    /Give the loop at line 2 an end/,
  ],
  [
    'the same log line again and again',
    'for (;;) log("tick");',
    'output-limit',
    /it wrote [\d,]+ log lines of [\d,]+ characters on average.*all the same/,
    /Log less/,
  ],
  [
    'one operation that nothing interrupts',
    'let s = 0;\nfor (let i = 0; i < 1e5; i++) s += i;\nnew Array(2 ** 27).fill(s);',
    'stuck',
    /`fill\(\)` at line 3 was begun and had not come back/,
    /Check the length first/,
  ],
];

describe('what is said of', () => {
  for (const [what, source, reason, text, advice, own] of FAULTS)
    test(what, async () => {
      const limits = reason === 'stuck' ? { heap: '512mb' } : reason === 'heap-limit' ? ROOM : {};
      const dump = await dumpOf(source, own ?? limits);
      assert.equal(dump.reason, reason, dump.message);
      assert.match(said(dump), text);
      assert.match(adviceFor(dump).join('\n'), advice);
    });

  test('a run that only waited too long: for what, and that it hardly computed', async () => {
    const dump = await dumpOf('await sleep(60_000);', { wall: 150 });
    assert.match(
      said(dump),
      /it computed for \S+ \(\d+ %\) and waited for the rest\nthe sleep it was in alone takes 1m: longer than the whole run may, 150ms\nat the end it waited for `sleep\(60000\)` for/,
    );
    assert.match(adviceFor(dump).join('\n'), /Sleep for less, or ask for a longer wall limit/);
  });

  test('a run that is to go on for ever, and may not: the loop, and no pause that is there already', async () => {
    const dump = await dumpOf('for (;;) await sleep(20);', { wall: 150 });
    assert.match(said(dump), /the loop at line 1 never ends/);
    assert.match(adviceFor(dump).join('\n'), /a longer wall limit, if it is to run on/);
  });

  test('nothing that would contradict what is known', async () => {
    const dump = await dumpOf('while (true) {}');
    assert.match(said(dump), /the loop at line 1 never ends: its condition is always true/);
    assert.deepEqual(adviceFor(dump).length, 1);
    assert.doesNotMatch(adviceFor(dump).join(), /ask for more/);
  });
});

describe('a diagnosis', () => {
  test('is made of dumps of earlier versions too, and never fails', () => {
    for (const name of SAMPLES)
      for (const change of [
        {},
        { source: 'const (' },
        { samples: [] },
        { stack: [] },
        { place: null },
      ])
        for (const { text } of diagnose(sampleDump(name, change))) assert.ok(text.length < 2_000);
  });

  test('says nothing of an end that says it all by itself', () => {
    assert.deepEqual(diagnose(sampleDump('failed', { reason: 'cancelled' })), []);
    assert.deepEqual(diagnose(sampleDump('failed', { reason: 'toString' })), []);
  });

  test('shows names of the macro’s escaped and bounded', () => {
    const name = `x\u001b[31m${'y'.repeat(5_000)}`;
    const stack = [
      {
        functionName: name,
        file: 'a.js',
        line: 1,
        column: 1,
        async: false,
        locals: [{ name, type: 'array', preview: 'Array(9000)', size: 9_000 }],
      },
    ];
    const [first] = diagnose(sampleDump('heap-limit', { stack }));
    assert.ok(first && !first.text.includes('\u001b') && first.text.length < 300, first?.text);
  });
});
