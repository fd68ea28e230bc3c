// What `corral inspect` shows on a narrow terminal: no line is wider than that, and no sentence loses its end.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { ROOT } from '../support/cli.ts';
import { samplePath } from '../support/dumps.ts';
import { NO_TERMINAL, Terminal } from '../support/terminal.ts';

const COLUMNS = 40;

async function shown(...flags: readonly string[]): Promise<string[]> {
  const command = [process.execPath, join(ROOT, 'src/cli/main.ts'), 'inspect', ...flags];
  await using terminal = new Terminal(command, { columns: COLUMNS, rows: 50 });
  assert.equal(await terminal.exited(), 0);
  return stripVTControlCharacters(terminal.written).split(/\r?\n/);
}

describe('on a terminal of 40 columns', { skip: NO_TERMINAL }, () => {
  const dump = samplePath('heap-limit');
  for (const flags of [
    ['--stack'],
    ['--samples'],
    ['--profile'],
    ['--timeline'],
    ['--ast'],
    ['--diff', samplePath('cpu-limit')],
  ])
    test(`no line of ${flags[0]} is wider`, async () => {
      const lines = await shown(dump, ...flags);
      assert.ok(lines.length > 1);
      for (const line of lines) assert.ok(line.length <= COLUMNS, `too wide: ${line}`);
    });

  test('the end stays marked in the tree', async () => {
    assert.match((await shown(dump, '--ast')).join('\n'), /◀ it ended here\n/);
  });

  test('a sentence is whole', async () => {
    const text = (await shown(dump, '--timeline')).join('\n').replaceAll(/\s+/g, ' ');
    assert.match(text, /26 of 27 commands came back · .* x for one that failed/);
  });
});
