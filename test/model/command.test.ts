import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { z } from 'zod';
import { defineCommand } from '../../src/model/command.ts';

const bare = {
  name: 'chat.say',
  description: 'Say something aloud.',
  input: z.object({ text: z.string() }),
  output: z.object({ heard: z.int() }),
  run: ({ text }: { text: string }) => ({ heard: text.length }),
};

/** What a plain JavaScript host may take for an input. */
const NO_OBJECTS: readonly (readonly [string, unknown])[] = [
  ['anything', z.any()],
  ['a record', z.record(z.string(), z.string())],
  ['one of two', z.union([z.object({ a: z.string() }), z.object({ b: z.string() })])],
  ['an object made into something else', z.object({ a: z.string() }).transform(({ a }) => a)],
  ['an object that may be missing', z.object({ a: z.string() }).optional()],
  ['a plain object', { text: 'string' }],
  ['missing', undefined],
  ['null', null],
];

describe('a declared command', () => {
  test('is named by its category and verb, and has mild defaults', () => {
    const { input, output, run, ...rest } = defineCommand(bare);
    assert.deepEqual(rest, {
      name: 'chat.say',
      category: 'chat',
      verb: 'say',
      slash: 'say',
      description: 'Say something aloud.',
      rate: null,
      maxPerRun: null,
      onLimit: 'wait',
      idempotent: false,
      privileged: false,
    });
    assert.equal(input, bare.input);
    assert.equal(output, bare.output);
    assert.equal(typeof run, 'function');
  });

  test('keeps what it declares', () => {
    const command = defineCommand({
      ...bare,
      rate: { perSecond: 2, burst: 4 },
      maxPerRun: 10,
      onLimit: 'kill',
      idempotent: true,
      privileged: true,
      slash: 's',
    });
    assert.deepEqual(command.rate, { perSecond: 2, burst: 4 });
    assert.equal(command.maxPerRun, 10);
    assert.equal(command.onLimit, 'kill');
    assert.equal(command.idempotent, true);
    assert.equal(command.privileged, true);
    assert.equal(command.slash, 's');
  });

  test('bursts its rate rounded up, so that a slow one can be given at all', () => {
    const burst = (perSecond: number) =>
      defineCommand({ ...bare, rate: { perSecond } }).rate?.burst;
    assert.deepEqual([0.1, 1, 2.5].map(burst), [1, 1, 3]);
  });

  test('runs as its declaration does', () => {
    const context = { runId: 'r', macro: 'm', signal: new AbortController().signal };
    assert.deepEqual(defineCommand(bare).run({ text: 'hello' }, context), { heard: 5 });
  });
});

describe('a command is refused', () => {
  for (const name of [
    'say',
    'chat.',
    '.say',
    'chat.say.loud',
    'Chat.say',
    'chat.Say',
    'chat say',
    'chat.say\n',
    'chat.__proto__',
    '2chat.say',
    `${'c'.repeat(33)}.say`,
  ]) {
    test(`when it is named ${JSON.stringify(name)}`, () => {
      assert.throws(() => defineCommand({ ...bare, name }), {
        name: 'CorralError',
        code: 'bad-command',
        message: `command "${name}" is not named category.verb; write for example "chat.say"`,
      });
    });
  }

  for (const category of ['input', 'state', 'log', 'console', 'macros', 'signal', 'globalThis']) {
    test(`when its category would hide \`${category}\` from macros`, () => {
      assert.throws(() => defineCommand({ ...bare, name: `${category}.say` }), {
        code: 'bad-command',
        message: /is a name every macro already has; choose another category/,
      });
    });
  }

  for (const [what, input] of NO_OBJECTS)
    test(`when its input is ${what}`, () => {
      // The types forbid it; a host in plain JavaScript has none.
      const declaration = { ...bare, input } as unknown as typeof bare;
      assert.throws(() => defineCommand(declaration), {
        code: 'bad-command',
        message: /^command "chat\.say": input has to be a z\.object; write for example /,
      });
    });

  test('but not for an object that refuses, takes or checks more', () => {
    const object = z.object({ text: z.string() });
    for (const input of [object.strict(), object.loose(), object.refine(() => true), z.object({})])
      assert.ok(defineCommand({ ...bare, input, run: () => ({ heard: 1 }) }));
  });

  for (const [what, change] of [
    ['a rate of nothing', { rate: { perSecond: 0 } }],
    ['a rate below nothing', { rate: { perSecond: -1 } }],
    ['a rate that is no number', { rate: { perSecond: Number.NaN } }],
    ['a burst below one', { rate: { perSecond: 1, burst: 0.5 } }],
    ['no time per run', { maxPerRun: 0 }],
    ['half a time per run', { maxPerRun: 1.5 }],
    ['endless times per run', { maxPerRun: Number.POSITIVE_INFINITY }],
  ] as const) {
    test(`for ${what}`, () => {
      assert.throws(() => defineCommand({ ...bare, ...change }), {
        code: 'bad-command',
        message: /^command "chat\.say": (rate|maxPerRun) /,
      });
    });
  }
});
