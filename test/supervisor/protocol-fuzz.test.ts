// A worker that was taken over says anything at all: valid messages with lies in them, invalid ones, frames that are none.
// Whatever it says, its run ends, in a word the supervisor knows, what is written down can be read, and nothing is harmed.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { createCorral } from '../../src/corral.ts';
import { readDump } from '../../src/dumps/dump.ts';
import type { EndEvent } from '../../src/model/events.ts';
import { isEndReason } from '../../src/model/outcome.ts';
import { withWorkersFrom, writeImpostor } from './support/impostor.ts';
import { scratchDir } from './support/scratch.ts';

const RUNS = 120;
const LANES = 8;
const SEED = 20_261_124;
const MB = 1024 * 1024;

const FRAME = { functionName: 'f', realm: 0, line: 1, column: 1, async: false, locals: [] };
/** One valid message of each type; `RUN` becomes the run's own id. */
const VALID = [
  { type: 'ready', isolatedVm: '9' },
  { type: 'beat' },
  { type: 'ask', run: 'RUN', realm: 0, id: 1, kind: 'command', name: 'a.b', args: '{}', stack: '' },
  { type: 'ask', run: 'RUN', realm: 0, id: 2, kind: 'state', name: 'set', args: '{}', stack: '' },
  { type: 'ask', run: 'RUN', realm: 0, id: 3, kind: 'call', name: 'x', args: '1', stack: '' },
  { type: 'ask', run: 'RUN', realm: 0, id: 4, kind: 'slash', name: '/a', args: '', stack: '' },
  { type: 'log', run: 'RUN', level: 'info', text: 'hello' },
  {
    ...{ type: 'sample', run: 'RUN', realm: 0, beacon: 0, heapUsed: 1, heapTotal: 2 },
    ...{ external: 0, rss: 9, cpuMs: 1 },
  },
  { type: 'warning', run: 'RUN', code: 'heap-near-limit', measured: 1 },
  { type: 'limit', run: 'RUN', realm: 0, name: 'heap', measured: 1, beacon: 0, stack: '' },
  { type: 'profile', run: 'RUN', realm: 0, cpu: '{}', heap: null },
  {
    ...{ type: 'examined', run: 'RUN', realm: 0, asleep: false, frames: [FRAME], pending: [] },
    ...{ heapStatistics: { a: 1 }, beacon: 0, cpuMs: 1 },
  },
  {
    ...{ type: 'done', run: 'RUN', realm: 0, cpuMs: 1, value: '1', tooLong: false },
    error: { name: 'E', message: 'm', stack: 's' },
  },
  {
    ...{ type: 'done', run: 'RUN', realm: 0, cpuMs: 1, value: '1', tooLong: false },
    error: null,
  },
  { type: 'paused', run: 'RUN' },
  { type: 'seen', run: 'RUN', realm: 0, frames: [FRAME], pending: [] },
  { type: 'resumed', run: 'RUN' },
  { type: 'disposed', run: 'RUN' },
] as readonly Readonly<Record<string, unknown>>[];

const odd = fc.oneof(
  fc.constantFrom<unknown>(null, true, [], {}, '', 'RUN', -1, 0, 0.5, 2 ** 53, -1e308, 1e308),
  fc.constantFrom<unknown>('__proto__', '\u001b[2J\u0007', '</script>', '\ud800', '../../x'),
  fc.constantFrom<unknown>('x'.repeat(70_000), '['.repeat(50_000), Array(500).fill(FRAME)),
  fc.constantFrom<unknown>(
    '{"$":"map","v":[[1,1]]}',
    '{"$":"nope"}',
    '{"__proto__":{"a":1}}',
    'NaN',
  ),
  fc.jsonValue(),
);

/** A message with some of its fields replaced, left out or added. */
const lie = fc
  .record({
    message: fc.constantFrom(...VALID),
    changes: fc.array(fc.record({ at: fc.nat(12), value: odd, drop: fc.boolean() }), {
      maxLength: 2,
    }),
  })
  .map(({ message, changes }) => {
    const made: Record<string, unknown> = { ...message };
    const names = [...Object.keys(message), 'extra', '__proto__'];
    for (const { at, value, drop } of changes) {
      const name = names[at % names.length] as string;
      if (drop && changes.length > 1) delete made[name];
      else Object.defineProperty(made, name, { value, enumerable: true, configurable: true });
    }
    return { json: JSON.stringify(made) };
  });

