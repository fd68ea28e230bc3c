import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { corral, ROOT } from '../support/cli.ts';
import { PATTERN_TEXT } from '../support/pattern-text.ts';
import { tempDir } from '../support/temp.ts';

const temp = tempDir();
after(() => temp[Symbol.dispose]());
let folders = 0;

/** A folder of its own with these files, and commands run in it. */
function place(files: Readonly<Record<string, string>> = {}) {
  const cwd = join(temp.path, `${++folders}`);
  mkdirSync(cwd);
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(cwd, name, '..'), { recursive: true });
    writeFileSync(join(cwd, name), text);
  }
  return {
    cwd,
    corral: (args: readonly string[], env: Record<string, string> = {}) =>
      corral(args, { cwd, env }),
  };
}

describe('corral config', () => {
  test('says of each value who decided it, the later over the earlier', async () => {
    const { corral } = place({
      'corral.yaml': 'load:\n  active: 50\n  queue: 60\n  warnAt: 70%\n',
    });
    const env = { CORRAL_LOAD_QUEUE: '61', CORRAL_LOAD_WARN_AT: '0.71', CORRAL_LOAD_AKTIVE: '1' };
    const set = ['--set', 'load.warnAt=72%'];
    const { code, stdout, stderr } = await corral(['config', 'load', '--json', ...set], env);
    assert.equal(code, 0);
    assert.match(
      stderr,
      /^warning The variable CORRAL_LOAD_AKTIVE sets nothing; did you mean CORRAL_LOAD_ACTIVE\?\n$/,
    );
    const { file, settings } = JSON.parse(stdout);
    assert.equal(file, 'corral.yaml');
    assert.deepEqual(settings['load.creating'], { value: 50, written: 50, from: 'default' });
    assert.deepEqual(settings['load.active'], { value: 50, written: 50, from: 'corral.yaml:2:3' });
    assert.deepEqual(settings['load.queue'], { value: 61, written: 61, from: 'CORRAL_LOAD_QUEUE' });
    assert.deepEqual(settings['load.warnAt'], {
      value: 0.72,
      written: '72%',
      from: '--set load.warnAt',
    });
  });

  test('is a table by room, and a file that makes the same configuration again', async () => {
    const { cwd, corral } = place({
      'corral.yaml': 'level: high\nlimits: { cpu: 2s }\ndumps: { dir: crash }\n',
    });
    const { stdout: table } = await corral(['config']);
    assert.match(table, /^file {2}corral\.yaml$/m);
    assert.match(table, /^level +high +corral\.yaml:1:1$/m);
    assert.match(
      table,
      /^limits .*\n {2}wall +2m +guard level high\n {2}cpu +2s +corral\.yaml:2:11$/m,
    );
    assert.match(table, /^guard\.high {2}/m);
    assert.doesNotMatch(table, /guard\.low/);
    const { stdout: yaml } = await corral(['config', '--format', 'yaml']);
    mkdirSync(join(cwd, 'sub'));
    writeFileSync(join(cwd, 'sub', 'again.yaml'), yaml);
    const values = async (...flags: string[]) => {
      const { stdout } = await corral(['config', '--json', ...flags]);
      const { settings } = JSON.parse(stdout) as { settings: Record<string, { value: unknown }> };
      return Object.entries(settings).map(([path, { value }]) => [path, value]);
    };
    assert.deepEqual(await values('--config', 'sub/again.yaml'), await values());
  });

  test('what is neither setting nor command is told with what was meant', async () => {
    const { corral } = place();
    const { code, stderr } = await corral(['config', 'chek']);
    assert.equal(code, 2);
    assert.match(stderr, /There is no setting chek; did you mean check\?/);
  });
});

