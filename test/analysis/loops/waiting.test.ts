import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { analyse } from '../../../src/analysis/analyse.ts';

/** The level of what is said of a loop that never ends: `info` when each turn surely waits. */
function level(source: string): string | undefined {
  const { report } = analyse(source, { file: 'x.js', language: 'js' });
  return report.findings.find(({ rule }) => rule === 'infinite-loop')?.level;
}

describe('each turn surely waits', () => {
  for (const source of [
    'while (true) await sleep(10);',
    'while (true) { if (input.x) await sleep(10); else await chat.say({}); }',
    'const pause = async () => { await sleep(5); }; while (true) await pause();',
    'const f = async () => { await g(); await sleep(1); }; const g = async () => { await f(); }; while (true) await g();',
    'const f = async () => { await g(); await sleep(1); }; const g = async () => { await f(); }; while (true) await f();',
  ])
    test(source, () => assert.equal(level(source), 'info'));
});

describe('it is not certain that each turn waits', () => {
  for (const source of [
    'while (true) { if (input.x) await sleep(10); }',
    'const f = async () => { if (input.x) await sleep(1); }; while (true) await f();',
    'while (true) { try { await sleep(input.ms); } catch { log(1); } if (input.x) continue; await g(); } async function g() {}',
  ])
    test(source, () => assert.notEqual(level(source), undefined));
});

test('functions that call functions twice, thirty deep, are each asked once', () => {
  const chain = (last: string) =>
    `${Array.from({ length: 30 }, (_, n) => `async function f${n}() { await f${n + 1}(); await f${n + 1}(); }`).join('\n')}
async function f30() { ${last} }
while (true) await f0();`;
  assert.equal(level(chain('await sleep(1);')), 'info');
  assert.equal(level(chain('log(1);')), 'warning');
  assert.equal(level(chain('await f0();')), 'warning');
});
