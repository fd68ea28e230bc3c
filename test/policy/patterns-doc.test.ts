import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { MESSAGE_WORDS, Pattern } from '../../src/model/pattern.ts';
import { CommandMatch, LiveMatch, LiveTest, StaticMatch } from '../../src/model/pattern-match.ts';
import { parsePatternFile } from '../../src/policy/pattern-file.ts';
import { limitText } from '../../src/policy/pattern-message.ts';
import { loadPatterns } from '../../src/policy/patterns.ts';
import { ROOT } from '../support/cli.ts';
import { factsOf } from '../support/pattern-facts.ts';

const page = readFileSync(join(ROOT, 'docs/patterns.md'), 'utf8');

function sectionOf(heading: string): string {
  return page.slice(page.indexOf(heading)).split(/\n#/)[0] ?? '';
}

/** The first cells of the table under a heading, without what follows a colon. */
function cells(heading: string): string[] {
  return [...sectionOf(heading).matchAll(/^\| `([^`:]+)[^|]*\|/gm)].map(([, cell = '']) => cell);
}

describe('docs/patterns.md', () => {
  test('has a row for each condition and word, and no other', () => {
    assert.deepEqual(cells('### `match.command`').sort(), Object.keys(CommandMatch.shape).sort());
    assert.deepEqual(cells('### `match.static`').sort(), Object.keys(StaticMatch.shape).sort());
    assert.deepEqual(cells('### `match.live`').sort(), Object.keys(LiveMatch.shape).sort());
    const keys = [...sectionOf('### `tests`').matchAll(/^\| (`.+?) \|/gm)];
    assert.deepEqual(
      keys.flatMap(([, cell = '']) => cell.replaceAll('`', '').split(', ')).sort(),
      Object.keys(LiveTest.shape).sort(),
    );
    const words = Object.keys(MESSAGE_WORDS).map((word) => `{{${word}}}`);
    assert.deepEqual(cells('### `message`').sort(), words.sort());
  });

  test('has a row for each built-in pattern, with what it allows and does', async () => {
    const loaded = loadPatterns([], { toFacts: (source) => factsOf(source, []) });
    assert.equal(cells('## The built-in ones').length, loaded.length);
    for (const { pattern } of loaded) {
      const allowed = pattern.maxOccurrences === undefined ? '' : `${limitText(pattern)} `;
      const row = page.split('\n').find((line) => line.startsWith(`| \`${pattern.id}\``));
      assert.ok(row?.endsWith(`| ${allowed}| ${pattern.action} |`), row ?? pattern.id);
    }
  });

  test('shows an example that is a pattern, with every key there is', () => {
    const [, yaml = ''] = /```yaml\n([\s\S]*?)```/.exec(page) ?? [];
    const parsed = parsePatternFile(yaml, 'example.yaml');
    assert.ok('read' in parsed, JSON.stringify(parsed));
    assert.deepEqual(Object.keys(parsed.read.pattern).sort(), Object.keys(Pattern.shape).sort());
  });
});