/** Bytes that are no frame, or say they are longer than they are. */
const rubbish = fc.oneof(
  fc.constantFrom('00000000', 'ffffffff', '7fffffff00', '0000000101', '000000027b7d', '0000'),
  fc
    .uint8Array({ minLength: 1, maxLength: 200 })
    .map((bytes) => Buffer.from(bytes).toString('hex')),
);
const step = fc.oneof(
  { weight: 12, arbitrary: lie },
  { weight: 1, arbitrary: rubbish.map((hex) => ({ hex })) },
  { weight: 2, arbitrary: lie.map(({ json }) => ({ json, times: 300 })) },
  {
    weight: 1,
    arbitrary: fc.constantFrom({ wait: 30 }, { deaf: true }, { exit: 0 }, { exit: 70 }),
  },
);
/** What a worker says once it is told to start a run. */
const script = fc.array(step, { minLength: 1, maxLength: 10 });
/** Most begin like an honest worker: one that has not begun is replaced, and its run placed again. */
const begun = { json: JSON.stringify(VALID.find(({ type }) => type === 'sample')) };

const BODY = `
onOrder = async ({ type, run, code }) => {
  if (type !== 'start') return;
  const steps = scripts[Number(/fuzz (\\d+)/.exec(code)[1])];
  for (const step of steps) {
    if (step.wait) await new Promise((resolve) => setTimeout(resolve, step.wait));
    if (step.deaf) channel.pause();
    if (step.exit !== undefined) process.exit(step.exit);
    if (step.hex) channel.write(Buffer.from(step.hex, 'hex'));
    if (step.json) for (let n = 0; n < (step.times ?? 1); n++) send(step.json.replaceAll('"RUN"', JSON.stringify(run)));
  }
};
listen(); ready();`;

function writeScripts(dir: string): string {
  const scripts = fc
    .sample(script, { seed: SEED, numRuns: RUNS })
    .map((steps, n) => (n % 10 === 0 ? steps : [begun, ...steps]));
  // A worker behind its walls reads its own program and nothing else.
  return writeImpostor(dir, `const scripts = ${JSON.stringify(scripts)};${BODY}`);
}

describe('a worker that says anything', () => {
  const dir = scratchDir();
  const dumpDir = join(dir, 'dumps');
  const ends: EndEvent[] = [];

  test('has its runs end, each in a word the supervisor knows', async () => {
    await withWorkersFrom(writeScripts(dir), async () => {
      await using corral = createCorral({ dumpDir, workers: { warm: 2 } });
      let next = 0;
      const lane = async () => {
        for (let n = next++; n < RUNS; n = next++) {
          const run = corral.start(`/* fuzz ${n} */ eval('1'); await sleep(60_000)`, {
            lint: false,
            limits: { wall: 400 },
          });
          ends.push(await run.result);
        }
      };
      await Promise.all(Array.from({ length: LANES }, lane));
    });
    assert.equal(ends.length, RUNS);
    const reasons = new Set(ends.map(({ reason }) => reason));
    for (const reason of reasons) assert.ok(isEndReason(reason), reason);
    // Were they all of one kind, the scripts would not reach what is behind the first check.
    for (const reason of [
      'completed',
      'failed',
      'worker-lost',
      'wall-limit',
      'heap-limit',
    ] as const)
      assert.ok(reasons.has(reason), `no run ended as ${reason}: ${[...reasons].join(' ')}`);
  });

  test('leaves dumps that can be read, with nothing in the summary that a terminal would obey', async () => {
    const dumps = ends.flatMap(({ dump }) => (dump === null ? [] : [dump]));
    assert.ok(dumps.length > RUNS / 4, `${dumps.length} dumps`);
    for (const path of dumps) {
      await readDump(path);
      const summary = path
        .replace('corral-crash-dump', 'corral-crash-summary')
        .replace(/json$/, 'txt');
      const text = readFileSync(summary, 'utf8').replaceAll('\n', ' ');
      assert.doesNotMatch(text, /\p{Cc}/u);
    }
  });

  test('changes nothing in the supervisor: the next worker runs as ever', async () => {
    assert.deepEqual(Object.keys(Object.prototype), []);
    assert.equal(({} as { a?: unknown }).a, undefined);
    assert.ok(process.memoryUsage().heapUsed < 300 * MB);
    await using corral = createCorral({ dumpDir });
    assert.equal((await corral.start('await sleep(1); return 6 * 7').result).value, 42);
  });
});
