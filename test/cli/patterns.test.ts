import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { corral } from '../support/cli.ts';
import { tempDir } from '../support/temp.ts';

const SLOW_LOOP = `id: my-loop
title: A loop of mine
risk: low
confidence: high
action: warn
effects: [It is there]
recovery: { advice: Leave it. }
match: { static: { loop: infinite } }
message: "the {{loop}} goes on"
tests:
  invalid: ["for (;;) await sleep(5);"]
  valid: ["return 1;"]
`;

function folderOf(files: Record<string, string>) {
  const dir = tempDir();
  for (const [name, text] of Object.entries(files)) writeFileSync(join(dir.path, name), text);
  return dir;
}

describe('corral patterns', () => {
  test('lists every pattern in 80 columns, without colour in a pipe', async () => {
    const { code, stdout, stderr } = await corral(['patterns']);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^built-in\n {2}chat-spam +high +pause +10 in 5s +Chat spam$/m);
    assert.match(stdout, /^ {2}memory-leak +high +stop +Data that only grows$/m);
    for (const line of stdout.split('\n')) assert.ok(line.length <= 80, line);
    assert.ok(!stdout.includes('\u001b'));
  });

  test('explains one in words, with macros that show it', async () => {
    const { code, stdout } = await corral(['patterns', 'chat-spam']);
    assert.equal(code, 0);
    assert.match(stdout, /^chat-spam {2}Chat spam$/m);
    assert.match(stdout, /11 or more\s+can fall into 5s\. While it runs: more than 10 in 5s/);
    assert.match(stdout, /the run is paused and goes on after 5s/);
    assert.match(stdout, /Put `await sleep\(600\)` after each `chat\.say`/);
    assert.match(stdout, /CWE-770/);
    assert.match(stdout, /matches\n {2}\| for \(;;\) await chat\.say/);
    assert.match(stdout, /does not match\n {2}\| /);
  });

  test('asks what was meant when there is none of that name, and ends with 2', async () => {
    const near = await corral(['patterns', 'chatspam']);
    assert.equal(near.code, 2);
    assert.match(near.stderr, /There is no pattern "chatspam"; did you mean chat-spam\?/);
    const far = await corral(['patterns', 'x\u001b[31m']);
    assert.match(far.stderr, /"x\\x1b\[31m"; there are chat-spam, combat-spam/);
  });

  test('prints JSON: all of them, or one', async () => {
    const all = JSON.parse((await corral(['patterns', '--json'])).stdout);
    assert.equal(all.length, 10);
    const one = JSON.parse((await corral(['patterns', 'chat-spam', '--json'])).stdout);
    assert.equal(one.id, 'chat-spam');
    assert.equal(one.builtIn, true);
    assert.equal(one.maxOccurrences, 10);
  });

  test('adds those of a folder', async () => {
    using dir = folderOf({ 'my-loop.yaml': SLOW_LOOP });
    const { code, stdout } = await corral(['patterns', '--patterns', dir.path]);
    assert.equal(code, 0);
    assert.match(stdout, /my-loop +low +warn +A loop of mine/);
    assert.ok(stdout.includes(`\n${dir.path}\n`));
  });

  test('runs the tests of one, and says which macro failed', async () => {
    const fine = await corral(['patterns', 'infinite-loop', '--test']);
    assert.equal(fine.code, 0, fine.stdout);
    assert.match(fine.stdout, /✔ infinite-loop {2}9 of 9\n9 of 9 tests passed/);
    using dir = folderOf({ 'my-loop.yaml': SLOW_LOOP.replace('return 1;', 'for (;;) {}') });
    const bad = await corral(['patterns', 'my-loop', '--test', '--patterns', dir.path]);
    assert.equal(bad.code, 1);
    assert.match(bad.stdout, /✖ my-loop {2}1 of 2\n {4}should not be matched and is/);
    assert.match(bad.stdout, /told: the loop at line 1 goes on\n {6}for \(;;\) \{\}/);
  });

  test('checks files, tells every problem with its line, and ends with 1', async () => {
    using dir = folderOf({
      'good.yaml': SLOW_LOOP,
      'bad.yaml': SLOW_LOOP.replace('my-loop', 'other').replace('risk: low', 'risc: low'),
    });
    const { code, stdout } = await corral(['patterns', '--validate', dir.path]);
    assert.equal(code, 1);
    assert.match(stdout, /✔ .*good\.yaml/);
    assert.match(stdout, /✖ .*bad\.yaml, line 3: .*`risc`; did you mean `risk`\?/);
    assert.match(stdout, /1 fine, 1 not/);
    const fine = await corral(['patterns', '--validate', join(dir.path, 'good.yaml'), '--json']);
    assert.equal(fine.code, 0);
    assert.deepEqual(JSON.parse(fine.stdout).problems, []);
  });

  for (const [what, args, told] of [
    [
      'a folder that is not there',
      ['--patterns', '/no/such'],
      /Cannot read \/no\/such: it does not exist/,
    ],
    ['a file that is not there', ['--validate', '/no/such.yaml'], /Cannot read \/no\/such\.yaml/],
    [
      '--validate with a name',
      ['chat-spam', '--validate', 'x'],
      /leave the pattern id and --test out/,
    ],
    ['an unknown option', ['--tests'], /Did you mean --test\?/],
  ] as const)
    test(`ends with 2 for ${what}`, async () => {
      const { code, stderr } = await corral(['patterns', ...args]);
      assert.equal(code, 2);
      assert.match(stderr, told);
    });

  test('does not list while one of them is bad', async () => {
    using dir = folderOf({ 'a.yaml': SLOW_LOOP.replace('my-loop', 'chat-spam') });
    const { code, stdout, stderr } = await corral(['patterns', '--patterns', dir.path]);
    assert.equal(code, 2);
    assert.equal(stdout, '');
    assert.match(stderr, /a\.yaml, line 1: the id `chat-spam` is taken by/);
  });
});
