import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { toMacroFacts } from '../../src/analysis/macro-facts.ts';
import { runPatternTests } from '../../src/policy/pattern-tests.ts';
import { loadPatterns } from '../../src/policy/patterns.ts';
import { ROOT } from '../support/cli.ts';

describe('the built-in patterns', async () => {
  const patterns = loadPatterns([], { toFacts: toMacroFacts });

  test('are ten, each in a file of its name, none with the words of another', () => {
    assert.deepEqual(
      patterns.map(({ pattern }) => `${pattern.id}.yaml`),
      readdirSync(join(ROOT, 'patterns'))
        .filter((name) => name.endsWith('.yaml'))
        .sort(),
    );
    assert.deepEqual(patterns.map(({ pattern }) => pattern.id).sort(), [
      'chat-spam',
      'combat-spam',
      'command-spam',
      'infinite-loop',
      'inventory-spam',
      'macro-recursion',
      'memory-leak',
      'rapid-movement',
      'resource-exhaustion',
      'teleport-spam',
    ]);
    assert.equal(new Set(patterns.map(({ pattern }) => pattern.title)).size, 10);
  });

  for (const each of patterns)
    for (const { kind, number, source, hasPassed, message } of runPatternTests(each, toMacroFacts))
      test(`${each.pattern.id}: ${kind} ${number} ${kind === 'valid' ? 'does not match' : 'matches'}`, () => {
        assert.ok(hasPassed, `${source}\n${message}`);
        // A message whose words were not filled in helps nobody.
        assert.doesNotMatch(message ?? '', /[{}]|undefined|NaN|null/);
      });
});
