import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  CONFIG_SETTINGS,
  type ConfigSetting,
  settingAt,
} from '../../src/config/config-settings.ts';
import { type Origin, originText } from '../../src/config/origin.ts';
import { type Configuration, resolveConfig } from '../../src/config/resolve-config.ts';
import { problemText, type Said } from '../../src/config/said.ts';
import { valueAt } from '../../src/model/settings-tree.ts';
import { valuesOf } from '../support/config-values.ts';

/** The sources, the weakest first. */
const SOURCES = ['file', 'environment', 'flag'] as const;
type Source = (typeof SOURCES)[number];

const ORIGINS: Record<Source, Origin> = {
  file: { by: 'file', file: 'corral.yaml', place: { line: 12, column: 5 } },
  environment: { by: 'environment', name: 'CORRAL_X' },
  flag: { by: 'flag', name: '--set x' },
};

function say(path: string, value: unknown, source: Source): Said {
  const setting = settingAt(path);
  assert.ok(setting, path);
  return { setting, value, origin: ORIGINS[source] };
}

function resolve(...said: Said[]): Configuration {
  const result = resolveConfig(said);
  assert.ok('config' in result, JSON.stringify(result));
  return result.config;
}

/** A setting's value and where it is from. */
function told({ entries }: Configuration, path: string): readonly [unknown, string] {
  const entry = entries.find(({ setting }) => setting.path === path);
  assert.ok(entry, path);
  return [entry.value, originText(entry.origin)];
}

describe('who counts', () => {
  for (const [what, said, value, from] of [
    ['nobody', [], 100, 'default'],
    ['the file over the default', [say('load.active', 50, 'file')], 50, 'corral.yaml:12:5'],
    [
      'the environment over the file',
      [say('load.active', 50, 'file'), say('load.active', 60, 'environment')],
      60,
      'CORRAL_X',
    ],
    [
      'a flag over the environment',
      [say('load.active', 60, 'environment'), say('load.active', 70, 'flag')],
      70,
      '--set x',
    ],
    [
      'a flag over the file, even back to the default',
      [say('load.active', 50, 'file'), say('load.active', 100, 'flag')],
      100,
      '--set x',
    ],
  ] as const)
    test(what, () => assert.deepEqual(told(resolve(...said), 'load.active'), [value, from]));

  test('a limit nobody sets is that of the level in force', () => {
    assert.deepEqual(told(resolve(), 'limits.cpu'), [10_000, 'guard level medium']);
    const high = resolve(say('level', 'high', 'environment'));
    assert.deepEqual(told(high, 'limits.cpu'), [3_000, 'guard level high']);
    assert.deepEqual(high.settings.limits, {}, 'it goes with the level');
    const other = resolve(say('guard.medium.limits.cpu', 7_000, 'file'));
    assert.deepEqual(told(other, 'limits.cpu'), [7_000, 'guard level medium, corral.yaml:12:5']);
    const own = resolve(say('level', 'high', 'flag'), say('limits.cpu', 2_000, 'file'));
    assert.deepEqual(told(own, 'limits.cpu'), [2_000, 'corral.yaml:12:5']);
    assert.deepEqual(own.settings.limits, { cpu: 2_000 });
  });

  const several = fc.uniqueArray(
    fc.constantFrom(...CONFIG_SETTINGS).chain((setting: ConfigSetting) =>
      fc.record({
        setting: fc.constant(setting),
        values: fc.dictionary(fc.constantFrom(...SOURCES), fc.constantFrom(...valuesOf(setting)), {
          noNullPrototype: true,
        }),
      }),
    ),
    { maxLength: 6, selector: ({ setting }) => setting.path },
  );

  test('whoever speaks, the strongest of them', () => {
    fc.assert(
      fc.property(several, (settings) => {
        const said = SOURCES.flatMap((source) =>
          settings.flatMap(({ setting, values }) =>
            Object.hasOwn(values, source)
              ? [{ setting, value: values[source], origin: ORIGINS[source] }]
              : [],
          ),
        );
        const result = resolveConfig(said);
        // Values by chance may contradict each other; then nothing is in force, and each contradiction is told.
        if ('problems' in result) {
          for (const problem of result.problems)
            assert.match(problemText(problem), / is .+, (?:above|not below) `/);
          return;
        }
        const { entries, settings: inForce, said: spoken } = result.config;
        assert.equal(entries.length, CONFIG_SETTINGS.length);
        for (const { setting, value, origin } of entries) {
          const values = settings.find((each) => each.setting === setting)?.values ?? {};
          const strongest = SOURCES.findLast((source) => Object.hasOwn(values, source));
          if (strongest) {
            assert.equal(origin, ORIGINS[strongest]);
            assert.equal(valueAt(spoken, setting.target), value);
            // It may have given way to a stronger one.
            const mayGiveWay = setting.path === 'limits.burst' || setting.path === 'limits.idle';
            if (mayGiveWay) assert.ok(Number(value) <= Number(values[strongest]));
            else assert.equal(value, values[strongest]);
          } else {
            const level = inForce.guard[inForce.level];
            assert.deepEqual(value, setting.preset ?? valueAt(level, setting.target) ?? null);
            assert.equal(origin.by, setting.preset === undefined ? 'level' : 'default');
            assert.equal(valueAt(spoken, setting.target), undefined);
          }
          if (origin.by !== 'level') assert.equal(valueAt(inForce, setting.target), value);
        }
      }),
      { numRuns: 150 },
    );
  });
});

describe('what contradicts itself', () => {
  const problems = (...said: Said[]) => {
    const result = resolveConfig(said);
    return 'problems' in result ? result.problems.map(problemText) : [];
  };

  test('is told at the smaller one, with both values and who said them', () => {
    assert.deepEqual(problems(say('load.active', 5, 'flag'), say('load.creating', 9, 'file')), [
      'corral.yaml:12:5: `load.creating` is 9, above `load.active`, 5 (--set x): no more are made than may be active.',
    ]);
  });

  test('is no fault of a default: lowering one number does not ask for all that hang on it', () => {
    assert.deepEqual(problems(say('load.active', 5, 'file')), []);
    assert.deepEqual(problems(say('limits.cpu', 5, 'file')), []);
    assert.deepEqual(problems(say('guard.low.limits.heap', 2 ** 24, 'file')), []);
  });

  test('is none where a limit was lowered for this time: the other gives way', () => {
    const burst = say('limits.burst', 5_000, 'file');
    const hasBurst = (...said: Said[]) => told(resolve(burst, ...said), 'limits.burst');
    assert.deepEqual(hasBurst(say('limits.cpu', 1_000, 'flag')), [1_000, 'corral.yaml:12:5']);
    assert.deepEqual(hasBurst(say('level', 'maximum', 'flag')), [1_000, 'corral.yaml:12:5']);
    assert.equal(problems(burst, say('level', 'maximum', 'file')).length, 1);
    assert.equal(
      problems(say('limits.cpu', 1_000, 'file'), say('limits.burst', 5_000, 'flag')).length,
      1,
    );
  });
});
