import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import {
  BUILT_IN_PATTERNS,
  checkBuiltInPatterns,
  checkedBefore,
} from '../../src/policy/checked-patterns.ts';
import { parsePatternFile } from '../../src/policy/pattern-file.ts';

const file = join(BUILT_IN_PATTERNS, 'chat-spam.yaml');
const text = readFileSync(file, 'utf8');

describe('the built-in patterns as they were checked', () => {
  test('are up to date: node src/policy/checked-patterns.ts > patterns/checked.json', () => {
    const kept = readFileSync(join(BUILT_IN_PATTERNS, 'checked.json'), 'utf8');
    assert.deepEqual(JSON.parse(kept), JSON.parse(JSON.stringify(checkBuiltInPatterns())));
  });

  test('are what reading the file gives, lines and all', () => {
    const parsed = parsePatternFile(text, file);
    assert.ok('read' in parsed);
    const checked = checkedBefore(text, file);
    assert.deepEqual(checked?.pattern, parsed.read.pattern);
    assert.equal(checked.lineOf(['risk']), parsed.read.lineOf(['risk']));
    assert.ok(checked.lineOf(['risk']) > 1);
  });

  test('are not those of a file that was changed', () => {
    assert.equal(checkedBefore(`${text} `, file), null);
  });
});
