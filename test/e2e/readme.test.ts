// What the README says works as it says: its commands, and what it names.

import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { corral, ROOT } from '../support/cli.ts';
import { copyProject } from '../support/project-copy.ts';
import { askAt, startServer } from '../support/server.ts';
import { shell } from '../support/shell.ts';
import { tempDir } from '../support/temp.ts';

const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
const shellBlocks = [...readme.matchAll(/```sh\n([\s\S]*?)\n```/g)].map((match) => match[1] ?? '');
const temp = tempDir();
after(() => temp[Symbol.dispose]());

describe('the two commands', () => {
  test('the first sets up a fresh copy and runs a macro', async () => {
    const [command = ''] = shellBlocks;
    assert.equal(command, 'npm ci && npx corral run macros/patrol.js');
    copyProject(temp.path);
    const { code, stdout, stderr } = await shell(command, temp.path, 'machine');
    assert.equal(code, 0, stderr);
    assert.match(stdout, /"rounds":1/);
    assert.match(stderr, /✔ patrol completed in/);
  });

  test('the second is the one that runs this test, and what CI calls', () => {
    const [, command = ''] = shellBlocks;
    assert.equal(command, 'npm ci && npm test');
    assert.ok(readFileSync(join(ROOT, '.ci', 'run'), 'utf8').includes(`\n${command}\n`));
    assert.equal(shellBlocks.length, 2, 'any other command needs a test of its own');
  });
});

describe('what it names is there', () => {
  for (const [, target = ''] of readme.matchAll(/\]\(([^)#]+)\)/g)) {
    test(target, () => assert.ok(existsSync(join(ROOT, target))));
  }
  test('nineteen macros to start from', () => {
    const macros = readdirSync(join(ROOT, 'macros')).filter(
      (name) => /\.(js|mjs|ts)$/.test(name) && !name.endsWith('.d.ts'),
    );
    assert.equal(macros.length, 19);
  });
  test('every flag of the table belongs to run', async () => {
    const { stdout } = await corral(['run', '--help']);
    const table = readme.slice(readme.indexOf('Those of `run`'), readme.indexOf('Exit codes:'));
    for (const [flag] of table.matchAll(/--[a-z][a-z-]+/g)) assert.ok(stdout.includes(flag), flag);
  });
  test('every command of the table, and each flag of inspect', async () => {
    const { stdout } = await corral(['--help']);
    for (const [, name = ''] of readme.matchAll(/^\| `corral (\w+)/gm))
      assert.match(stdout, new RegExp(`^ {2}${name}\\b`, 'm'));
    const inspect = await corral(['inspect', '--help']);
    const row = readme.split('\n').find((line) => line.startsWith('| `corral inspect')) ?? '';
    for (const [flag] of row.matchAll(/--[a-z][a-z-]+/g))
      assert.ok(inspect.stdout.includes(flag), flag);
  });
  test('what lint is shown to say is what it says', async () => {
    const [, command = '', shown = ''] =
      /\$ npx corral (lint [^\n]+)\n([\s\S]*?)\n…\n```/.exec(readme) ?? [];
    const { stdout } = await corral(command.split(' '), { cwd: ROOT });
    assert.ok(shown !== '' && stdout.startsWith(`${shown}\n`), stdout);
  });
  test('its macro runs', async () => {
    const source = /```js\n(\/\/ ==Macro==[\s\S]*?)\n```/.exec(readme)?.[1] ?? '';
    const { code, stdout } = await corral(['run', '-', '--quiet'], {
      cwd: temp.path,
      stdin: source,
    });
    assert.equal(code, 0);
    assert.match(stdout, /"greeted":\d/);
  });
  test('`corral types` writes where it says', async () => {
    const { code } = await corral(['types', '--out', join(temp.path, 'corral.d.ts')]);
    assert.equal(code, 0);
    assert.ok(existsSync(join(temp.path, 'corral.d.ts')));
  });
});

test('what is asked with curl is answered as it says, number for number', async () => {
  using dir = tempDir();
  await using server = await startServer(dir.path);
  const lines = [...readme.matchAll(/^\$ curl -s (.+)\n(.+)$/gm)];
  assert.equal(lines.length, 5);
  const ids = new Map<string, string>();
  for (const [, command = '', shown = ''] of lines) {
    const [address = '', ...rest] = [...command.matchAll(/'([^']*)'|(\S+)/g)].map(
      ([, quoted, bare]) => quoted ?? bare ?? '',
    );
    const known = address.replace(/[0-9a-f]{12}/, (id) => ids.get(id) ?? id);
    const body = rest[rest.indexOf('-d') + 1];
    const answer = await askAt(known.replace('localhost:4141', server.url), {
      ...(body !== undefined && { body, headers: { 'content-type': 'application/json' } }),
    });
    const told = typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body);
    const id = /^\{"id":"([0-9a-f]{12})"/.exec(shown)?.[1];
    if (id !== undefined && !ids.has(id)) ids.set(id, answer.body.id);
    const [begin = ''] = shown.split(' …');
    assert.ok(
      told.startsWith(begin.replace(/[0-9a-f]{12}/, (each) => ids.get(each) ?? each)),
      `${command}: ${told.slice(0, 300)}`,
    );
  }
  assert.equal(await server.end('SIGTERM'), 0);
});
