import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { toPlain } from '../../src/dumps/line.ts';
import { dumpSummary, SUMMARY_LINES_MAX, toSummary } from '../../src/dumps/summary.ts';
import type { CrashDump } from '../../src/model/dump.ts';
import { SAMPLES, sampleDump } from '../support/dumps.ts';

/** What a terminal could obey, or what a reader could not see. */
const UNSAFE = /(?!\n)[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;

function assertScreenful(text: string): void {
  const lines = text.split('\n');
  assert.ok(lines.length <= SUMMARY_LINES_MAX + 1, `${lines.length} lines`);
  for (const line of lines) assert.ok(line.length <= 100, `too wide: ${line}`);
  assert.doesNotMatch(text, UNSAFE);
}

describe('the summary of a dump', () => {
  for (const name of SAMPLES) {
    test(`fits on a screen and points at the line: ${name}`, () => {
      const dump = sampleDump(name);
      const text = dumpSummary(dump);
      assertScreenful(text);
      assert.match(text, new RegExp(`> +${dump.place?.line} \\| `));
      assert.match(text, /\n +\| +\^\n/);
      assert.match(text, /\nWhat to try\n {2}- /);
      assert.match(text, /corral inspect /);
    });
  }

  test('says which macro was stopped, why, by which limit and who set it', () => {
    const text = dumpSummary(sampleDump('heap-limit'));
    assert.match(text, /^gather was stopped: heap-limit\n/);
    assert.match(text, /held more memory than it may: 129\.2mb, the heap limit is 128mb/);
    assert.match(text, /set by the guard level/);
    assert.match(text, /ran 10\.7s from 2\d{3}-\d\d-\d\d \d\d:\d\d:\d\d UTC · seed 7/);
  });

  test('says how the place is known', () => {
    assert.match(dumpSummary(sampleDump('cpu-limit')), /walk\.js:13:3 {2}where it stood, in walk/);
    assert.match(
      dumpSummary(sampleDump('stuck')),
      /fill\.js:1:27 {2}the last operation begun: fill\(\)/,
    );
    assert.match(dumpSummary(sampleDump('failed')), /price\.ts:2:56 {2}where the error was thrown/);
    const unknown = dumpSummary(sampleDump('stuck', { place: null }));
    assert.match(unknown, /no line is known/);
  });

  test('shows the variables, masked ones masked', () => {
    const text = dumpSummary(sampleDump('cpu-limit'));
    assert.match(text, /variables +step = 1\n/);
    assert.match(text, /list = Array\(\d+\)/);
    assert.match(text, /token = \(masked\)/);
  });

  test('of a failed run shows the error and its stack', () => {
    const text = dumpSummary(sampleDump('failed'));
    assert.match(text, /^price failed\n {2}TypeError: Cannot read properties of undefined/);
    assert.match(text, /stack +at gold \(price\.ts:2:56\)/);
  });

  test('shows memory, CPU, the last commands and logs, and what was waited for', () => {
    const text = dumpSummary(sampleDump('heap-limit'));
    assert.match(text, /memory +limit 128mb · first [\d.]+mb · last 129\.2mb/);
    assert.match(text, /[▁▂▃▄▅▆▇█]{20,} {2}of 129\.2mb/);
    assert.match(text, /cpu +limit 10s · 519ms used, busy 5%/);
    assert.match(text, /commands +limit 5000 · 27 given · came back: chat\.say ×26/);
    assert.match(text, /10\.1s {2}line 8 +chat\.say \{"text":"round 25"\} → \{"heardBy":4/);
    assert.match(text, /10\.6s {2}info {2}round 26 27/);
    assert.match(text, /waits for +command chat\.say {2}for 149ms/);
  });

  test('says of how many things it waited for, where only the oldest are known', () => {
    const known = (name: string, count: number) =>
      Array.from({ length: count }, () => ({ kind: 'command', name, sinceMs: 1200 }));
    const waits = (pending: CrashDump['pending'], pendingTotal?: number) =>
      /waits for +(.*)\n(?: +(command .*)\n)?/.exec(
        dumpSummary(sampleDump('heap-limit', { pending, pendingTotal })),
      )?.[0];
    assert.match(
      waits(known('chat.say', 20), 4994) ?? '',
      /command chat\.say ×20 {2}for 1\.2s · the oldest 20 of 4,994 that were open\n/,
    );
    assert.match(
      waits([...known('a.b', 1), ...known('c.d', 2)], 50) ?? '',
      /command a\.b ×1 {2}for 1\.2s · the oldest 3 of 50 that were open\n +command c\.d ×2/,
    );
    for (const total of [undefined, 20])
      assert.match(waits(known('a.b', 20), total) ?? '', /command a\.b ×20 {2}for 1\.2s\n/);
  });

  test('cuts no reason and no finding, however narrow it is', () => {
    const sentence = `this sentence tells ${'word upon word '.repeat(20)}to its last`;
    const { report } = sampleDump('heap-limit');
    const finding = {
      rule: 'x',
      level: 'warning' as const,
      line: 1,
      column: 1,
      endLine: 1,
      endColumn: 1,
    };
    const dump = sampleDump('heap-limit', {
      diagnosis: [{ text: sentence, certain: true, advice: null }],
      report: {
        ...report,
        findings: [
          {
            ...finding,
            message: `the text ${'doubles '.repeat(12)}until the end`,
            related: [],
            advice: null,
            fix: null,
          },
        ],
      },
    });
    for (const columns of [40, 60, 100]) {
      const lines = toSummary(dump, { columns, more: '' });
      const text = toPlain(lines).replaceAll(/\s+/g, ' ');
      assert.ok(text.includes(sentence), `${columns} columns: ${text}`);
      assert.match(text, /until the end/);
      for (const line of toPlain(lines).split('\n')) assert.ok(line.length <= columns, line);
    }
  });

  test('says so where nothing could be measured', () => {
    const { statistics } = sampleDump('stuck');
    const text = dumpSummary(sampleDump('stuck', { statistics: { ...statistics, cpuMs: 0 } }));
    assert.match(text, /memory +limit 1gb · no sample could be taken/);
    assert.match(text, /cpu +limit 300ms · could not be measured/);
  });

  test('shows no excerpt for a place in another file', () => {
    const place = { file: 'other.js', line: 2, column: 1, source: 'stack' as const };
    const text = dumpSummary(sampleDump('cpu-limit', { place }));
    assert.match(text, /other\.js:2:1/);
    assert.doesNotMatch(text, /> +2 \|/);
  });

  test('names the way a lost worker died and its last words', () => {
    const worker = { pid: 1, exitCode: null, signal: 'SIGSEGV', stderr: 'first\nlast words\n' };
    const text = dumpSummary(sampleDump('stuck', { reason: 'worker-lost', worker }));
    assert.match(text, /its process ended by signal SIGSEGV; it said: last words/);
  });

  test('makes do with a reason and a limit it does not know', () => {
    const limit = { name: 'dreams', value: 3, measured: 4, setBy: 'moon' };
    const dump = sampleDump('cpu-limit', { reason: 'moon-phase', message: '', limit, limits: {} });
    const text = dumpSummary(dump);
    assert.match(
      text,
      /^walk was stopped: moon-phase\n {2}moon-phase: dreams: 4, the limit is 3\n/,
    );
    assertScreenful(text);
  });

  test('stays a screenful however much there is to tell', () => {
    assertScreenful(dumpSummary(crowded('a line of some length '.repeat(20))));
  });

  test('shows hostile text only as escapes, whatever field it stands in', () => {
    const text = fc.string({ unit: 'binary', maxLength: 300 });
    fc.assert(
      fc.property(text, (hostile) => assertScreenful(dumpSummary(crowded(hostile)))),
      {
        examples: [
          ['\u001b[2J\u001b]0;owned\u0007\r\n\u202e'],
          ['\ud800'],
          ['‮‏\u{e0041}'.repeat(50)],
        ],
      },
    );
  });
});

/** A dump with one text in every place a macro could have put it, and as much of everything as a dump can hold. */
function crowded(text: string): CrashDump {
  const many = <Item>(count: number, item: Item): Item[] =>
    Array.from({ length: count }, () => item);
  const local = { name: text, type: text, preview: text };
  const frame = {
    functionName: text,
    file: text,
    line: 3,
    column: 1,
    async: true,
    locals: many(40, local),
  };
  const finding = {
    rule: text,
    level: 'error' as const,
    message: text,
    line: 1,
    column: 1,
    endLine: 1,
    endColumn: 2,
    related: [],
    advice: null,
    fix: null,
  };
  const dump = sampleDump('heap-limit');
  return {
    ...dump,
    macro: { ...dump.macro, name: text, file: text },
    reason: text,
    message: text,
    runId: text,
    startedAt: text,
    place: { file: text, line: 2, column: 3, source: 'operation', operation: text },
    error: { name: text, message: text, stack: `${text}\n    at ${text}` },
    source: `1\n${text.replace(/[\r\n\u2028\u2029]/g, ' ')}\n3\n4\n5`,
    stack: many(30, frame),
    commands: many(50, { at: 1, name: text, args: { text }, error: text, line: 1 }),
    logs: many(100, { at: 1, level: text, text }),
    pending: Array.from({ length: 60 }, (_, index) => ({
      kind: text,
      name: `${text}${index}`,
      sinceMs: 1,
    })),
    report: { ...dump.report, findings: many(20, finding) },
    statistics: {
      ...dump.statistics,
      commandsByName: Object.fromEntries(
        Array.from({ length: 9 }, (_, index) => [`${text}${index}`, index]),
      ),
    },
    worker: { pid: 1, exitCode: 1, signal: text, stderr: text },
    host: { ...dump.host, node: text, platform: text, arch: text },
  };
}
