// Shapes that would take minutes if anything were asked again and again; here they only have to come to an end.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { analyse } from '../../../src/analysis/analyse.ts';

const many = (count: number, line: (n: number) => string) =>
  Array.from({ length: count }, (_, n) => line(n)).join('\n');

const GIANTS: Record<string, [source: string, circles: number]> = {
  'a line of 20,000 classes': [
    `class C0 { m() {} }\n${many(20_000, (n) => `class C${n + 1} extends C${n} { x() { this.m(); } }`)}`,
    0,
  ],
  'one object with 20,000 getters': [
    `const o = {${many(20_000, (n) => `get a${n}() { return this.a${(n + 1) % 20_000}; },`)}};`,
    0,
  ],
  'a class whose 20,000 methods call each other round': [
    `class A {${many(20_000, (n) => `m${n}() { this.m${(n + 1) % 20_000}(); }`)}}`,
    1,
  ],
  '400 functions that each call 50 others': [
    many(
      400,
      (n) =>
        `function f${n}(n) { if (n) { ${many(50, (k) => `f${(n * 7 + k * 13) % 400}(n - 1);`)} } }`,
    ),
    1,
  ],
  'one function that calls itself 20,000 times': [
    `function f(n) { ${'if (n) f(n); '.repeat(20_000)} }`,
    1,
  ],
  '20,000 functions under ten names': [
    many(20_000, (n) => `const o${n} = {}; o${n % 10}.f = () => o${n % 7}.f();`),
    1,
  ],
};

for (const [name, [source, circles]] of Object.entries(GIANTS))
  test(name, () => {
    const { report } = analyse(source, { file: 'x.js', language: 'js' });
    assert.equal(report.recursion.length, circles);
  });
