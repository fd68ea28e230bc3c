// `corral-disable…` comments: which are read, what they silence, and that admission never asks them.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { analyse } from '../../../src/analysis/analyse.ts';
import { applyDisables } from '../../../src/analysis/text/disable-comments.ts';
import { GUARD_LEVELS, toGuard } from '../../../src/model/guard.ts';
import { admit } from '../../../src/policy/admit.ts';

const look = (source: string, language: 'js' | 'ts' = 'js') =>
  analyse(source, { file: 'm.js', language });

/** The rules that are still told of a text, and those that are silenced. */
function rules(source: string) {
  const { report, disables } = look(source);
  const { told, suppressed } = applyDisables(report.findings, disables);
  return {
    told: told.map(({ rule }) => rule),
    silenced: suppressed.map(({ finding }) => finding.rule),
  };
}

const LOOP = 'for (;;);';
const SILENT = { told: [], silenced: ['infinite-loop'] };

describe('a comment silences', () => {
  for (const [where, source] of [
    ['the next line', `// corral-disable-next-line infinite-loop -- why\n${LOOP}`],
    ['the next line, as a block', `/* corral-disable-next-line infinite-loop -- why */\n${LOOP}`],
    ['the next line of code', `// corral-disable-next-line infinite-loop -- why\n\n  \n${LOOP}`],
    [
      'the next line, under windows',
      `// corral-disable-next-line infinite-loop -- why\r\n${LOOP}\r\n`,
    ],
    ['its own line', `${LOOP} // corral-disable-line infinite-loop -- why`],
    ['its own line, in front', `/* corral-disable-line infinite-loop -- why */ ${LOOP}`],
    ['the rest of the text', `// corral-disable infinite-loop -- why\nlog(1);\n\n${LOOP}`],
    [
      'all until it is enabled',
      `// corral-disable infinite-loop -- why\n${LOOP}\n// corral-enable`,
    ],
    ['without blanks', `//corral-disable-next-line infinite-loop -- why\n${LOOP}`],
    ['behind stars', `/** corral-disable-next-line infinite-loop -- why */\n${LOOP}`],
    [
      'in a block of several lines',
      `/*\n * corral-disable-next-line infinite-loop -- why\n */\n${LOOP}`,
    ],
    [
      'inside a template',
      `\`\${(() => {\n// corral-disable-next-line infinite-loop -- why\n${LOOP} })()}\``,
    ],
  ] as const)
    test(where, () => assert.deepEqual(rules(source), SILENT));

  test('several rules, with commas or blanks between', () => {
    for (const list of ['infinite-loop, slow-regex', 'slow-regex infinite-loop'])
      assert.deepEqual(
        rules(`// corral-disable ${list} -- why\n/^(a+)+$/.test(input.text);\n${LOOP}`),
        { told: [], silenced: ['infinite-loop', 'slow-regex'] },
      );
  });

  test('comments that stand below each other', () => {
    const source =
      '// corral-disable-next-line infinite-loop -- a\n// corral-disable-next-line slow-regex -- b\n' +
      'for (;;) /^(a+)+$/.test(input.text);';
    assert.deepEqual(rules(source).told, []);
  });

  test('what does not parse', () =>
    assert.deepEqual(rules('// corral-disable syntax-error -- a template\nreturn {{name}}'), {
      told: [],
      silenced: ['syntax-error'],
    }));
});

