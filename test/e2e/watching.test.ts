// Each of the shipped patterns matches, in a run, a macro that does what it describes.

import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { z } from 'zod';
import { toMacroFacts } from '../../src/analysis/macro-facts.ts';
import { defineCommand } from '../../src/model/command.ts';
import type { InterventionEvent } from '../../src/model/events.ts';
import type { Pattern } from '../../src/model/pattern.ts';
import { loadPatterns } from '../../src/policy/patterns.ts';
import { createSupervisor, type SupervisorWishes } from '../supervisor/support/supervisors.ts';

const command = (name: string) =>
  defineCommand({
    name,
    description: 'For the test.',
    input: z.object({}),
    output: z.null(),
    run: () => null,
  });

const MB = 1024 * 1024;
const shipped = loadPatterns([], { toFacts: toMacroFacts }).map(({ pattern }) => pattern);

/**
 * What is judged over many seconds is judged over one or two here; what the shipped numbers let through is shown by the
 * patterns' own tests, which ask for no machine that is fast.
 */
const SHORTER: Record<string, (pattern: Pattern) => Pattern> = {
  'memory-leak': (pattern) => ({ ...pattern, timeWindowMs: 1500 }),
  'resource-exhaustion': (pattern) => ({ ...pattern, timeWindowMs: 1000 }),
};

const shorter = (pattern: Pattern): Pattern => SHORTER[pattern.id]?.(pattern) ?? pattern;

/** What is so much alike another, or so much a matter of how busy the machine is, that it is there by itself. */
const ALONE: Record<string, (pattern: Pattern) => Pattern> = {
  // A busy machine gives a macro little of a processor: it is enough here.
  'infinite-loop': (pattern) => ({
    ...pattern,
    timeWindowMs: 1000,
    match: { ...pattern.match, live: { cpuShareAtLeast: 0.05 } },
  }),
  // Who grows as fast as that grows for long, where the machine is slow.
  'resource-exhaustion': shorter,
};

const common: SupervisorWishes = {
  commands: [
    'chat.say',
    'combat.strike',
    'movement.step',
    'inventory.swap',
    'teleport.jump',
    'lamp.blink',
  ].map(command),
  limits: { cpu: 120_000, burst: 120_000, heap: 1024 * MB, wall: 120_000 },
};
const supervisor = createSupervisor({
  ...common,
  patterns: () => shipped.map(shorter),
});
after(() => supervisor.close());

const macro = (name: string, source: string) => ({ name, source, file: `${name}.js` }) as const;
const circle = [
  macro('ping', 'return macros.call("pong")'),
  macro('pong', 'try { return await macros.call("ping") } catch { return "caught" }'),
];
const library = {
  find: async (name: string) => {
    const found = circle.find((each) => each.name === name);
    return found ? { ...found, language: 'js' as const } : null;
  },
  names: async () => circle.map(({ name }) => name),
};

/** What each pattern describes, done by a macro, and what becomes of that. */
const DOES: Record<string, readonly [action: string, source: string]> = {
  'chat-spam': ['pause', 'for (let i = 0; i < 11; i++) await chat.say({});'],
  'combat-spam': ['pause', 'for (let i = 0; i < 61; i++) await combat.strike({});'],
  'command-spam': ['pause', 'for (let i = 0; i < 201; i++) await lamp.blink({});'],
  'rapid-movement': [
    'pause',
    'for (let i = 0; i < 41; i++) movement.step({}); await sleep(60_000);',
  ],
  'inventory-spam': ['pause', 'for (let i = 0; i < 101; i++) await inventory.swap({});'],
  'teleport-spam': ['stop', 'for (let i = 0; i < 21; i++) await teleport.jump({});'],
  'infinite-loop': ['stop', 'for (;;);'],
  'memory-leak': [
    'stop',
    'const seen = [];\nfor (;;) {\n  seen.push(new Array(1e5).fill(seen.length));\n  await sleep(40);\n}',
  ],
  'resource-exhaustion': [
    'stop',
    'const kept = [];\nfor (;;) {\n  kept.push(new Uint8Array(4e6).fill(1));\n  await sleep(20);\n}',
  ],
  'macro-recursion': ['stop', 'return macros.call("ping")'],
};

/** Runs a macro until something is done about it, or it ends. */
async function firstOf(name: string, source: string, by = supervisor) {
  const run = by.start(source, { file: `${name}.js`, lint: false, library });
  const seen = new Promise<InterventionEvent>((resolve) => run.on('intervention', resolve));
  const first = await Promise.race([seen, run.result]);
  if (first.type === 'intervention' && first.action === 'pause') await run.stop();
  return { first, end: await run.result };
}

describe('a run of a macro that does what a shipped pattern describes', () => {
  test('is there for each of them', () =>
    assert.deepEqual(Object.keys(DOES).sort(), shipped.map(({ id }) => id).sort()));

  for (const [id, [action, source]] of Object.entries(DOES))
    test(`${id}: ${action}`, async () => {
      const alone = ALONE[id];
      const patterns = () =>
        shipped.filter((each) => alone && each.id === id).map(alone ?? shorter);
      await using own = createSupervisor({ ...common, patterns });
      const { first, end } = await firstOf(id, source, alone ? own : supervisor);
      assert.equal(first.type, 'intervention', `${end.reason}: ${end.message}`);
      assert.deepEqual([first.pattern, first.action], [id, action]);
      assert.ok(first.measured >= first.allowed);
      if (action === 'stop') assert.equal(end.reason, `pattern:${id}`);
    });
});

test('a macro that makes garbage and keeps nothing is no leak, however much it makes', async () => {
  const source = `let last = 0;
for (const end = now() + 3000; now() < end; ) {
  // What it holds at any moment is little, whenever somebody looks.
  for (let n = 0; n < 10; n++) last = Array.from({ length: 2e4 }, (_, i) => ({ i })).length;
  await sleep(5);
}
return last`;
  const { first, end } = await firstOf('garbage', source);
  assert.equal(first.type, 'end', end.message);
  assert.equal(end.value, 2e4, end.message);
});
