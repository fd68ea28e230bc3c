import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { RULES } from '../../src/analysis/rules/rules.ts';
import { toPatternFacts } from '../../src/cli/pattern-facts.ts';
import { Finding } from '../../src/model/report.ts';
import type { PatternFacts } from '../../src/policy/pattern-facts.ts';
import { runPatternTests } from '../../src/policy/pattern-tests.ts';
import { loadPatterns } from '../../src/policy/patterns.ts';
import { ROOT } from '../support/cli.ts';
import { factsOf } from '../support/pattern-facts.ts';

const CATEGORIES = ['chat', 'combat', 'movement', 'teleport', 'inventory', 'market', 'lamp'];

/** A crude estimate that knows the macros of the built-in patterns' tests; the analysis goes before it where it says more. */
function standIn(source: string): PatternFacts {
  const counted = /for \(let i = 0; i < (\d+);/.exec(source);
  const isEndless = /for \(;;\)|while \(true\)/.test(source);
  // A sleep under an `if` is no pause that can be counted on.
  const pause = /(?<!\) )await sleep\((\d+)\)/.exec(source);
  const names = [...source.matchAll(/\b([a-z]+)\.[a-z]+(?=\()/g)].filter(([, category = '']) =>
    CATEGORIES.includes(category),
  );
  const sketches = names.map(([name]) => ({
    name,
    inLoop: isEndless || counted !== null,
    max: isEndless ? null : Number(counted?.[1] ?? 1),
    everyMs: Number(pause?.[1] ?? 0),
  }));
  const outlives = /^(?:const|let) (\w+) = [^;]*;\n(?:while \(true\)|for \(;;\))/.exec(source);
  const growth =
    outlives && /\.push|\+= '/.test(source) && !/shift/.test(source)
      ? [{ name: outlives[1] ?? '', start: 0, end: 5 }]
      : [];
  return factsOf(source, sketches, { growth });
}

/** What the rule says of huge allocations, by its words alone. */
function hugeFindings(source: string): Finding[] {
  if (RULES.some(({ id }) => id === 'huge-allocation') || !/\de\d/.test(source)) return [];
  const place = { line: 1, column: 1, endLine: 1, endColumn: 2 };
  const base = { rule: 'huge-allocation', level: 'warning', message: 'm', related: [] };
  return [Finding.parse({ ...base, ...place, advice: null, fix: null })];
}

function toFacts(source: string): PatternFacts {
  const facts = toPatternFacts(source);
  const findings = [...facts.report.findings, ...hugeFindings(source)];
  return { ...standIn(source), ...facts, report: { ...facts.report, findings } };
}

describe('the built-in patterns', async () => {
  const patterns = await loadPatterns([], { toFacts });

  test('are ten, each in a file of its name, none with the words of another', () => {
    assert.deepEqual(
      patterns.map(({ pattern }) => `${pattern.id}.yaml`),
      readdirSync(join(ROOT, 'patterns')).sort(),
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
    for (const { kind, number, source, hasPassed, message } of runPatternTests(each, toFacts))
      test(`${each.pattern.id}: ${kind} ${number} ${kind === 'valid' ? 'does not match' : 'matches'}`, () => {
        assert.ok(hasPassed, `${source}\n${message}`);
        // A message whose words were not filled in helps nobody.
        assert.doesNotMatch(message ?? '', /[{}]|undefined|NaN|null/);
      });
});
