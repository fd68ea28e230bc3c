// SARIF: its shape, places as editors count them, fingerprints that stay, circles as flows, suppressions.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { StaticAnalysisResultsFormatSARIFVersion210Rtm5JSONSchema as Sarif } from '@schemastore/sarif';
import { z } from 'zod';
import { RULES } from '../../../src/analysis/rules/rules.ts';
import type { LintResult } from '../../../src/cli/lint/linted.ts';
import { lintSarif } from '../../../src/cli/render/sarif.ts';
import { lintText, resultOf } from '../../support/lint-results.ts';

const text = z.strictObject({ text: z.string().min(1) });
const help = z.strictObject({ text: z.string().min(1), markdown: z.string().min(1) });
const region = z
  .strictObject({
    startLine: z.int().min(1),
    startColumn: z.int().min(1),
    endLine: z.int().min(1),
    endColumn: z.int().min(1),
  })
  .refine((at) => at.endLine > at.startLine || at.endColumn >= at.startColumn);
/** What a URI reference may be made of. */
const uri = z.string().regex(/^[\w\-.~%/:]+$/);
const artifactLocation = z.strictObject({ uri, uriBaseId: z.literal('%SRCROOT%').optional() });
const physicalLocation = z.strictObject({
  artifactLocation,
  region: region.optional(),
  contextRegion: z
    .strictObject({
      startLine: z.int().min(1),
      endLine: z.int().min(1),
      snippet: z.strictObject({ text: z.string() }),
    })
    .optional(),
});
const level = z.enum(['none', 'note', 'warning', 'error']);
const located = z.strictObject({ physicalLocation });
const related = z.strictObject({ id: z.int().min(0), physicalLocation, message: text });
const step = z.strictObject({
  executionOrder: z.int().min(0),
  location: z.strictObject({ physicalLocation, message: text }),
});
const suppression = z.strictObject({
  kind: z.enum(['inSource', 'external']),
  status: z.enum(['accepted', 'underReview', 'rejected']),
  justification: z.string().optional(),
});
const fix = z.strictObject({
  description: text,
  artifactChanges: z
    .array(
      z.strictObject({
        artifactLocation,
        replacements: z
          .array(
            z.strictObject({
              deletedRegion: region,
              insertedContent: z.strictObject({ text: z.string() }),
            }),
          )
          .min(1),
      }),
    )
    .min(1),
});
const result = z.strictObject({
  ruleId: z.string(),
  ruleIndex: z.int().min(0),
  level,
  message: text,
  locations: z.array(located).length(1),
  relatedLocations: z.array(related).optional(),
  codeFlows: z
    .array(
      z.strictObject({
        threadFlows: z.array(z.strictObject({ locations: z.array(step).min(1) })).min(1),
      }),
    )
    .optional(),
  partialFingerprints: z.record(z.string(), z.string()),
  fixes: z.array(fix).optional(),
  suppressions: z.array(suppression),
});
const rule = z.strictObject({
  id: z.string(),
  shortDescription: text,
  fullDescription: text,
  help,
  helpUri: z.url(),
  defaultConfiguration: z.strictObject({ level }),
});
/** The part of SARIF 2.1.0 that Corral writes, with nothing besides. */
const Log = z.strictObject({
  $schema: z.url(),
  version: z.literal('2.1.0'),
  runs: z
    .array(
      z.strictObject({
        tool: z.strictObject({
          driver: z.strictObject({
            name: z.string(),
            version: z.string(),
            semanticVersion: z.string(),
            rules: z.array(rule),
          }),
        }),
        columnKind: z.enum(['utf16CodeUnits', 'unicodeCodePoints']),
        newlineSequences: z.array(z.string().min(1)).min(1),
        invocations: z.array(
          z.strictObject({
            executionSuccessful: z.boolean(),
            toolExecutionNotifications: z.array(
              z.strictObject({
                level,
                message: text,
                locations: z.array(located).optional(),
              }),
            ),
          }),
        ),
        results: z.array(result),
      }),
    )
    .length(1),
});

/** The log of a result, held against the types and the schema. */
function logOf(lint: LintResult) {
  const log = lintSarif(lint, []) satisfies Sarif;
  return Log.parse(JSON.parse(JSON.stringify(log)));
}
const resultsOf = (source: string, file?: string) =>
  logOf(resultOf(lintText(source, file))).runs[0]?.results ?? [];
const only = (source: string, file?: string) => {
  const [first, ...others] = resultsOf(source, file);
  assert.ok(first && others.length === 0, `one result, not ${1 + others.length}`);
  return first;
};
const placeOf = ({ locations: [first] }: z.infer<typeof result>) => first?.physicalLocation;

describe('the log', () => {
  test('has every rule, with its page', () => {
    const { rules } = logOf(resultOf()).runs[0]?.tool.driver ?? { rules: [] };
    assert.deepEqual(
      rules.map(({ id }) => id),
      RULES.map(({ id }) => id),
    );
    assert.equal(new Set(rules.map(({ helpUri }) => helpUri)).size, rules.length);
  });
  test('points from each result at its rule', () => {
    const { tool, results } = logOf(resultOf(lintText('for (;;);'))).runs[0] ?? assert.fail();
    for (const { ruleId, ruleIndex } of results)
      assert.equal(tool.driver.rules[ruleIndex]?.id, ruleId);
  });
  test('says what could not be read', () => {
    const unread = [
      { file: 'gone.js', message: 'Cannot read it.' },
      { file: '', message: 'None.' },
    ];
    const { invocations } = logOf({ linted: [], unread }).runs[0] ?? assert.fail();
    assert.equal(invocations[0]?.executionSuccessful, false);
    assert.equal(invocations[0]?.toolExecutionNotifications.length, 2);
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
    resultsOf(source).map(({ partialFingerprints }) => Object.values(partialFingerprints)[0]);

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
    steps.map(({ location }) => location.physicalLocation.region?.startLine),
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
