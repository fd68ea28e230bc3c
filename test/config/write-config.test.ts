import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { parseConfigFile } from '../../src/config/config-file.ts';
import { CONFIG_SETTINGS, SETTINGS_DEFAULT } from '../../src/config/config-settings.ts';
import { type Configuration, resolveConfig } from '../../src/config/resolve-config.ts';
import { type Said, sayAssignment } from '../../src/config/said.ts';
import { toConfigText, toStarterText } from '../../src/config/write-config.ts';
import { valuesOf } from '../support/config-values.ts';

const cwd = '/srv/here';

function readBack(text: string, file = 'corral.yaml'): Configuration {
  const parsed = parseConfigFile(text, { file, cwd });
  assert.ok('said' in parsed, JSON.stringify(parsed));
  const resolved = resolveConfig(parsed.said);
  assert.ok('config' in resolved, JSON.stringify(resolved));
  return resolved.config;
}

describe('the configuration in force, written as a file', () => {
  const words = fc.uniqueArray(
    fc.constantFrom(...CONFIG_SETTINGS).chain((setting) =>
      fc.constantFrom(...valuesOf(setting)).map(
        (value): Said => ({
          setting,
          value,
          origin: { by: 'flag', name: `--set ${setting.path}` },
        }),
      ),
    ),
    { maxLength: 12, selector: ({ setting }) => setting.path },
  );

  test('is the same one when it is read, wherever the file lies', () => {
    fc.assert(
      fc.property(words, fc.constantFrom('corral.yaml', '/etc/corral.yaml'), (said, file) => {
        const resolved = resolveConfig(said);
        fc.pre('config' in resolved);
        const { settings } = resolved.config;
        assert.deepEqual(readBack(toConfigText(resolved.config, cwd), file).settings, settings);
      }),
      { numRuns: 80 },
    );
  });

  test('says at each value who decided it, and what nobody said as a comment', () => {
    const words = [
      sayAssignment('load.active=5', '--set'),
      sayAssignment('dumps.dir=crash', '--set'),
      sayAssignment('guard.maximum.compiles=true', '--set'),
    ];
    const resolved = resolveConfig(words.flatMap((each) => ('said' in each ? [each.said] : [])));
    assert.ok('config' in resolved);
    const text = toConfigText(resolved.config, cwd);
    assert.match(text, /^# level: medium +# default$/m);
    assert.match(text, /^ {2}# cpu: 10s +# guard level medium$/m);
    assert.match(text, /^ {2}active: 5 +# --set load\.active$/m);
    assert.match(text, /^ {2}dir: \/srv\/here\/crash +# --set dumps\.dir$/m);
    assert.match(text, /^ {2}maximum:\n {4}compiles: true +# --set guard\.maximum\.compiles$/m);
    assert.doesNotMatch(text, /guard level low/);
  });

  test('keeps whatever a path or a name may be', () => {
    const odd = [
      'true',
      '7',
      '0x1f',
      'a: b',
      "it's",
      '"',
      '- x',
      '#',
      'ü',
      '[a',
      '1e3',
      '!x',
      '.5',
    ];
    const words = ['patterns', 'commands.privileged'].map((path): Said => {
      const setting = CONFIG_SETTINGS.find((each) => each.path === path);
      assert.ok(setting);
      return { setting, value: odd, origin: { by: 'flag', name: `--set ${path}` } };
    });
    const resolved = resolveConfig(words);
    assert.ok('config' in resolved);
    const { patterns, commands } = readBack(toConfigText(resolved.config, cwd)).settings;
    assert.deepEqual([patterns, commands.privileged], [odd, odd]);
  });
});

describe('a file to start from', () => {
  const text = toStarterText();

  test('says nothing as it stands', () =>
    assert.deepEqual(parseConfigFile(text, { file: 'corral.yaml', cwd }), { said: [] }));

  test('has every setting, and with all of them taken in says what is so anyhow', () => {
    const open = text.replaceAll(/^( *)# ([a-z][A-Za-z]*: )/gm, '$1$2');
    const { settings, entries } = readBack(open);
    assert.deepEqual(settings, {
      ...SETTINGS_DEFAULT,
      limits: SETTINGS_DEFAULT.guard.medium.limits,
    });
    const unsaid = entries.filter(({ origin }) => origin.by === 'default');
    for (const { setting } of unsaid)
      assert.match(setting.path, /^guard\.(low|high|maximum)\./, 'one level stands for all');
  });

  test('fits a screen in width', () => {
    for (const line of text.split('\n')) assert.ok(line.length <= 120, line);
  });
});
