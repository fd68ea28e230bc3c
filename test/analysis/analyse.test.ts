import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { analyse } from '../../src/analysis/analyse.ts';

const report = (source: string, language: 'js' | 'ts' = 'js') =>
  analyse(source, { file: 'm.js', language }).report;
const loops = (source: string) =>
  report(source).loops.map(({ verdict, bound }) => [verdict, bound]);

describe('loops', () => {
  const counted: [string, unknown[]][] = [
    ['for (let i = 0; i < 10; i++) log(i)', ['terminates', 10]],
    ['for (let i = 0; i <= 10; i += 3) log(i)', ['terminates', 4]],
    ['for (let i = 10; i > 0; i -= 4) log(i)', ['terminates', 3]],
    ['for (let i = 5; i < 5; i++) log(i)', ['terminates', 0]],
    ['const n = 7; for (let i = 0; i < n; i++) log(i)', ['terminates', 7]],
    ['for (const a of [1, 2, 3]) log(a)', ['terminates', 3]],
    ['for (const k in { a: 1 }) log(k)', ['terminates', 1]],
    ['while (false) log(1)', ['terminates', 0]],
    ['do log(1); while (false)', ['terminates', 1]],
    ['for (let i = 0; i < 10; i++) { i = 0; }', ['infinite', null]],
    ['for (const a of input.list) log(a)', ['unknown', null]],
    ['let i = 0; while (i < 10) i++;', ['terminates', 10]],
    ['while (true) eval("x")', ['unknown', null]],
    ['let on = true; while (on) eval("on = false")', ['unknown', null]],
  ];
  for (const [source, expected] of counted)
    test(source, () => assert.deepEqual(loops(source), [expected]));
});

describe('levels of a loop that never ends', () => {
  const levels: [string, string][] = [
    ['while (true) await sleep(100)', 'info'],
    ["for (;;) { await chat.say({ text: 'x' }); }", 'info'],
    ["for (;;) { if (random() > 0.5) log('x'); await command('/say x'); }", 'info'],
    ['const tick = async () => { await sleep(5); }; while (true) await tick();', 'info'],
    ['while (true) { if (random() > 0.5) await sleep(5); }', 'warning'],
    ['while (true) { await input.next(); }', 'warning'],
    ['const f = input; while (true) { await f(); }', 'info'],
    ['while (true) { if (random() > 0.5) continue; await sleep(5); }', 'warning'],
    ['while (true) { await null; }', 'error'],
  ];
  for (const [source, level] of levels) {
    test(`${level}: ${source}`, () => {
      const { findings, verdict } = report(source);
      assert.equal(findings.find(({ rule }) => rule === 'infinite-loop')?.level, level);
      assert.equal(verdict === 'refuse', level === 'error');
    });
  }
});

describe('verdicts', () => {
  test('what is plain and short may share a process', () => {
    assert.equal(report('return 1 + 1').verdict, 'admit');
    assert.equal(
      report("await chat.say({ text: 'hi' }); await sleep(1000); return input.a").verdict,
      'admit',
    );
  });
  for (const source of [
    'return new Array(1e9).fill(0)',
    'return "x".repeat(1e9)',
    '/(a+)+b/.test(input.a)',
    'return 2n ** 9n',
    'eval("1")',
    'const f = input["constructor"]["constructor"]; f("x")()',
    'let s = "x"; for (const a of input.list) s += s;',
    'Array.prototype.map = () => 1',
    'return [...input.list]',
    'function f(n) { if (n) f(n - 1) } f(9)',
    'new Map()',
    'return { get a() { return 1 } }',
    'for (let i = 0; i < 1e9; i++) log(i)',
    'input.a.b.c()',
    // What the called macro does in this one's process, nobody has looked at here.
    "return macros.call('farmer')",
    "return ['farmer'].map(macros.call)",
    'export default async (macro) => macro.macros.call("farmer")',
    // Passed on instead of called, it runs all the same.
    'return [{ length: 4e9 }].map(Array.from)',
    'return ["for (;;);"].find((() => 1).constructor)',
    'return ["for (;;);"].find((() => 1)["constructor"])',
    'return ["for (;;);"].map(this.eval)',
    'return Uint8Array.from({ length: 4e9 })',
  ])
    test(`a process of its own for ${source}`, () => assert.equal(report(source).verdict, 'solo'));
});

