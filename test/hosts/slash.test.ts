import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { z } from 'zod';
import { parseSlash, SLASH_CHARS_MAX, slashUsage } from '../../src/hosts/slash.ts';
import { type Command, defineCommand } from '../../src/model/command.ts';
import { CorralError } from '../../src/model/errors.ts';

function declare(name: string, input: z.ZodObject, slash?: string): Command {
  return defineCommand({
    name,
    description: 'For the test.',
    input,
    output: z.object({}),
    ...(slash !== undefined && { slash }),
    run: () => ({}),
  });
}

const COMMANDS = [
  declare('chat.say', z.object({ text: z.string() })),
  declare('chat.whisper', z.object({ to: z.string(), text: z.string() })),
  declare(
    'bag.take',
    z.object({ chest: z.string(), count: z.int().default(1), loud: z.boolean().optional() }),
  ),
  declare('bag.mark', z.object({ at: z.array(z.number()), big: z.bigint().optional() })),
  declare('light.set', z.object({ level: z.number() })),
  declare('sound.set', z.object({ level: z.number() })),
  declare('door.open', z.object({}), 'unlock'),
];

function read(line: string): [string, Record<string, unknown>] {
  const { command, args } = parseSlash(line, COMMANDS);
  return [command.name, args];
}

function refused(line: string, message: RegExp): void {
  assert.throws(
    () => parseSlash(line, COMMANDS),
    (error) => {
      assert.ok(error instanceof CorralError);
      assert.equal(error.code, 'bad-command');
      assert.match(error.message, message);
      return true;
    },
  );
}

describe('a slash line', () => {
  test('gives the inputs in their order, each as its type', () => {
    assert.deepEqual(read('/take barn 2 yes'), [
      'bag.take',
      { chest: 'barn', count: 2, loud: true },
    ]);
    assert.deepEqual(read('/take barn'), ['bag.take', { chest: 'barn' }]);
  });

  test('or by name, in any order', () => {
    assert.deepEqual(read('/take loud=off chest=barn'), [
      'bag.take',
      { chest: 'barn', loud: false },
    ]);
    assert.deepEqual(read('/take count=3 barn'), ['bag.take', { chest: 'barn', count: 3 }]);
  });

  test('may name the command in full', () => {
    assert.deepEqual(read('/chat.say hello'), ['chat.say', { text: 'hello' }]);
  });

  test('is found by its own slash word where it has one', () => {
    assert.deepEqual(read('/unlock'), ['door.open', {}]);
    refused('/open', /no command/);
  });

  test('takes the rest of the line for a text at the end, as it stands', () => {
    assert.deepEqual(read('/say hello  there, x=1'), ['chat.say', { text: 'hello  there, x=1' }]);
    assert.deepEqual(read('/whisper mara see you'), [
      'chat.whisper',
      { to: 'mara', text: 'see you' },
    ]);
  });

  test('keeps words in quotes together', () => {
    assert.deepEqual(read(String.raw`/whisper "big bob" "say \"hi\" \\"`), [
      'chat.whisper',
      { to: 'big bob', text: String.raw`say "hi" \ `.trim() },
    ]);
  });

  test('takes JSON for lists, and large whole numbers for BigInt', () => {
    assert.deepEqual(read('/mark [1,2] 90071992547409930'), [
      'bag.mark',
      { at: [1, 2], big: 90071992547409930n },
    ]);
  });

  test('never makes a prototype out of a name', () => {
    const [, args] = read('/say __proto__=1');
    assert.deepEqual(args, { text: '__proto__=1' });
    assert.equal(Object.getPrototypeOf(args), Object.prototype);
  });
});

describe('a slash line that does not fit', () => {
  test('says what is wrong with which word', () => {
    refused('say hello', /does not begin with a slash/);
    refused('/take', /needs chest: \/take <chest> \[count\] \[loud\]/);
    refused('/take barn many', /count of \/take: "many" is not a number/);
    refused('/take barn 1 maybe', /loud of \/take: "maybe" is neither true nor false/);
    refused('/take barn 1 yes more', /"more" is one word too many/);
    refused('/take barn chest=attic', /is given chest twice/);
    refused('/say "hello', /quote at column 6 is never closed/);
  });

  test('guesses what was meant, or lists what it could be', () => {
    refused('/wisper mara hi', /did you mean \/whisper\?/);
    refused('/set 3', /ambiguous; write \/light.set or \/sound.set/);
    refused('/', /there is no command/);
  });

  test('is shown without its controls', () => {
    refused('/\u001b[31mred', /\\x1b\[31mred/);
  });

  test('is refused when it is very long, and read in one go when it is not', () => {
    refused(`/say ${'x'.repeat(SLASH_CHARS_MAX)}`, /at most 4096 are taken/);
    const quotes = `/say ${'"\\'.repeat(SLASH_CHARS_MAX / 2 - 10)}`;
    refused(quotes, /never closed/);
  });
});

test('the usage of a command shows what may be left out', () => {
  assert.deepEqual(COMMANDS.map(slashUsage), [
    '/say <text>',
    '/whisper <to> <text>',
    '/take <chest> [count] [loud]',
    '/mark <at> [big]',
    '/set <level>',
    '/set <level>',
    '/unlock',
  ]);
});
