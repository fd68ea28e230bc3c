import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { runInNewContext } from 'node:vm';
import { z } from 'zod';
import { BUILTIN_HOSTS, HOST_NAMES, type HostName } from '../../src/hosts/builtin-hosts.ts';
import { parseSlash } from '../../src/hosts/slash.ts';
import type { Command, CommandContext } from '../../src/model/command.ts';

const CONTEXT: CommandContext = {
  runId: 'test',
  macro: 'test',
  signal: new AbortController().signal,
};

/** One line of an example in docs/commands.md. */
interface Example {
  readonly name: string;
  readonly args: Record<string, unknown>;
  readonly slash: string;
}

/** docs/commands.md, a section for each command. */
const SECTIONS = new Map(
  readFileSync(new URL('../../docs/commands.md', import.meta.url), 'utf8')
    .split(/^(?=##)/m)
    .flatMap((section) => {
      const name = /^### (\S+)/.exec(section)?.[1];
      return name === undefined ? [] : [[name, section] as const];
    }),
);

function examplesOf(command: Command): Example[] {
  const section = SECTIONS.get(command.name) ?? '';
  return [...section.matchAll(/^await ([\w.]+)\((.*)\); +\/\/ (\/.*)$/gm)].map((match) => ({
    name: match[1] ?? '',
    args: structuredClone(runInNewContext(`(${match[2] || '{}'})`)) as Record<string, unknown>,
    slash: match[3] ?? '',
  }));
}

function commandsOf(host: HostName, seed = 7): readonly Command[] {
  return BUILTIN_HOSTS[host]({ seed, print: () => undefined }).commands;
}

function find(commands: readonly Command[], name: string): Command {
  const command = commands.find((one) => one.name === name);
  assert.ok(command, `the host has ${name}`);
  return command;
}

/** Gives commands one after the other and collects the checked answers. */
async function give(commands: readonly Command[], examples: readonly Example[]) {
  const answers: unknown[] = [];
  for (const { name, args } of examples) {
    const command = find(commands, name);
    const answer = await command.run(command.input.parse(args), CONTEXT);
    answers.push(command.output.parse(answer));
  }
  return answers;
}

for (const host of HOST_NAMES) {
  describe(`every command of ${host}`, () => {
    const commands = commandsOf(host);

    test('has a name, and a slash word, of its own', () => {
      for (const { name, category, verb } of commands) assert.equal(name, `${category}.${verb}`);
      assert.equal(new Set(commands.map(({ name }) => name)).size, commands.length);
      assert.equal(new Set(commands.map(({ slash }) => slash)).size, commands.length);
    });

    test('is described in one sentence', () => {
      for (const { name, description } of commands)
        assert.match(description, /^[A-Z][^\n]*\.$/, name);
    });

    test('has an input and an output that JSON Schema can say', () => {
      for (const command of commands) {
        assert.equal(z.toJSONSchema(command.input, { io: 'input' }).type, 'object', command.name);
        assert.equal(z.toJSONSchema(command.output).type, 'object', command.name);
      }
    });

    test('takes the example of its documentation, as a call and as a slash line', () => {
      for (const command of commands) {
        const examples = examplesOf(command);
        assert.equal(examples.at(-1)?.name, command.name, `docs/commands.md shows ${command.name}`);
        for (const { name, args, slash } of examples) {
          assert.ok(
            find(commands, name).input.safeParse(args).success,
            `${name} takes its example`,
          );
          const parsed = parseSlash(slash, commands);
          assert.equal(parsed.command.name, name, slash);
          assert.deepEqual(parsed.args, args, slash);
        }
      }
    });

    test('answers its example as it declares, the same for the same seed', async () => {
      for (const command of commands) {
        const examples = examplesOf(command);
        const once = await give(commandsOf(host), examples);
        assert.deepEqual(await give(commandsOf(host), examples), once, command.name);
      }
    });

    test('refuses an input of the wrong type', () => {
      for (const { name, input } of commands) {
        for (const key of Object.keys(input.shape)) {
          const wrong = { [key]: Symbol('wrong') };
          assert.equal(input.safeParse(wrong).success, false, `${name} refuses a wrong ${key}`);
        }
      }
    });
  });
}

describe('docs/commands.md', () => {
  const commands = commandsOf('training-ground');

  test('has a section for each command of the training ground and none besides', () => {
    const names = commands.map(({ name }) => name);
    assert.deepEqual([...SECTIONS.keys()], names);
  });

  test('says of each what it does, takes, gives and may not', () => {
    for (const command of commands) {
      const section = SECTIONS.get(command.name) ?? '';
      const says = (words: string) =>
        assert.ok(section.includes(words), `${command.name}: ${words}`);
      says(command.description);
      for (const [key, schema] of Object.entries(command.input.shape))
        says(`\`${key}${schema.safeParse(undefined).success ? '?' : ''}\``);
      for (const key of Object.keys(z.toJSONSchema(command.output).properties ?? {}))
        says(`\`${key}`);
      if (command.maxPerRun !== null) says(`at most ${command.maxPerRun} a run`);
      says(
        { wait: 'then it waits', throw: 'then it throws', kill: 'then it ends the run' }[
          command.onLimit
        ],
      );
      assert.equal(section.includes('\n- idempotent'), command.idempotent, command.name);
      assert.equal(section.includes('\n- privileged'), command.privileged, command.name);
    }
  });
});
