import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { createPrintHost } from '../../src/hosts/print.ts';
import { createTrainingGround } from '../../src/hosts/training-ground.ts';
import { defineCommand } from '../../src/model/command.ts';

const CONTEXT = { runId: 'test', macro: 'test', signal: new AbortController().signal };

test('the print host prints a command and acknowledges it, and the wrapped one never runs', async () => {
  const fire = defineCommand({
    name: 'cannon.fire',
    description: 'For the test.',
    input: z.object({ at: z.string(), shots: z.int().default(1) }),
    output: z.object({ hit: z.boolean() }),
    run: () => assert.fail('it acted'),
  });
  const lines: string[] = [];
  const [command] = createPrintHost([fire], (line) => lines.push(line)).commands;
  assert.ok(command);
  const answer = await command.run(command.input.parse({ at: 'moon\u001b[2J' }), CONTEXT);
  assert.deepEqual(command.output.parse(answer), { ok: true });
  // The escape is JSON's own here; what JSON leaves as it is would be escaped too.
  assert.deepEqual(lines, ['cannon.fire {"at":"moon\\u001b[2J","shots":1}']);
});

test('the print host keeps everything of a catalogue but what commands do and answer', () => {
  const { commands } = createTrainingGround({ seed: 1 });
  const kept = (command: (typeof commands)[number]) => {
    const { run: _, output: __, ...rest } = command;
    return rest;
  };
  assert.deepEqual(
    createPrintHost(commands, () => undefined).commands.map(kept),
    commands.map(kept),
  );
});
