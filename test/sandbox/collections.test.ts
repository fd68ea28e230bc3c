// Full garbage collections are noticed while a macro runs, whatever it does to what notices them; and none where none was.

import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import type { SampleEvent } from '../../src/model/events.ts';
import { loneCorral } from './support/lone-corral.ts';

const MB = 1024 * 1024;
const lone = loneCorral({ limits: { cpu: '60s', burst: '60s', heap: 96 * MB } });
after(() => lone.corral.close());

/** Much garbage, and a little that is kept, for ever; with pauses, in which it can be looked at. */
const LITTER = `let kept = [];
for (let n = 1; ; n++) {
  kept.push({ list: [1, 2, 3], text: 'n' + kept.length });
  if (kept.length > 20000) kept = [];
  if (n % 100_000 === 0) await sleep(30);
}`;

/** Runs a macro until `isEnough` of its samples, then stops it; all samples it had by then. */
async function samplesOf(source: string, isEnough: (samples: SampleEvent[]) => boolean) {
  const run = lone.corral.start(source, { lint: false });
  const samples: SampleEvent[] = [];
  for await (const event of run.events()) {
    if (event.type === 'sample') samples.push(event);
    if (event.type === 'sample' && isEnough(samples)) break;
  }
  run.stop('seen enough');
  await run.result;
  return samples;
}

const byV8 = (samples: SampleEvent[]) => samples.some(({ collection }) => collection?.by === 'v8');

describe('a collection of V8’s own', () => {
  test('is told by the next sample', async () => {
    const samples = await samplesOf(LITTER, byV8);
    assert.ok(byV8(samples), `${samples.length} samples, none`);
    const seen = samples.find(({ collection }) => collection);
    assert.deepEqual(seen?.collection, { by: 'v8', freed: null });
  });

  test('is told of a macro too that has replaced whatever could be used for it', async () => {
    const poison = `for (const name of ['WeakSet', 'WeakMap', 'WeakRef', 'Symbol', 'FinalizationRegistry'])
  Object.defineProperty(globalThis, name, { get() { throw new Error(name); } });
`;
    assert.ok(byV8(await samplesOf(poison + LITTER, byV8)));
  });

  test('is looked for beside the macro, not in its world', async () => {
    // Which of an isolate's two contexts is the first is chance: one of several shows it.
    const source = `const before = new Set(Reflect.ownKeys(globalThis));
      for (let n = 0; n < 5; n++) await sleep(100);
      return Reflect.ownKeys(globalThis).filter((key) => !before.has(key)).length;`;
    const runs = Array.from({ length: 8 }, () => lone.valueOf(source));
    assert.deepEqual(await Promise.all(runs), Array(8).fill(0));
  });

  test('is not told where there was none', async () => {
    const samples = await samplesOf(
      'let n = 0; for (;;) n = (n + 1) % 7;',
      (all) => all.length >= 12,
    );
    assert.ok(samples.length >= 12);
    assert.deepEqual(
      samples.filter(({ collection }) => collection),
      [],
    );
  });
});

test('the collection that comes before the heap limit is told with what it freed', async () => {
  const source = 'const all = []; for (;;) all.push({ n: all.length, list: [1, 2, 3] });';
  // It is waited for only so long: a machine that is very busy may need another try.
  for (let n = 0; n < 5; n++) {
    const { events, end } = await lone.run(source, { limits: { heap: 24 * MB, cpu: '20s' } });
    assert.equal(end.reason, 'heap-limit', end.message);
    const own = events.findLast(
      (event) => event.type === 'sample' && event.collection?.by === 'corral',
    );
    if (own?.type !== 'sample') continue;
    const { freed } = own.collection ?? {};
    assert.ok(typeof freed === 'number' && freed >= 0 && freed < own.heapUsed, `${freed}`);
    return;
  }
  assert.fail('never seen');
});