describe('corral config check', () => {
  test('shows what is wrong with the line, and exits with 2', async () => {
    const { corral } = place({ 'corral.yaml': 'level: high\nload:\n  activ: 5\n' });
    const { code, stdout } = await corral(['config', 'check']);
    assert.equal(code, 2);
    assert.equal(
      stdout,
      '✖ corral.yaml:3:3 `load` has an unknown key `activ`; did you mean `active`?\n    3 |   activ: 5\n      |   ^\n',
    );
  });

  test('finds contradictions, says nothing of the environment, and tells programs', async () => {
    const { corral } = place({ 'a.yaml': 'limits:\n  cpu: 1s\n  burst: 2s\n' });
    const args = ['config', 'check', 'a.yaml', '--json'];
    const { code, stdout } = await corral(args, { CORRAL_LEVEL: 'nonsense' });
    assert.equal(code, 2);
    const [{ file, line, column, message }, ...others] = JSON.parse(stdout);
    assert.deepEqual([file, line, column, others], ['a.yaml', 3, 3, []]);
    assert.match(message, /`limits\.burst` is 2s, above `limits\.cpu`, 1s/);
  });
});

describe('corral config init', () => {
  test('writes a file that is fine, and never over another unless forced', async () => {
    const { cwd, corral } = place();
    const file = join(cwd, 'corral.yaml');
    assert.equal((await corral(['config', 'init'])).code, 0);
    assert.match((await corral(['config', 'check'])).stdout, /^✔ corral\.yaml\n$/);
    writeFileSync(file, 'level: low\n');
    const again = await corral(['config', 'init']);
    assert.equal(again.code, 2);
    assert.match(again.stderr, /there already; --force writes over it/);
    assert.equal(readFileSync(file, 'utf8'), 'level: low\n');
    assert.equal((await corral(['config', 'init', '--force'])).code, 0);
    assert.match(readFileSync(file, 'utf8'), /# active: 100/);
  });
});

test('corral config schema prints the published schema', async () => {
  const { stdout } = await place().corral(['config', 'schema']);
  const published = readFileSync(join(ROOT, 'schemas/config.schema.json'), 'utf8');
  assert.deepEqual(JSON.parse(stdout), JSON.parse(published));
});

describe('what is configured counts', () => {
  test('for corral run, below its flags and for all it does', async () => {
    const { corral } = place({
      'corral.yaml': 'level: high\nlimits: { commands: 7, cpu: 2s }\ncommands: { host: print }\n',
      'm.js': 'await combat.attack({ target: "bob" }); return 1',
    });
    const args = ['run', 'm.js', '--json', '--limit', 'commands=5'];
    const { stdout } = await corral(args, { CORRAL_LIMITS_CPU: '1s' });
    const [admission, ...others] = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    assert.deepEqual(
      ['commands', 'cpu', 'wall'].map((name) => admission.limits[name].value),
      [5, 1_000, 120_000],
    );
    assert.equal(admission.verdict, 'solo', 'level high shares no process');
    const command = others.find(({ type }) => type === 'command');
    assert.deepEqual(command.result, { ok: true });
  });

  test('and keeps corral run from running where it is wrong, but for --no-config', async () => {
    const { corral } = place({ 'corral.yaml': 'levl: high\n', 'm.js': 'return 1' });
    const wrong = await corral(['run', 'm.js']);
    assert.deepEqual([wrong.code, wrong.stdout], [2, '']);
    assert.match(
      wrong.stderr,
      /^error Cannot use this configuration: corral\.yaml:1:1: .*`level`\?\n$/,
    );
    assert.equal((await corral(['run', 'm.js', '--no-config'])).stdout, '1\n');
  });

  test('for corral lint: a level that is configured decides, with its own numbers; patterns are loaded', async () => {
    const { corral } = place({
      'corral.yaml':
        'level: low\nguard: { low: { admission: { refuse: warning } } }\npatterns: [mine]\n',
      'mine/shout.yaml': PATTERN_TEXT,
      'm.js': 'await new Promise(() => {});',
    });
    const { code, stdout } = await corral(['lint', 'm.js', '--json']);
    const [{ guard }] = JSON.parse(stdout);
    assert.deepEqual([code, guard.level, guard.verdict], [1, 'low', 'refuse']);
    const patterns = JSON.parse((await corral(['patterns', '--json'])).stdout) as { id: string }[];
    assert.ok(patterns.some(({ id }) => id === 'shout-spam'));
  });

  test('for corral inspect, which looks where dumps go', async () => {
    const { stderr } = await place().corral(['inspect'], { CORRAL_DUMPS_DIR: 'crash' });
    assert.match(stderr, /There are no crash dumps in crash; name a dump/);
  });
});
