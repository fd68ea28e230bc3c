import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parsePatternFile } from '../../src/policy/pattern-file.ts';
import { PATTERN_TEXT, patternText } from '../support/pattern-text.ts';

function problems(text: string): string[] {
  const parsed = parsePatternFile(text, 'x.yaml');
  if (!('problems' in parsed)) return [];
  return parsed.problems.map(({ line, message }) => `${line}: ${message}`);
}

describe('a pattern file that is fine', () => {
  const parsed = parsePatternFile(PATTERN_TEXT, 'x.yaml');
  assert.ok('read' in parsed);
  const { pattern, lineOf } = parsed.read;

  test('is read as it stands', () => {
    assert.equal(pattern.id, 'shout-spam');
    assert.deepEqual(pattern.match, {
      command: { category: 'chat' },
      static: { ratePerWindowAtLeast: 4 },
    });
  });

  test('knows the line of each key, and the nearest one for what is not there', () => {
    assert.equal(lineOf(['id']), 1);
    assert.equal(lineOf(['match', 'command', 'category']), 15);
    assert.equal(lineOf(['tests', 'valid', 0]), 23);
    assert.equal(lineOf(['match', 'command', 'name']), 14);
    assert.equal(lineOf([]), 1);
  });

  test('may have Windows line ends and comments', () =>
    assert.deepEqual(problems(`# mine\r\n${PATTERN_TEXT.replaceAll('\n', '\r\n')}`), []));
});

describe('what is wrong with a pattern file is told with its line and what to do', () => {
  for (const [what, from, to, told] of [
    [
      'an unknown key',
      'risk: high',
      'risks: high',
      /^3: .*unknown key `risks`; did you mean `risk`\?/,
    ],
    [
      'an unknown key deeper down',
      'category: chat',
      'kategory: chat',
      /^15: `match\.command` has an unknown key `kategory`; did you mean `category`\?/,
    ],
    [
      'an unknown key like no other',
      'category: chat',
      'category: chat\n    whatever: 1',
      /^16: .*`whatever`; the keys are category, name, except, privileged/,
    ],
    ['a missing key', 'title: Shouting\n', '', /^1: `title` is missing/],
    [
      'a wrong choice',
      'action: pause',
      'action: explode',
      /^5: `action` must be one of warn, pause/,
    ],
    [
      'a wrong type',
      'maxOccurrences: 3',
      'maxOccurrences: three',
      /^6: `maxOccurrences`: .*number/,
    ],
    ['a number out of range', 'timeWindowMs: 2000', 'timeWindowMs: 0', /^7: `timeWindowMs`: .*>=1/],
    ['a bad id', 'id: shout-spam', 'id: Shout Spam', /^1: `id` must be lower-case words/],
    [
      'a window without a number',
      'maxOccurrences: 3\n',
      '',
      /^6: `timeWindowMs` needs maxOccurrences/,
    ],
    [
      'a rate below what is allowed',
      'ratePerWindowAtLeast: 4',
      'ratePerWindowAtLeast: 2',
      /^17: .*is below maxOccurrences \(3\).* write 4/,
    ],
    [
      'an unknown word in the message',
      '{{count}}',
      '{{cuont}}',
      /^18: `message` has \{\{cuont\}\}; there are count/,
    ],
    [
      'a brace left open',
      '{{count}}',
      '{{count',
      /^18: `message` has (braces that do not pair|\{\{)/,
    ],
    ['a name that is no command', 'category: chat', 'name: shout', /^15: .*must be category\.verb/],
    [
      'a list with a bad name',
      'category: chat',
      'name: [chat.say, shout]',
      /^15: .*must be category\.verb/,
    ],
    ['no test', '    - "await chat.shout();"\n', '', /^22: `tests\.valid`/],
    [
      'a key twice',
      'risk: high',
      'risk: high\nrisk: low',
      /^4: the key `risk` stands twice; keep one of them/,
    ],
    ['a bracket left open', 'title: Shouting', 'title: [Shouting', /is no YAML/],
    ['an unknown tag', 'title: Shouting', 'title: !!js/function x', /^2: is no YAML: .*tag/],
    ['an alias', 'title: Shouting', 'title: &a Shouting\nreferences: [*a]', /^3: has a YAML alias/],
    [
      'a tag',
      'title: Shouting',
      'title: !!str Shouting',
      /^2: has a YAML tag \(tag:yaml\.org,2002:str\)/,
    ],
    ['a second document', 'title: Shouting', '---\ntitle: Shouting', /a second document begins/],
  ] as const) {
    test(what, () => {
      const [first = '', ...others] = problems(patternText(from, to));
      assert.match(first, told);
      assert.ok(others.length < 20, others.join('\n'));
    });
  }

  test('a pattern that would match every macro', () => {
    const all = (match: string) =>
      problems(
        PATTERN_TEXT.replace(/match:[\s\S]*?message: .*/, `match: ${match}\nmessage: x`).replace(
          /maxOccurrences.*\ntimeWindowMs.*\n/,
          '',
        ),
      ).filter((each) => /would match every macro/.test(each)).length;
    assert.equal(all('{}'), 1);
    assert.equal(all('{ command: {} }'), 1);
    assert.equal(all('{ static: {} }'), 1);
    assert.equal(all('{ command: {}, static: { inLoop: false } }'), 1);
    assert.equal(all('{ command: {}, static: { countAtLeast: 1 } }'), 1);
    assert.equal(all('{ command: { privileged: false } }'), 1);
    assert.equal(all('{ command: {}, static: { countAtLeast: 50 } }'), 0);
    assert.equal(all('{ command: { privileged: true } }'), 0);
    assert.equal(all('{ static: { growth: true } }'), 0);
  });

  test('conditions on commands without any command meant', () => {
    const text = PATTERN_TEXT.replace('  command:\n    category: chat\n', '');
    assert.match(problems(text).join('\n'), /15: .*is about commands: say which/);
    assert.match(problems(text).join('\n'), /\{\{count\}\}, but the pattern is not about commands/);
  });
});

describe('a hostile pattern file', () => {
  const bomb = `a: &a [x,x,x,x,x,x,x,x,x]\n${[...'bcdefgh']
    .map((name, at) => `${name}: &${name} [${`*${'abcdefg'[at]},`.repeat(9)}]`)
    .join('\n')}\n`;
  for (const [what, text] of [
    ['that is empty', ''],
    ['of nothing but a number', '42'],
    ['of nothing but a list', '- a\n- b'],
    ['of aliases that multiply', bomb],
    ['nested in brackets', '['.repeat(60_000)],
    ['nested in maps', '{a: '.repeat(15_000)],
    ['nested in dashes', '- '.repeat(30_000)],
    ['nested in indents', Array.from({ length: 300 }, (_, at) => `${' '.repeat(at)}a:`).join('\n')],
    ['with controls', 'id: "\u0000\u001b[31m"\n\u0007: x'],
    ['with a prototype key', `${PATTERN_TEXT}__proto__: { risk: low }\n`],
    ['with a constructor key', `${PATTERN_TEXT}constructor: 1\n`],
    ['with 5,000 unknown keys', Array.from({ length: 5000 }, (_, at) => `k${at}: 1`).join('\n')],
  ] as const) {
    test(`${what} is refused in a few lines that are safe to show`, () => {
      const told = problems(text);
      assert.ok(told.length > 0 && told.join('\n').length < 8_000);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what is looked for.
      assert.doesNotMatch(told.join(' '), /[\u0000-\u001f]/);
    });
  }
});
