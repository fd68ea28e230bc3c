import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseConfigFile } from '../../src/config/config-file.ts';
import { resolveConfig } from '../../src/config/resolve-config.ts';
import { problemText } from '../../src/config/said.ts';

const cwd = '/srv/here';

function parse(text: string, file = 'corral.yaml') {
  return parseConfigFile(text, { file, cwd });
}

/** Everything that is wrong with a file, contradictions too, as lines. */
function problems(text: string): string[] {
  const parsed = parse(text);
  const resolved = 'said' in parsed ? resolveConfig(parsed.said) : parsed;
  return 'problems' in resolved ? resolved.problems.map(problemText) : [];
}

/** What a file says: path → value. */
function said(text: string, file?: string): Record<string, unknown> {
  const parsed = parse(text, file);
  assert.ok('said' in parsed, JSON.stringify(parsed));
  return Object.fromEntries(parsed.said.map(({ setting, value }) => [setting.path, value]));
}

describe('a file that is fine', () => {
  test('is read with the place of each value', () => {
    const parsed = parse('# mine\nlevel: high\nload:\n  active: 50\n  warnEvery: 1m\n');
    assert.ok('said' in parsed);
    assert.deepEqual(
      parsed.said.map(({ setting, value, origin }) => [
        setting.path,
        value,
        origin.by === 'file' && origin.place,
      ]),
      [
        ['level', 'high', { line: 2, column: 1 }],
        ['load.active', 50, { line: 4, column: 3 }],
        ['load.warnEvery', 60_000, { line: 5, column: 3 }],
      ],
    );
  });

  for (const [what, text, expected] of [
    ['empty', '', {}],
    ['of comments only', '# level: high\n', {}],
    ['with a room whose lines are all comments', 'load:\n  # active: 5\nguard:\n  low:\n', {}],
    ['in one line', '{ load: { active: 50 }, level: low }', { level: 'low', 'load.active': 50 }],
    [
      'with Windows line ends',
      'level: low\r\nwalls: strict\r\n',
      { level: 'low', walls: 'strict' },
    ],
    ['with a byte order mark', '\ufefflevel: low\n', { level: 'low' }],
    [
      'in JSON',
      '{"host":{"memoryBudget":"none","warnAt":"85%"}}',
      { 'host.memoryBudget': null, 'host.warnAt': 0.85 },
    ],
  ] as const)
    test(`may be ${what}`, () => assert.deepEqual(said(text), expected));

  test('means paths from its own folder, and shows them from the working directory', () => {
    const text = 'dumps: { dir: crash }\nstate: { dir: /var/state }\npatterns: [mine, ../theirs]\n';
    assert.deepEqual(said(text), {
      'dumps.dir': 'crash',
      'state.dir': '/var/state',
      patterns: ['mine', '/srv/theirs'],
    });
    assert.deepEqual(said(text, '/srv/corral.yaml'), {
      'dumps.dir': '/srv/crash',
      'state.dir': '/var/state',
      patterns: ['/srv/mine', '/theirs'],
    });
    assert.equal(said(text, 'etc/corral.yaml')['dumps.dir'], 'etc/crash');
    assert.equal(said('state: { dir: none }')['state.dir'], null);
  });
});