describe('a comment does not silence', () => {
  for (const [what, source] of [
    ['another line', `// corral-disable-next-line infinite-loop -- why\nlog(1);\n${LOOP}`],
    ['another rule', `// corral-disable-next-line slow-regex -- why\n${LOOP}`],
    ['what stands before it', `${LOOP}\n// corral-disable infinite-loop -- why`],
    [
      'what comes after its end',
      `// corral-disable infinite-loop -- why\n// corral-enable infinite-loop\n${LOOP}`,
    ],
    ['anything without naming it', `// corral-disable\n${LOOP}`],
    ['anything from inside a string', `log("// corral-disable infinite-loop -- why");\n${LOOP}`],
    ['anything from code below an empty comment', `//\ncorral-disable;\n${LOOP}`],
    [
      'anything from inside a template',
      `log(\`\n// corral-disable infinite-loop -- why\n\`);\n${LOOP}`,
    ],
    [
      'anything from inside a regular expression',
      `log(/[/][/] corral-disable infinite-loop/);\n${LOOP}`,
    ],
    [
      'anything when it is spoken of',
      `// the comment corral-disable infinite-loop -- why\n${LOOP}`,
    ],
    ['anything by a longer word', `// corral-disable-nothing infinite-loop -- why\n${LOOP}`],
  ] as const)
    test(what, () => assert.ok(rules(source).told.includes('infinite-loop')));
});

describe('of the comments themselves is told', () => {
  const told = (source: string) =>
    look(source).report.findings.filter(({ rule }) => rule === 'unused-disable');

  test('that one silences nothing, and how to take it out', () => {
    const [finding] = told('log(1);\n  // corral-disable-next-line infinite-loop -- why\nlog(2);');
    assert.match(finding?.message ?? '', /`infinite-loop` finds nothing here/);
    assert.deepEqual([finding?.line, finding?.column, finding?.level], [2, 31, 'info']);
    const { message: _, ...fix } = finding?.fix ?? { message: '' };
    assert.deepEqual(fix, { text: '', safe: true, line: 2, column: 1, endLine: 3, endColumn: 1 });
  });

  test('that one gives no reason', () =>
    assert.match(
      told(`// corral-disable-next-line infinite-loop\n${LOOP}`)[0]?.message ?? '',
      /does not say why/,
    ));
  test('that dashes alone are no reason', () =>
    assert.match(
      told(`// corral-disable-next-line infinite-loop --\n${LOOP}`)[0]?.message ?? '',
      /does not say why/,
    ));
  test('that one names no rule there is, and which may be meant', () =>
    assert.match(
      told(`// corral-disable-next-line infinte-loop -- why\n${LOOP}`)[0]?.message ?? '',
      /no rule `infinte-loop`; did you mean `infinite-loop`\?/,
    ));
  test('that one names none', () =>
    assert.match(
      told(`// corral-disable-next-line -- why\n${LOOP}`)[0]?.message ?? '',
      /names no rule/,
    ));
  test('nothing where a pattern is named: who has loaded them knows', () =>
    assert.deepEqual(told(`// corral-disable pattern:chat-spam -- why\n${LOOP}`), []));
  test('a hostile name harmlessly', () => {
    const [finding] = told(`// corral-disable-line \u202e\u001b[31m${'x'.repeat(300)} -- why`);
    assert.doesNotMatch(finding?.message ?? '\u202e', /[\p{Cc}\p{Cf}]/u);
    assert.ok((finding?.message.length ?? 999) < 200);
  });
});

describe('a macro cannot silence its own guard', () => {
  const source = `// corral-disable infinite-loop, infinite-recursion, syntax-error -- trust me\n${LOOP}`;
  test('the report has what is silenced, its verdict and its risk', () => {
    const [silenced, plain] = [look(source).report, look(`\n${LOOP}`).report];
    assert.ok(
      silenced.findings.some(({ rule, level }) => rule === 'infinite-loop' && level === 'error'),
    );
    assert.equal(silenced.verdict, 'refuse');
    assert.ok(silenced.risk >= plain.risk);
  });
  for (const level of GUARD_LEVELS)
    test(`${level} refuses it`, () =>
      assert.equal(
        admit(look(source).report, { lint: true, guard: toGuard(level) }).verdict,
        'refuse',
      ));
});

test('of a text full of comments only so many are read', () => {
  const { disables } = look('// corral-disable-next-line infinite-loop -- why\n\n'.repeat(20_000));
  assert.equal(disables.list.length, 500);
  assert.equal(look('// corral-disable infinite-loop '.repeat(50_000)).disables.list.length, 500);
  assert.equal(look('// corral-disable\n'.repeat(20_000)).disables.nameless.length, 2000);
});
