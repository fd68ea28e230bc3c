import vm from 'node:vm';
import { parseMacro } from '/work/main/src/analysis/parse.ts';
import { gatherFacts } from '/work/main/src/analysis/facts.ts';
import { evaluate } from '/work/main/src/analysis/evaluate/evaluate.ts';
import { analyse } from '/work/main/src/analysis/analyse.ts';
let seed = Number(process.argv[2] ?? 1);
const rnd = () => { seed = (seed * 1664525 + 1013904223) >>> 0; return seed / 2 ** 32; };
const pick = <T,>(a: T[]): T => a[Math.floor(rnd() * a.length)] as T;
const int = (a: number, b: number) => a + Math.floor(rnd() * (b - a + 1));
const vars = ['a', 'b', 'c'];
const expr = (d = 0): string => d > 2 ? pick([...vars, String(int(-3, 12))]) : pick([() => pick(vars), () => String(int(-3, 20)), () => `${expr(d + 1)} ${pick(['+', '-', '*', '%', '&', '|', '>>', '^'])} ${expr(d + 1)}`, () => `(${expr(d + 1)})`, () => `Math.${pick(['abs', 'floor', 'max', 'min'])}(${expr(d + 1)}, ${expr(d + 1)})`, () => `list.length`, () => `obj.n`, () => `(${cond(d + 1)} ? ${expr(d + 1)} : ${expr(d + 1)})`])();
const cond = (d = 0): string => pick([() => `${expr(d + 1)} ${pick(['<', '<=', '>', '>=', '!==', '===', '!='])} ${expr(d + 1)}`, () => `${pick(vars)} ${pick(['<', '>', '!==', '<='])} ${int(-5, 40)}`, () => d > 2 ? pick(vars) : `${cond(d + 1)} ${pick(['&&', '||'])} ${cond(d + 1)}`, () => `!(${cond(d + 1)})`, () => `list.length ${pick(['<', '>'])} ${int(0, 8)}`, () => `${pick(vars)}`])();
const stmt = (d: number, inLoop: boolean): string => pick([
  () => `${pick(vars)} = ${expr()};`, () => `${pick(vars)} ${pick(['+=', '-=', '*=', '%=', '>>=', '|=', '/='])} ${pick([String(int(-3, 9)), expr(2)])};`, () => `${pick(vars)}${pick(['++', '--'])};`, () => `${pick(vars)}++;`,
  () => `list.${pick(['push(' + expr(2) + ')', 'pop()', 'shift()'])};`, () => `obj.n ${pick(['+=', '-=', '='])} ${expr(2)};`, () => `obj.step();`,
  () => `if (${cond()}) { ${block(d + 1, inLoop)} }`, () => `if (${cond()}) { ${block(d + 1, inLoop)} } else { ${block(d + 1, inLoop)} }`,
  () => inLoop ? pick(['break;', 'continue;', `if (${cond()}) break;`, `if (${cond()}) break;`, `if (${cond()}) continue;`]) : ';',
  () => d > 1 ? `${pick(vars)}++;` : loop(d + 1), () => `try { ${block(d + 1, inLoop)} } catch (e) { ${pick(vars)}++; } finally { ${pick(vars)} -= 1; }`, () => `try { if (${cond()}) throw 1; ${block(d + 1, inLoop)} } catch { ${block(d + 1, inLoop)} }`,
  () => `bump();`, () => `switch (${expr(1)}) { case ${int(0, 3)}: ${block(d + 1, inLoop)} ${pick(['break;', ''])} default: ${block(d + 1, false)} }`,
])();
const block = (d: number, inLoop: boolean): string => Array.from({ length: int(1, d > 2 ? 1 : 3) }, () => stmt(d, inLoop)).join(' ');
const loop = (d: number): string => pick([
  () => `while (${cond()}) { ${block(d, true)} }`, () => `do { ${block(d, true)} } while (${cond()});`,
  () => { const v = pick(vars); return `for (${v} = ${int(-5, 10)}; ${v} ${pick(['<', '<=', '>', '>=', '!==', '!='])} ${int(-10, 60)}; ${v} ${pick(['+= 1', '-= 1', '+= 3', '*= 2', '>>= 1', '+= 0.1', '+= 0', '-= 2', '*= -1'])}) { ${block(d, true)} }`; },
  () => `for (let i = ${int(-5, 5)}; i ${pick(['<', '<=', '>', '!='])} ${int(-5, 30)}; i${pick(['++', '--', ' += 2', ' *= 2'])}) { ${block(d, true)} }`,
  () => `for (const x of list) { ${block(d, true)} }`,
  () => `for (const x of gen(${int(0, 5)})) { ${block(d, true)} }`,
])();
const N = Number(process.argv[3] ?? 300);
let tp = 0, fp = 0, fn = 0, tn = 0, badBound = 0, falseEnds = 0, maxMs = 0, err = 0; const missed: string[] = [];
for (let n = 0; n < N; n++) {
  const pre = `let a = ${int(-3, 12)}, b = ${int(-3, 12)}, c = ${int(0, 5)}; const list = [${Array.from({ length: int(0, 4) }, () => int(0, 9)).join(', ')}]; const obj = { n: ${int(0, 9)}, step() { this.n ${pick(['+=', '-='])} 1; } }; function bump() { ${pick(vars)} += ${int(-1, 2)}; } function* gen(k) { while (k > 0) { yield k; k ${pick(['--', '--', '+= 0', '-= 2'])}; } }`;
  const src = `${pre}\n${loop(0)}\nreturn a + b;`;
  let endless = false;
  try { vm.runInNewContext(`(() => { 'use strict'; ${src} })()`, {}, { timeout: 150 }); } catch (e: any) { if (e?.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') endless = true; else if (e?.name === 'RangeError' || /memory|length/i.test(String(e))) { err++; continue; } }
  const s = performance.now();
  const r = analyse(src, { file: 'x.js', language: 'js', commands: [] });
  const took = performance.now() - s; maxMs = Math.max(maxMs, took); const why = () => { const f = gatherFacts(parseMacro(src, 'js').ast!); if ('tooDeep' in f) return ''; const e = evaluate(f, new Set()); return e.reason; }; if (took > 100) console.log('SLOW', took.toFixed(0), why(), src.slice(0, 0));
  const says = r.report.loops.some((l) => l.verdict === 'infinite');
  const allEnd = r.report.loops.every((l) => l.verdict === 'terminates');
  if (endless && says) tp++; else if (endless) { fn++; missed.push(why() + '\n' + (missed.length < 4 ? src : '')); if (allEnd) { falseEnds++; console.log('FALSE TERMINATES\n' + src); } }
  else if (says) { fp++; console.log('FALSE INFINITE\n' + src); } else tn++;
}
console.log({ tp, fp, fn, tn, err, precision: tp / (tp + fp), recall: tp / (tp + fn), falseEnds, maxMs });
if (process.argv[4]) console.log(missed.join('\n---\n'));