describe('what is wrong with a file is told with its line and column, and what to write', () => {
  for (const [what, text, told] of [
    [
      'an unknown key',
      'levl: high',
      'corral.yaml:1:1: there is an unknown key `levl`; did you mean `level`?',
    ],
    [
      'an unknown key of a room',
      'load:\n  aktive: 50',
      'corral.yaml:2:3: `load` has an unknown key `aktive`; did you mean `active`?',
    ],
    [
      'a key with its unit',
      'load:\n  warnEveryMs: 50',
      'corral.yaml:2:3: `load` has an unknown key `warnEveryMs`; did you mean `warnEvery`?',
    ],
    [
      'a key in other letters',
      'load:\n  queue-per_owner: 5',
      'corral.yaml:2:3: `load` has an unknown key `queue-per_owner`; did you mean `queuePerOwner`?',
    ],
    [
      'a key of another room',
      'active: 50',
      'corral.yaml:1:1: there is an unknown key `active`; did you mean `load.active`?',
    ],
    [
      'a key of the whole file in a room',
      'guard:\n  level: high',
      'corral.yaml:2:3: `guard` has an unknown key `level`; `level` stands at the top of the file, in nothing else.',
    ],
    [
      'a key like no other',
      'retry:\n  whatever: 5',
      'corral.yaml:2:3: `retry` has an unknown key `whatever`; the keys are first, longest.',
    ],
    [
      'a wrong type',
      'load:\n  active: many',
      'corral.yaml:2:3: `load.active` must be a whole number from 1 to 100000, not `many`.',
    ],
    [
      'a value out of range',
      'limits: { heap: 1mb }',
      'corral.yaml:1:11: `limits.heap` must be from 8mb to 2gb, not `1mb`.',
    ],
    [
      'a duration without a unit',
      'brake:\n  hold: 60',
      'corral.yaml:2:3: `brake.hold` has no unit; write 60ms or 60s.',
    ],
    [
      'a share above the whole',
      'guard:\n  high:\n    host:\n      memory: 70',
      'corral.yaml:4:7: `guard.high.host.memory` must be from 0% to 100%, not `70`; write 70% or 0.7.',
    ],
    [
      'a level there is not',
      'guard:\n  hihg: {}',
      'corral.yaml:2:3: `guard` has an unknown key `hihg`; did you mean `high`?',
    ],
    [
      'a value for a room',
      'load: 50',
      'corral.yaml:1:1: `load` must hold keys: creating, active, queue, queuePerOwner, warnAt, warnEvery, adaptive, aging, drain.',
    ],
    [
      'a list for a value',
      'level: [low]',
      'corral.yaml:1:1: `level` must be one of low, medium, high, maximum, not a list.',
    ],
    [
      'no value',
      'level:',
      'corral.yaml:1:1: `level` has no value; write one of low, medium, high, maximum.',
    ],
    [
      'a list where keys belong',
      '- level',
      'corral.yaml:1:1: the file must hold keys: level, limits, guard, load, breaker, brake, workers, host, retry, watch, dumps, state, ledger, patterns, walls, commands.',
    ],
    [
      'a key twice',
      'level: low\nlevel: high',
      'corral.yaml:2:1: the key `level` stands twice; keep one of them.',
    ],
    [
      'a tag',
      'level: !!str high',
      'corral.yaml:1:14: has a YAML tag (tag:yaml.org,2002:str); write the value without it.',
    ],
    [
      'a second document',
      'level: high\n---\nlevel: low',
      'corral.yaml:2:1: a second document begins (---); there can be only one.',
    ],
    [
      'a tab',
      'load:\n\tactive: 5',
      'corral.yaml:2:1: is no YAML: Tabs are not allowed as indentation.',
    ],
    [
      'burst above cpu',
      'limits:\n  cpu: 1s\n  burst: 5s',
      'corral.yaml:3:3: `limits.burst` is 5s, above `limits.cpu`, 1s (corral.yaml:2:3): it would never be reached.',
    ],
    [
      "burst above the level's cpu",
      'limits:\n  burst: 20s',
      'corral.yaml:2:3: `limits.burst` is 20s, above `limits.cpu`, 10s (guard level medium): it would never be reached.',
    ],
    [
      'a warning above the kill',
      'guard:\n  low:\n    heapWarn: 1gb',
      'corral.yaml:3:5: `guard.low.heapWarn` is 1gb, above `guard.low.limits.heap`, 500mb (default): the run is killed before it is warned.',
    ],
    [
      'a share that is refused',
      'guard:\n  low:\n    admission: { refuseRisk: high, shareRisk: high }',
      'corral.yaml:3:36: `guard.low.admission.shareRisk` is high, not below `guard.low.admission.refuseRisk`, high (corral.yaml:3:18): such macros are refused.',
    ],
    [
      'the milder punished more',
      'guard:\n  low:\n    becomes: { warn: stop }',
      'corral.yaml:3:16: `guard.low.becomes.warn` is stop, above `guard.low.becomes.pause`, pause (default): the milder offence would be punished more.',
    ],
    [
      'more ready than there may be',
      'workers:\n  max: 2\n  warm: 5',
      'corral.yaml:3:3: `workers.warm` is 5, above `workers.max`, 2 (corral.yaml:2:3): no more can be kept ready than there may be.',
    ],
  ] as const)
    test(what, () => assert.deepEqual(problems(text), [told]));

  test('all of it at once, in the order of the file', () => {
    assert.deepEqual(
      problems('levl: 5\nload:\n  active: x\n  foo: 1\nwalls: some\n').map((each) =>
        each.slice(0, 15),
      ),
      ['corral.yaml:1:1', 'corral.yaml:3:3', 'corral.yaml:4:3', 'corral.yaml:5:1'],
    );
  });

  test('the key that a misspelt one meant is told of as well, where it is there', () => {
    const told = problems('levle: high\nwalls: available\nlevel: extreme');
    assert.deepEqual(
      told.map((each) => each.slice(0, 60)),
      [
        'corral.yaml:1:1: there is an unknown key `levle`; did you mea',
        'corral.yaml:3:1: `level` must be one of low, medium, high, m',
      ].map((each) => each.slice(0, 60)),
    );
  });
});

describe('a hostile file', () => {
  const bomb = `a: &a [x,x,x,x,x,x,x,x,x]\n${[...'bcdefgh']
    .map((name, at) => `${name}: &${name} [${`*${'abcdefg'[at]},`.repeat(9)}]`)
    .join('\n')}\n`;
  for (const [what, text] of [
    ['of aliases that multiply', bomb],
    ['with a merge key', 'load: &l { active: 5 }\nbrake: { <<: *l }'],
    ['nested in brackets', '['.repeat(60_000)],
    ['nested in dashes', '- '.repeat(30_000)],
    ['with a prototype key', '__proto__: { level: low }'],
    ['with a constructor key', 'load: { constructor: 1 }'],
    ['with a tag', 'level: !!js/function low'],
    ['with two documents', 'level: low\n---\nlevel: high'],
    ['with controls in a value', 'level: "\\e[31m\\u202e"'],
    ['with controls in a key', '"\\e[31m": 1'],
    ['with 5,000 unknown keys', Array.from({ length: 5000 }, (_, at) => `k${at}: 1`).join('\n')],
  ] as const)
    test(`${what} is refused in a few lines that are safe to show`, () => {
      const told = problems(text);
      assert.ok(told.length > 0 && told.length <= 20 && told.join('\n').length < 8_000, told[0]);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what is looked for.
      assert.doesNotMatch(told.join(' '), /[\u0000-\u001f\u202e]/);
      assert.match(told[0] ?? '', /^corral\.yaml(?::\d+:\d+)?: /);
    });
});