describe('hostile texts: never an exception, and time that grows with the length', () => {
  const texts: Record<string, (n: number) => string> = {
    brackets: (n) => '['.repeat(n),
    'nested functions': (n) => `${'(()=>'.repeat(n)}1${')'.repeat(n)}`,
    'a long sum': (n) => `return ${'1+'.repeat(n)}1`,
    'many names': (n) => Array.from({ length: n }, (_, i) => `let v${i} = ${i};`).join(''),
    'many loops': (n) => 'while(a)b();'.repeat(n),
    'nested loops': (n) => 'while(a){'.repeat(Math.min(n, 700)) + '}'.repeat(Math.min(n, 700)),
    'calls around': (n) =>
      Array.from({ length: n }, (_, i) => `function f${i}(){f${(i + 1) % n}()}`).join(''),
    'an open string': (n) => `"${'x'.repeat(n)}`,
    'an open comment': (n) => `/*${'x'.repeat(n)}`,
    'an open template': (n) => '`${'.repeat(n),
    'line separators': (n) => '\u2028'.repeat(n),
    'lone surrogates': (n) => `"${'\ud800'.repeat(n)}"`,
    'NUL bytes': (n) => '\0'.repeat(n),
    'header lines': (n) => `// ==Macro==\n${'// @limit cpu=1s heap=\n'.repeat(n)}`,
    digits: (n) => `return ${'9'.repeat(n)}n`,
  };
  for (const [name, make] of Object.entries(texts)) {
    test(name, () => {
      const time = (n: number) => {
        const from = performance.now();
        const result = report(make(n));
        assert.ok(result.verdict);
        return performance.now() - from;
      };
      time(2_000);
      const small = Math.min(time(5_000), time(5_000));
      const large = Math.min(time(20_000), time(20_000));
      // Four times the text may take four times as long, and some; sixteen times would be quadratic.
      assert.ok(
        large < small * 10 + 100,
        `${small.toFixed(1)} ms for 5,000, ${large.toFixed(1)} ms for 20,000`,
      );
    });
  }
  test('2 MB on one line', () => assert.ok(report(`return [${'1,'.repeat(1_000_000)}]`).verdict));
});

describe('what V8 reads in a function, lint reads too', () => {
  const syntaxErrors = (source: string) =>
    report(source).findings.filter(({ rule }) => rule === 'syntax-error');
  for (const source of [
    '#!/usr/bin/env corral\nlog(1)',
    '{ using held = input.door; log(held) }',
    'for (using held of input.doors) log(held)',
    'await using held = input.door;',
    'log(1) <!-- said once\n--> and this too',
    '/*\n*/ --> after a comment of two lines',
  ])
    test(JSON.stringify(source), () => assert.deepEqual(syntaxErrors(source), []));

  test('`-->` in the first line, which V8 reads as an operator there', () =>
    assert.match(syntaxErrors('--> text')[0]?.message ?? '', /cannot stand in the first line/));

  test('what a `using` calls at its end is not known, so it shares no process', () => {
    const source = (kind: string) => `{ ${kind} held = input.door; log(held) }`;
    assert.equal(report(source('const')).verdict, 'admit');
    assert.equal(report(source('using')).verdict, 'solo');
  });
});

test('TypeScript: positions are those of the source', () => {
  const { findings } = report(
    'interface A { n: number }\nconst a: A = { n: 1 };\nwhile (true as boolean) { }\nfor (;;) {}\n',
    'ts',
  );
  assert.deepEqual(
    findings.map(({ line, column }) => [line, column]),
    [
      [3, 1],
      [4, 1],
    ],
  );
});

test('the same text gives the same report', () => {
  assert.deepEqual(report('return 1'), report('return 1'));
});
