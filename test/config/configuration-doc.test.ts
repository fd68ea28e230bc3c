import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { parseConfigFile } from '../../src/config/config-file.ts';
import { resolveConfig } from '../../src/config/resolve-config.ts';
import { settingsTables } from '../../src/config/settings-table.ts';
import { ROOT } from '../support/cli.ts';

const page = readFileSync(join(ROOT, 'docs/configuration.md'), 'utf8');

describe('docs/configuration.md', () => {
  test('ends with the tables of all settings: node src/config/settings-table.ts prints them', () => {
    assert.ok(page.endsWith(`\n\n${settingsTables()}`), 'the tables are others');
  });

  test('shows a file that is one', () => {
    const [, yaml = ''] = /```yaml\n([\s\S]*?)```/.exec(page) ?? [];
    const parsed = parseConfigFile(yaml, { file: 'corral.yaml', cwd: '/srv' });
    assert.ok('said' in parsed && parsed.said.length >= 7, JSON.stringify(parsed));
    assert.ok('config' in resolveConfig(parsed.said));
  });
});
