import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createTrainingGround } from '../../src/hosts/training-ground.ts';

const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
const COMMANDS = createTrainingGround({ seed: 1 }).commands;

function commands(...args: string[]) {
  return spawnSync(process.execPath, [MAIN, 'commands', ...args], { encoding: 'utf8' });
}

describe('corral commands', () => {
  test('shows every command with what it does, within 80 columns and without colour in a pipe', () => {
    const { stdout, stderr, status } = commands();
    assert.equal(status, 0);
    assert.equal(stderr, '');
    for (const { name, description, slash } of COMMANDS) {
      assert.match(stdout, new RegExp(`^  ${name.replace('.', '\\.')}\\(.* /${slash} `, 'm'));
      assert.ok(stdout.includes(`      ${description}\n`), name);
    }
    for (const line of stdout.split('\n')) assert.ok(line.length <= 80, line);
    assert.ok(!stdout.includes('\u001b'));
  });

  test('says of a command how it is limited where that is not plain waiting', () => {
    const { stdout } = commands('chat');
    const broadcast = stdout.slice(stdout.indexOf('chat.broadcast'));
    assert.match(broadcast, /at most 3 a run, then the run ends/);
    assert.match(broadcast, /ends the run when given faster than its rate/);
    assert.match(broadcast, /privileged/);
    assert.match(stdout, /chat\.whisper[^\n]*\n[^\n]*\n +throws when given faster than its rate/);
  });

  test('shows one category by its name', () => {
    const { stdout } = commands('teleport');
    assert.match(stdout, /teleport\.waypoints\(\)/);
    assert.doesNotMatch(stdout, /movement\.where\(\)/);
  });

  test('shows one command in full, by its name or its slash word', () => {
    const { stdout, status } = commands('inventory.take');
    assert.equal(status, 0);
    assert.match(stdout, /\/take <chest> <item> \[count\]/);
    assert.match(stdout, /count\?: number {2}\/\/ default 1/);
    assert.match(stdout, /inChest: number/);
    assert.equal(commands('/take').stdout, stdout);
  });

  test('says which categories there are when nothing has that name, and ends with 2', () => {
    const { stdout, stderr, status } = commands('magic\u001b[31m');
    assert.equal(status, 2);
    assert.equal(stdout, '');
    assert.match(
      stderr,
      /no command or category "magic\\x1b\[31m"; the categories are movement, combat/,
    );
  });

  test('gives programs one JSON array with everything there is to know', () => {
    const list = JSON.parse(commands('--json').stdout) as Record<string, unknown>[];
    assert.deepEqual(
      list.map(({ name }) => name),
      COMMANDS.map(({ name }) => name),
    );
    const [attack] = list.filter(({ name }) => name === 'combat.attack');
    assert.deepEqual(Object.keys(attack ?? {}).sort(), [
      'category',
      'description',
      'idempotent',
      'input',
      'maxPerRun',
      'name',
      'onLimit',
      'output',
      'privileged',
      'rate',
      'slash',
      'usage',
      'verb',
    ]);
  });
});
