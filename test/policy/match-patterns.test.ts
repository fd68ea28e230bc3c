import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Pattern } from '../../src/model/pattern.ts';
import { Finding } from '../../src/model/report.ts';
import { matchPatterns, patternFindings } from '../../src/policy/match-patterns.ts';
import type { PatternFacts } from '../../src/policy/pattern-facts.ts';
import { factsOf } from '../support/pattern-facts.ts';

const BASE = {
  id: 'chat-spam',
  title: 'Chat spam',
  risk: 'high',
  confidence: 'high',
  action: 'pause',
  maxOccurrences: 10,
  timeWindowMs: 5000,
  effects: ['Muted'],
  recovery: { advice: 'Wait.' },
  match: {
    command: { category: 'chat' },
    static: { inLoop: true, ratePerWindowAtLeast: 11 },
  } as unknown,
  message:
    'up to {{total}} × {{command}}, {{count}} in {{window}}, {{loop}}; the limit is {{limit}}',
  tests: { invalid: ['x'], valid: ['y'] },
};
const chat = Pattern.parse(BASE);
const withMatch = (match: unknown, others: object = {}) =>
  Pattern.parse({ ...BASE, message: 'm', match, ...others });
const withoutWindow = { maxOccurrences: undefined, timeWindowMs: undefined };
const SOURCE = 'for (;;) {\n  await chat.say();\n}\n';
const finding = (rule: string, line: number, level: Finding['level'] = 'warning'): Finding =>
  Object.assign(
    { rule, level, message: 'm', line, column: 1, endLine: line, endColumn: 5, related: [] },
    { advice: null, fix: null },
  );
const only = (pattern: Pattern, facts: PatternFacts) => matchPatterns([pattern], facts)[0];

describe('a pattern about a rate', () => {
  test('matches when more than the limit can fall into its window, and says how many', () => {
    const loops = [{ line: 1, column: 1, verdict: 'terminates', bound: 500 } as const];
    const facts = factsOf(SOURCE, [{ name: 'chat.say', max: 500, everyMs: 128 }], {
      report: { findings: [], loops, recursion: [] },
    });
    const match = only(chat, facts);
    assert.equal(
      match?.message,
      'up to 500 × chat.say, 40 in 5s, loop at line 1; the limit is 10 in 5s',
    );
    assert.equal(match?.level, 'warning');
    assert.deepEqual(match?.places, [{ line: 2, column: 9, endLine: 2, endColumn: 17 }]);
  });

  test('says so when there is no bound', () =>
    assert.match(
      only(chat, factsOf(SOURCE, [{ name: 'chat.say' }]))?.message ?? '',
      /^endlessly many × chat\.say, endlessly many in 5s/,
    ));

  test('does not match at the limit, below it, or when the rate is not known', () => {
    for (const sketch of [{ max: 10 }, { everyMs: 1000 }, { everyMs: null }])
      assert.equal(only(chat, factsOf(SOURCE, [{ name: 'chat.say', ...sketch }])), undefined);
  });

  test('adds up all commands that are meant and no others', () => {
    const three = ['chat.say', 'chat.whisper', 'chat.shout'].map((name) => ({ name, max: 4 }));
    assert.match(
      only(chat, factsOf(SOURCE, three))?.message ?? '',
      /chat\.say and 2 others, 12 in/,
    );
    assert.equal(only(chat, factsOf(SOURCE, three.slice(1))), undefined);
    const outside = three.map((each) => ({ ...each, inLoop: false }));
    assert.equal(only(chat, factsOf(SOURCE, outside)), undefined);
  });

  test('without a static part means the live limit', () => {
    const live = withMatch({ command: { name: ['chat.say', 'chat.shout'] } });
    assert.ok(only(live, factsOf(SOURCE, [{ name: 'chat.say', max: 11, inLoop: false }])));
    assert.equal(only(live, factsOf(SOURCE, [{ name: 'chat.say', max: 10 }])), undefined);
    assert.equal(only(live, factsOf(SOURCE, [{ name: 'chat.whisper' }])), undefined);
  });

  test('leaves out what it excepts', () => {
    const most = withMatch({ command: { category: 'chat', except: ['chat.heard'] } });
    assert.equal(only(most, factsOf(SOURCE, [{ name: 'chat.heard' }])), undefined);
    assert.ok(only(most, factsOf(SOURCE, [{ name: 'chat.heard' }, { name: 'chat.say' }])));
  });

  test('does not match while nothing is known of the commands', () => {
    const { cost: _, ...rest } = factsOf(SOURCE, [{ name: 'chat.say' }]);
    assert.equal(only(chat, rest), undefined);
  });
});

