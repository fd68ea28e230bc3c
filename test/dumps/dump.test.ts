import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { after, describe, test } from 'node:test';
import { parseMacro } from '../../src/analysis/text/parse.ts';
import { readDump, writeDump } from '../../src/dumps/dump.ts';
import { CorralError } from '../../src/model/errors.ts';
import { SAMPLES, sampleDump, samplePath } from '../support/dumps.ts';
import { tempDir } from '../support/temp.ts';

const temp = tempDir();
after(() => temp[Symbol.dispose]());
let folders = 0;
const fresh = () => join(temp.path, `dumps-${++folders}`);
const file = (content: string | Buffer) => {
  const path = `${fresh()}.json`;
  writeFileSync(path, content);
  return path;
};
const fails = (path: string, code: string, message: RegExp) =>
  assert.rejects(readDump(path), (error) => {
    assert.ok(error instanceof CorralError, String(error));
    assert.equal(error.code, code);
    assert.match(error.message, message);
    return true;
  });

describe('writing', () => {
  test('two files, named by the end of the run in UTC, for their owner only', async () => {
    const dir = fresh();
    const dump = sampleDump('cpu-limit', { endedAt: '2026-11-23T01:02:03.456Z', runId: 'abc123' });
    const { jsonPath, textPath } = await writeDump(dump, { dir });
    assert.ok(textPath);
    assert.equal(basename(jsonPath), 'corral-crash-dump-20261123-010203-abc123.json');
    assert.equal(basename(textPath), 'corral-crash-summary-20261123-010203-abc123.txt');
    assert.equal(readdirSync(dir).length, 2, 'no draft stays behind');
    for (const path of [jsonPath, textPath]) assert.equal(statSync(path).mode & 0o777, 0o600);
    assert.equal(statSync(dir).mode & 0o777, 0o700);
  });
  test('profiles stand beside it in Chrome’s formats, and are in it too', async () => {
    const at = { functionName: 'f', scriptId: '1', url: 'a.js', lineNumber: 0, columnNumber: 0 };
    const profile = {
      nodes: [{ id: 1, callFrame: at, hitCount: 1, children: [] }],
      startTime: 0,
      endTime: 5,
      samples: [1],
      timeDeltas: [5],
    };
    const allocations = { head: { callFrame: at, selfSize: 3, id: 1, children: [] } };
    const { jsonPath } = await writeDump(sampleDump('stuck', { profile, allocations }), {
      dir: fresh(),
    });
    const beside = (kind: string) =>
      JSON.parse(readFileSync(jsonPath.replace(/json$/, kind), 'utf8')) as unknown;
    assert.deepEqual(beside('cpuprofile'), profile);
    assert.deepEqual(beside('heapprofile'), allocations);
    const read = await readDump(jsonPath);
    assert.deepEqual([read.profile, read.allocations], [profile, allocations]);
  });
  test('what is written reads back the same', async () => {
    for (const name of SAMPLES) {
      const dump = sampleDump(name);
      const { jsonPath } = await writeDump(dump, { dir: fresh() });
      assert.deepEqual(await readDump(jsonPath), dump);
    }
  });
  test('a run id never becomes a path', async () => {
    const dir = fresh();
    const { jsonPath } = await writeDump(sampleDump('stuck', { runId: '../../x/y' }), { dir });
    assert.equal(dirname(jsonPath), dir);
  });
  test('a tree with regular expressions and BigInts is written', async () => {
    const { ast } = parseMacro('return [/a/g, 10n, "\\u2028"]', 'js');
    const { jsonPath } = await writeDump(sampleDump('stuck', { ast }), { dir: fresh() });
    assert.match(readFileSync(jsonPath, 'utf8'), /"bigint": "10"/);
    assert.match(readFileSync(jsonPath, 'utf8'), /"pattern": "a"/);
  });
  test('a giant tree is left out, and the dump says so', async () => {
    const { ast } = parseMacro(`return [${'1,'.repeat(300_000)}]`, 'js');
    const { jsonPath } = await writeDump(sampleDump('stuck', { ast }), { dir: fresh() });
    const dump = await readDump(jsonPath);
    assert.ok(dump.ast === null);
    assert.match(dump.astOmitted ?? '', /takes \d+ characters/);
  });
  test('a folder that cannot be made, or is a file, is a clear error and leaves nothing', async () => {
    const blocked = file('x');
    for (const dir of [join(blocked, 'x'), blocked, '/proc/nowhere/x']) {
      await assert.rejects(writeDump(sampleDump('stuck'), { dir }), (error) => {
        assert.ok(error instanceof CorralError);
        assert.equal(error.code, 'unwritable-file');
        assert.ok(error.message.includes(dir), error.message);
        return true;
      });
    }
  });
  test('a summary that cannot be written does not cost the dump, and is told', async () => {
    const dir = fresh();
    const { textPath } = await writeDump(sampleDump('stuck'), { dir });
    assert.ok(textPath);
    rmSync(textPath);
    mkdirSync(textPath);
    const again = await writeDump(sampleDump('stuck'), { dir });
    assert.equal(again.textPath, null);
    assert.equal(
      again.problem,
      `The crash dump is written, but its summary ${textPath} cannot be: it is a folder.`,
    );
    assert.equal((await readDump(again.jsonPath)).reason, 'stuck');
    assert.equal(readdirSync(dir).length, 2);
  });
  test('a name that is taken is replaced whole', async () => {
    const dir = fresh();
    await writeDump(sampleDump('stuck', { message: 'first' }), { dir });
    const { jsonPath } = await writeDump(sampleDump('stuck', { message: 'second' }), { dir });
    assert.equal((await readDump(jsonPath)).message, 'second');
    assert.equal(readdirSync(dir).length, 2);
  });
});

describe('reading', () => {
  const whole = readFileSync(samplePath('cpu-limit'), 'utf8');

  test('cut off at any place: an error, never a crash', async () => {
    for (let at = 0; at < whole.trimEnd().length; at += Math.ceil(whole.length / 150))
      await fails(file(whole.slice(0, at)), 'bad-dump', /ends too early|is empty/);
  });
  test('a newer version with more fields: what is unknown is kept', async () => {
    const path = file(JSON.stringify({ ...JSON.parse(whole), schemaVersion: 9, gpu: { used: 1 } }));
    const dump = await readDump(path);
    assert.equal(dump.schemaVersion, 9);
    assert.deepEqual((dump as { gpu?: unknown }).gpu, { used: 1 });
  });
  test('a damaged field is named', () =>
    fails(
      file(JSON.stringify({ ...JSON.parse(whole), samples: [{ at: 'x' }] })),
      'bad-dump',
      /its field samples\.0\.at is damaged/,
    ));
  test('foreign JSON', () => fails(file('{"a":1}'), 'bad-dump', /no crash dump of Corral/));
  test('JSON that is no object', () => fails(file('null'), 'bad-dump', /no crash dump of Corral/));
  test('no JSON', () => fails(file('hello\nworld'), 'bad-dump', /not JSON from line 1 on/));
  test('an empty file', () => fails(file(''), 'bad-dump', /it is empty/));
  test('bytes that are no text', () =>
    fails(file(Buffer.from([0xff, 0xfe, 0x00])), 'bad-dump', /not UTF-8/));
  test('a missing file', () =>
    fails(join(temp.path, 'none.json'), 'unreadable-file', /there is no such file/));
  test('a folder', () => {
    mkdirSync(join(temp.path, 'folder'));
    return fails(join(temp.path, 'folder'), 'unreadable-file', /it is a folder/);
  });
});
