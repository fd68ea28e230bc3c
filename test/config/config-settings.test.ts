// Everything that can be set at all can be set from everywhere: from a file, from the environment, by --set.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseConfigFile } from '../../src/config/config-file.ts';
import { CONFIG_SETTINGS, SETTINGS_DEFAULT } from '../../src/config/config-settings.ts';
import { readEnvironment, variableOf } from '../../src/config/environment.ts';
import { type Configuration, resolveConfig } from '../../src/config/resolve-config.ts';
import { type Said, sayAssignment } from '../../src/config/said.ts';
import { GUARD_LEVELS, GUARD_TABLE } from '../../src/model/guard.ts';
import { HOUSE_DEFAULTS } from '../../src/model/settings.ts';
import { valueAt } from '../../src/model/settings-tree.ts';
import { toFileText, toShellText, valuesOf } from '../support/config-values.ts';

const cwd = '/srv/here';

function resolved(said: readonly Said[]): Configuration | null {
  const result = resolveConfig(said);
  return 'config' in result ? result.config : null;
}

/** Names of all that is no tree, from the root. */
function leavesOf(tree: object, names: readonly string[] = []): string[] {
  return Object.entries(tree).flatMap(([name, value]) =>
    value !== null && typeof value === 'object' && !Array.isArray(value)
      ? leavesOf(value, [...names, name])
      : [[...names, name].join('.')],
  );
}

describe('what can be configured', () => {
  test('is every number of the house and of every guard level', () => {
    const targets = new Set(CONFIG_SETTINGS.map(({ target }) => target.join('.')));
    const guards = GUARD_LEVELS.flatMap((level) => leavesOf(GUARD_TABLE[level], ['guard', level]));
    for (const leaf of [...leavesOf(HOUSE_DEFAULTS), ...guards]) assert.ok(targets.has(leaf), leaf);
  });

  test('has a default that it takes itself, for all but the limits', () => {
    for (const { path, setting, preset } of CONFIG_SETTINGS) {
      if (preset === undefined) assert.match(path, /^limits\./);
      else assert.deepEqual(setting.written.parse(setting.write(preset)), preset, path);
    }
  });

  test('has a path and a variable of its own', () => {
    const paths = CONFIG_SETTINGS.map(({ path }) => path);
    const variables = CONFIG_SETTINGS.map(variableOf);
    assert.equal(new Set(paths).size, paths.length);
    assert.equal(new Set(variables).size, variables.length);
    for (const name of variables) assert.match(name, /^CORRAL(?:_[A-Z]+)+$/);
    assert.ok(variables.includes('CORRAL_LOAD_QUEUE_PER_OWNER'));
  });

  test('is all at its default when nobody says anything', () => {
    const config = resolved([]);
    assert.deepEqual(config?.settings, SETTINGS_DEFAULT);
    assert.deepEqual(config?.said, {});
  });

  for (const setting of CONFIG_SETTINGS)
    test(`${setting.path}, from a file, the environment and --set`, () => {
      // One that contradicts no default.
      const value = valuesOf(setting).find((each) =>
        resolved([{ setting, value: each, origin: { by: 'flag', name: '--x' } }]),
      );
      assert.notEqual(value, undefined, 'a value to try it with');
      const shell = toShellText(setting, value);
      const file = parseConfigFile(toFileText(setting, value), { file: 'corral.yaml', cwd });
      const environment = readEnvironment({ [variableOf(setting)]: shell });
      const set = sayAssignment(`${setting.path}=${shell}`, '--set');
      assert.ok('said' in file, JSON.stringify(file));
      // In a shell nothing at all is an empty list, and nothing at all says nothing.
      const isEmpty = Array.isArray(value) && value.length === 0;
      assert.equal(environment.said.length, isEmpty ? 0 : 1, JSON.stringify(environment));
      assert.ok('said' in set, JSON.stringify(set));
      for (const said of [file.said, environment.said, [set.said]]) {
        if (said.length === 0) continue;
        assert.deepEqual(
          said.map((each) => each.value),
          [value],
        );
        assert.deepEqual(valueAt(resolved(said)?.settings, setting.target), value);
      }
    });
});
