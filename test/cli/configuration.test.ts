// What reading a configuration comes to: which file, what is wrong with one, what counts twice.

import assert from 'node:assert/strict';
import { mkdirSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { flagSays, loadConfig, readConfigFile } from '../../src/cli/configuration.ts';
import { CorralError } from '../../src/model/errors.ts';
import { tempDir } from '../support/temp.ts';

const temp = tempDir();
after(() => temp[Symbol.dispose]());
const at = (name: string) => join(temp.path, name);

async function refused(reading: Promise<unknown>): Promise<CorralError> {
  const error = await reading.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof CorralError, String(error));
  assert.equal(error.exitCode, 2);
  return error;
}

describe('a configuration that cannot be read', () => {
  mkdirSync(at('folder.yaml'));
  writeFileSync(at('utf16.yaml'), Uint8Array.of(0xff, 0xfe, 0x6c, 0x00));
  writeFileSync(at('bytes.yaml'), Uint8Array.of(0x6c, 0xc3, 0x28));
  writeFileSync(at('huge.yaml'), '');
  truncateSync(at('huge.yaml'), 50 * 1024 * 1024);
  for (const [what, name, code, told] of [
    [
      'that is not there',
      'none.yaml',
      'unreadable-file',
      /Cannot read configuration .*no such file/,
    ],
    ['that is a folder', 'folder.yaml', 'unreadable-file', /it is a folder/],
    ['in UTF-16', 'utf16.yaml', 'not-utf8', /it is UTF-16; save it as UTF-8/],
    ['that is no text', 'bytes.yaml', 'not-utf8', /not UTF-8/],
    ['of 50 MB', 'huge.yaml', 'source-too-large', /larger than 0\.25 MB/],
  ] as const)
    test(what, async () => {
      const { code: is, message } = await refused(readConfigFile(at(name)));
      assert.equal(is, code);
      assert.match(message, told);
    });
});

describe('what is wrong', () => {
  test('is told of all sources at once', async () => {
    const file = at('wrong.yaml');
    writeFileSync(file, 'levl: high\n');
    const { code, message } = await refused(
      loadConfig({ config: file, set: ['load.active=many', 'nothing=5'] }),
    );
    assert.equal(code, 'bad-config');
    const lines = message.split('\n');
    assert.equal(lines[0], 'Cannot use this configuration:');
    assert.match(lines[1] ?? '', /wrong\.yaml:1:1: there is an unknown key `levl`/);
    assert.match(lines[2] ?? '', /^ {2}--set load\.active: must be a whole number/);
    assert.match(lines[3] ?? '', /^ {2}--set nothing: there is no such setting/);
  });

  test('two flags for one setting', async () => {
    const { code, message } = await refused(
      loadConfig({ config: false, set: ['limits.cpu=2s'] }, [
        flagSays('limits.cpu', 1_000, '--limit cpu'),
      ]),
    );
    assert.equal(code, 'bad-usage');
    assert.match(message, /limits\.cpu is set twice, by --limit cpu and by --set limits\.cpu/);
  });

  test('stdin is no configuration to run with', async () => {
    assert.equal((await refused(loadConfig({ config: '-' }))).code, 'bad-usage');
  });
});

test('the same flag twice counts the last time', async () => {
  const { settings } = await loadConfig({
    config: false,
    set: ['load.active=60', 'load.active=70'],
  });
  assert.equal(settings.load.active, 70);
});
