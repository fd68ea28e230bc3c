import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { CorralError } from '../../src/model/errors.ts';
import { checkPatterns, loadPatterns } from '../../src/policy/patterns.ts';
import { factsOf } from '../support/pattern-facts.ts';
import { PATTERN_TEXT, patternText } from '../support/pattern-text.ts';
import { tempDir } from '../support/temp.ts';

/** Knows endless shouting when it sees it. */
const toFacts = (source: string) =>
  factsOf(
    source,
    source.includes('shout')
      ? [{ name: 'chat.shout', max: source.includes('for') ? null : 1 }]
      : [],
  );

function folderOf(files: Record<string, string | Uint8Array>) {
  const dir = tempDir();
  for (const [name, text] of Object.entries(files)) writeFileSync(join(dir.path, name), text);
  return dir;
}

async function refused(paths: readonly string[]): Promise<CorralError> {
  try {
    loadPatterns(paths, { toFacts });
  } catch (error) {
    assert.ok(error instanceof CorralError, String(error));
    return error;
  }
  return assert.fail('it was loaded');
}

describe('loading patterns', () => {
  test('gives the built-in ones first, then those of each folder by name', async () => {
    using one = folderOf({
      'b.yaml': patternText('shout-spam', 'b'),
      'a.yml': patternText('shout-spam', 'a'),
    });
    using two = folderOf({ 'c.yaml': patternText('shout-spam', 'c'), 'notes.txt': 'no pattern' });
    const loaded = loadPatterns([one.path, two.path], { toFacts });
    assert.equal(loaded.filter(({ isBuiltIn }) => isBuiltIn).length, 10);
    assert.deepEqual(
      loaded.slice(10).map(({ pattern }) => pattern.id),
      ['a', 'b', 'c'],
    );
  });

  test('takes a single file, and once what is named twice', async () => {
    using dir = folderOf({ 'a.yaml': PATTERN_TEXT });
    const file = join(dir.path, 'a.yaml');
    const loaded = loadPatterns([dir.path, file], { toFacts, builtIn: false });
    assert.equal(loaded.length, 1);
  });

  test('refuses an id that is taken, by a built-in one too, and says by whom', async () => {
    using dir = folderOf({ 'a.yaml': PATTERN_TEXT, 'b.yaml': PATTERN_TEXT });
    const { code, message } = await refused([dir.path]);
    assert.equal(code, 'bad-pattern');
    assert.match(message, /b\.yaml, line 1: the id `shout-spam` is taken by .*a\.yaml/);
    using same = folderOf({ 'x.yaml': patternText('shout-spam', 'chat-spam') });
    assert.match((await refused([same.path])).message, /taken by .*patterns.chat-spam\.yaml/);
  });

  test("refuses a pattern whose own tests fail, with the test's line", async () => {
    using blind = folderOf({ 'a.yaml': patternText('for (;;) await chat.shout();', 'return 1') });
    assert.match(
      (await refused([blind.path])).message,
      /a\.yaml, line 21: `tests\.invalid` number 1 is not matched/,
    );
    using eager = folderOf({
      'a.yaml': patternText('"await chat.shout();"', '"for (;;) await chat.shout();"'),
    });
    assert.match(
      (await refused([eager.path])).message,
      /a\.yaml, line 23: `tests\.valid` number 1 is matched/,
    );
  });

  test('tells the first problem and how many more there are; a check tells all', async () => {
    using dir = folderOf({ 'a.yaml': 'id: 1\nrisks: 2\n', 'b.yaml': '[' });
    assert.match((await refused([dir.path])).message, /a\.yaml, line 2: .*\(and \d+ more\)$/);
    const { problems } = checkPatterns([dir.path], { toFacts });
    assert.ok(problems.some(({ file }) => file.endsWith('b.yaml')));
  });

  for (const [what, content, told] of [
    ['too large', '#'.repeat(70_000), /is larger than 64 kB/],
    ['not UTF-8', Uint8Array.of(0xff, 0xfe, 0x41, 0x00), /is not UTF-8/],
    ['empty', '', /a\.yaml, line 1: the file must hold keys: id, title/],
  ] as const)
    test(`refuses a file that is ${what}`, async () => {
      using dir = folderOf({ 'a.yaml': content });
      assert.match((await refused([dir.path])).message, told);
    });

  test('refuses what is not there, cannot be read, or holds no pattern', async () => {
    assert.match((await refused(['/no/such/folder'])).message, /Cannot read .*does not exist/);
    using dir = tempDir();
    assert.match((await refused([dir.path])).message, /There is no pattern \(\*\.yaml\) in/);
    mkdirSync(join(dir.path, 'a.yaml'));
    assert.match((await refused([dir.path])).message, /a\.yaml: is no plain file/);
    // Root may read everything.
    if (process.getuid?.() === 0) return;
    using shut = folderOf({ 'a.yaml': PATTERN_TEXT });
    chmodSync(join(shut.path, 'a.yaml'), 0o000);
    assert.equal((await refused([shut.path])).code, 'unreadable-file');
  });

  test('does not wait for a pipe', async () => {
    using dir = tempDir();
    execFileSync('mkfifo', [join(dir.path, 'a.yaml')]);
    assert.match((await refused([dir.path])).message, /is no plain file/);
  });
});
