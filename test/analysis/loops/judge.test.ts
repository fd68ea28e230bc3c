// Held against what programs really do: `infinite` is never said of one that ends, `terminates` never of a loop that does
// not, and no bound is below what was counted.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { analyse } from '../../../src/analysis/analyse.ts';
import { observe } from '../../support/observe.ts';
import { ProgramMaker } from '../../support/random-programs.ts';

const PROGRAMS = 300;
/** A loop that took so many turns in a program that does not end is taken for one that does not end. */
const ENDLESS_TURNS = 8_000;

function loopsOf(source: string, evaluates = true) {
  return analyse(source, { file: 'x.js', language: 'js', commands: [], evaluates }).report.loops;
}

const maker = new ProgramMaker(20_261_123);
const programs = await Promise.all(
  Array.from({ length: PROGRAMS }, async () => {
    const source = maker.next();
    return { source, observed: await observe(source) };
  }),
);

for (const evaluates of [true, false]) {
  describe(`of random programs${evaluates ? '' : ', judged by their text alone'}`, () => {
    const judged = programs.map((program) => ({
      ...program,
      loops: loopsOf(program.source, evaluates),
    }));

    test('none that ends has an infinite loop', () => {
      // By its text alone nobody sees that a loop is never come by.
      const wrong = judged.filter(
        ({ observed, loops }) =>
          observed.ends &&
          loops.some(
            ({ verdict }, index) =>
              verdict === 'infinite' && (evaluates || (observed.turns[index] ?? 0) > 0),
          ),
      );
      assert.deepEqual(wrong.map(({ source }) => source).slice(0, 1), []);
    });

    test('no loop that terminates goes on', () => {
      const wrong = judged.filter(({ observed, loops }) =>
        loops.some(
          ({ verdict }, index) =>
            verdict === 'terminates' &&
            !observed.ends &&
            (observed.turns[index] ?? 0) > ENDLESS_TURNS,
        ),
      );
      assert.deepEqual(wrong.map(({ source }) => source).slice(0, 1), []);
    });

    test('no loop takes more turns than its bound', () => {
      const wrong = judged.filter(({ observed, loops }) =>
        loops.some(({ bound }, index) => bound !== null && (observed.turns[index] ?? 0) > bound),
      );
      assert.deepEqual(wrong.map(({ source }) => source).slice(0, 1), []);
    });
  });
}

describe('without evaluation', () => {
  for (const [source, verdict, bound] of [
    ['let i = 0; while (i < 10) { i++; hidden(i); }', 'terminates', 10],
    ['let i = 0; while (i < 10) { i += 3; }', 'terminates', 4],
    ['let i = 100; do { i -= 7; } while (i > 0);', 'terminates', 15],
    ['for (let i = 1; i < 1000; i *= 2) {}', 'terminates', 10],
    ['for (let i = 0; i < 1e9; i += 2) {}', 'terminates', 5e8],
    ['for (let i = 0; i !== 9; i += 2) {}', 'infinite', null],
    ['for (let i = 0; i !== 8; i += 2) {}', 'terminates', 4],
    ['for (let i = 0; i < 10; i--) {}', 'infinite', null],
    ['for (let i = 0; i < 10; i += 0) {}', 'infinite', null],
    ['for (let i = 1; i > 0; i >>= 1) {}', 'terminates', 1],
    ['for (let i = 5; i < NaN; i++) {}', 'terminates', 0],
    ['for (let i = 0; i < 10 && input.more; i++) {}', 'terminates', 10],
    ['for (let i = 0; i < input.n; i++) {}', 'unknown', null],
    ['for (let i = 0; i < 10; i++) { if (input.x) i--; }', 'unknown', null],
    ['let i = 0; const f = () => { i = 0; }; while (i < 10) { i++; f(); }', 'unknown', null],
    ['let i = 0; while (i < 10) { if (input.x) continue; i++; }', 'unknown', null],
    ['while (true) { unknownFunction(); }', 'unknown', null],
    ['while (true) { log(1); }', 'infinite', null],
    ['while (true) { try { throw 1; } catch {} }', 'infinite', null],
    ['while (true) { try { return; } finally { continue; } }', 'infinite', null],
    ['while (true) { if (false) break; }', 'infinite', null],
    ['while (true) { switch (1) { case 1: break; } }', 'infinite', null],
    ['while (true) { for (;;) { break; } }', 'infinite', null],
    ['while (true) { continue; break; }', 'infinite', null],
    ['out: while (true) { while (true) { break out; } }', 'unknown', null],
  ] as const) {
    test(`${verdict} ${bound ?? ''}: ${source}`, () => {
      const [first] = loopsOf(source, false);
      assert.deepEqual([first?.verdict, first?.bound], [verdict, bound]);
    });
  }
});
