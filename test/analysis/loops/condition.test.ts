import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { analyse } from '../../../src/analysis/analyse.ts';

/** The levels of what is said of loops. */
function levels(source: string): string[] {
  const { report } = analyse(source, { file: 'x.js', language: 'js' });
  return report.findings.filter(({ rule }) => rule === 'infinite-loop').map(({ level }) => level);
}

describe('a condition that nothing in the loop changes is warned of', () => {
  for (const source of [
    'let on = input.on; while (on) log(1);',
    'let done = input.done; sleep(10).then(() => { done = true; }); while (!done) {}',
    "let stop = false; every(100, () => { stop = true; }); while (!stop) log('wait');",
    'const text = input.text; while (/x/.test(text)) log(1);',
    'const text = input.text; let m; while ((m = /x/g.exec(text))) log(1);',
    'const r = /x/; let m; const text = input.text; while ((m = r.exec(text)) !== null) log(1);',
  ])
    test(source, () => assert.deepEqual(levels(source), ['warning']));
});

describe('nothing is said where something may change it', () => {
  for (const source of [
    'let on = input.on; while (on) on = input.next;',
    'let stop = false; every(100, () => { stop = true; }); while (!stop) await sleep(10);',
    'let stop = false; const f = () => { stop = true; }; while (!stop) f();',
    'let stop = false; const f = () => { stop = true; }; while (!stop) [1].forEach(f);',
    'let stop = input.stop; const o = { toString() { stop = true; } }; while (!stop) log(String(o));',
    'const r = /x/g; let m; while ((m = r.exec(input.text))) log(1);',
    'const r = /x/y; const text = input.text; while (r.test(text)) log(1);',
    'let text = input.text; while (/x/.test(text)) text = text.slice(1);',
  ])
    test(source, () => assert.deepEqual(levels(source), []));
});

test('what walks from one thing to the next may fail past the last one', () => {
  assert.deepEqual(levels('let at = input; while (true) at = at.next;'), ['info']);
  assert.deepEqual(levels('let at = input; while (true) at = input.next;'), ['error']);
});