describe('a pattern about a number of commands', () => {
  const five = withMatch({ command: { category: 'chat' }, static: { countAtLeast: 5 } });
  const level = (max: number | null) =>
    only(five, factsOf(SOURCE, [{ name: 'chat.say', max }]))?.level;
  test('warns when that many are sure to be allowed', () => {
    assert.equal(level(4), undefined);
    assert.equal(level(5), 'warning');
  });
  test('only informs when nobody knows how many', () => assert.equal(level(null), 'info'));

  test('about privileged ones asks the catalogue', () => {
    const strong = withMatch({ command: { privileged: true } }, withoutWindow);
    const facts = factsOf(SOURCE, [{ name: 'chat.say', max: 1 }]);
    assert.equal(only(strong, facts), undefined);
    const privileged = new Set(['chat.say']);
    assert.equal(matchPatterns([strong], facts, { privileged }).length, 1);
  });
});

describe('a pattern about what the analysis found', () => {
  const report = {
    findings: [finding('sync-hog', 3), finding('slow-regex', 7, 'info')],
    loops: [
      { line: 1, column: 1, verdict: 'infinite', bound: null },
      { line: 9, column: 1, verdict: 'unknown', bound: null },
    ],
    recursion: [{ functions: ['a'], line: 5, verdict: 'infinite' }],
  } satisfies PatternFacts['report'];
  const facts = factsOf(SOURCE, [], {
    report,
    growth: [{ name: 'list', start: 13, end: 18 }],
    macroCircles: [{ path: ['a', 'b', 'a'], start: 0, end: 3 }],
  });
  const lines = (match: object) =>
    only(withMatch({ static: match }, withoutWindow), facts)?.places.map(({ line }) => line);

  test('matches loops, recursion, growth, circles of macros and findings, where they are', () => {
    assert.deepEqual(lines({ loop: 'infinite' }), [1]);
    assert.deepEqual(lines({ recursion: 'infinite' }), [5]);
    assert.deepEqual(lines({ growth: true }), [2]);
    assert.deepEqual(lines({ macroRecursion: true }), [1]);
    assert.deepEqual(lines({ rule: ['sync-hog', 'slow-regex'] }), [3]);
    assert.deepEqual(lines({ rule: 'slow-regex', levelAtLeast: 'info' }), [7]);
  });

  test('needs all of its conditions', () => {
    assert.deepEqual(lines({ loop: 'infinite', growth: true }), [1, 2]);
    assert.equal(lines({ loop: 'infinite', rule: 'dynamic-code' }), undefined);
    assert.equal(lines({ recursion: 'unknown' }), undefined);
  });

  test('only informs where nothing is certain, or where it is not sure of harm itself', () => {
    const level = (match: object, others: object = {}) =>
      only(withMatch({ static: match }, { ...withoutWindow, ...others }), facts)?.level;
    assert.equal(level({ loop: 'infinite' }), 'warning');
    assert.equal(level({ loop: 'unknown' }), 'info');
    assert.equal(level({ loop: 'infinite' }, { confidence: 'medium' }), 'info');
    assert.equal(level({ loop: 'infinite' }, { risk: 'low' }), 'info');
  });
});

describe('matches as findings', () => {
  test('name the pattern, where, and how to mend', () => {
    const facts = factsOf('chat.say();\nchat.shout();', [
      { name: 'chat.say' },
      { name: 'chat.shout' },
    ]);
    const [found] = patternFindings(matchPatterns([chat], facts));
    assert.equal(found?.rule, 'pattern:chat-spam');
    assert.equal(found?.level, 'warning');
    assert.equal(found?.related[0]?.line, 2);
    assert.ok(Finding.safeParse(found).success);
    assert.equal(Reflect.get(found ?? {}, 'advice'), 'Wait.');
  });

  test('leave out what a rule has told already', () => {
    const told = withMatch({ static: { rule: 'sync-hog' } }, withoutWindow);
    const report = { findings: [finding('sync-hog', 1)], loops: [], recursion: [] };
    const matches = matchPatterns([told], factsOf('x', [], { report }));
    assert.equal(matches.length, 1);
    assert.deepEqual(patternFindings(matches), []);
  });

  test('are one line and safe to show, whatever a command is called', () => {
    const name = 'chat.\u001b[31m\u202e\n';
    const facts = factsOf('x', [{ name }]);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what is looked for.
    assert.doesNotMatch(only(chat, facts)?.message ?? '', /[\u0000-\u001f\u202e]/);
  });
});
