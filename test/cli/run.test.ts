import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { after, describe, test } from 'node:test';
import { corral, jsonLines } from '../support/cli.ts';
import { tempDir } from '../support/temp.ts';

const temp = tempDir();
after(() => temp[Symbol.dispose]());
let files = 0;

/** Writes a macro and gives its path. */
function macro(source: string, extension = 'js'): string {
  const path = join(temp.path, `macro-${++files}.${extension}`);
  writeFileSync(path, source);
  return path;
}

const inTemp = { cwd: temp.path };
const run = (source: string, ...flags: string[]) =>
  corral(['run', macro(source), ...flags], inTemp);

describe('corral run', () => {
  test('prints the result on stdout and everything else on stderr', async () => {
    const { code, stdout, stderr } = await run(
      `log('on the way'); await chat.say({ text: 'hi' }); return { n: 1 }`,
    );
    assert.equal(code, 0);
    assert.equal(stdout, '{"n":1}\n');
    assert.match(stderr, /info +on the way/);
    assert.match(stderr, /chat\.say \{"text":"hi"\}/);
    assert.match(stderr, /✔ macro-\d+ completed in/);
    assert.match(stderr, /used .*cpu .* of 10s .*1 of 5000 commands/);
  });

  test('a macro that returns nothing prints nothing on stdout', async () => {
    const { code, stdout } = await run('log(1)');
    assert.deepEqual({ code, stdout }, { code: 0, stdout: '' });
  });

  test('reads the macro from stdin with -', async () => {
    const { code, stdout } = await corral(['run', '-'], { ...inTemp, stdin: 'return 40 + 2' });
    assert.deepEqual({ code, stdout }, { code: 0, stdout: '42\n' });
  });

  test('reads what a shell hands over as /dev/stdin', async () => {
    const { code, stdout } = await corral(['run', '/dev/stdin'], { ...inTemp, stdin: 'return 7' });
    assert.deepEqual({ code, stdout }, { code: 0, stdout: '7\n' });
  });

  test('runs the module form and TypeScript, with lines of their own', async () => {
    const module = await corral(
      ['run', macro('export default async ({ input }) => input.a', 'mjs'), '--input', '{"a":[1]}'],
      inTemp,
    );
    assert.equal(module.stdout, '[1]\n');
    const typed = await corral(
      [
        'run',
        macro(
          'interface A { n: number }\nconst a: A = { n: 1 };\nthrow new Error(`n is ${a.n as number}`)',
          'ts',
        ),
      ],
      inTemp,
    );
    assert.equal(typed.code, 1);
    assert.match(typed.stderr, /Error: n is 1/);
    assert.match(typed.stderr, /macro-\d+\.ts:3:7/);
  });

  test('--input and --input-file give the input, checked against @input', async () => {
    const source =
      '// ==Macro==\n// @name in\n// @input rounds:integer=3\n// ==/Macro==\nreturn input.rounds';
    assert.equal((await run(source)).stdout, '3\n');
    assert.equal((await run(source, '--input', '{"rounds":5}')).stdout, '5\n');
    const file = join(temp.path, 'input.json');
    writeFileSync(file, '{"rounds":7}');
    assert.equal((await run(source, '--input-file', file)).stdout, '7\n');
    const wrong = await run(source, '--input', '{"rounds":"many"}');
    assert.equal(wrong.code, 2);
    assert.match(wrong.stderr, /Wrong input for in: rounds: .*It takes rounds:integer=3/);
  });

  test('--json prints one object a line: admission first, end last', async () => {
    const { code, stdout } = await run(
      `log('a'); await chat.say({ text: 'b' }); return [1, undefined, 5n]`,
      '--json',
      '--seed',
      '3',
    );
    assert.equal(code, 0);
    const events = jsonLines(stdout);
    assert.equal(events[0]?.type, 'admission');
    assert.equal(events[0]?.seed, 3);
    const end = events.at(-1);
    assert.equal(end?.type, 'end');
    for (const key of [
      'status',
      'reason',
      'value',
      'error',
      'line',
      'durationMs',
      'cpuMs',
      'peakHeap',
      'commands',
      'dump',
    ])
      assert.ok(key in (end ?? {}), `the end has ${key}`);
    assert.deepEqual(end?.value, [1, { $: 'undefined' }, { $: 'bigint', v: '5' }]);
    const command = events.find((event) => event.type === 'command');
    assert.equal(command?.name, 'chat.say');
    assert.deepEqual(command?.args, { text: 'b' });
  });

  test('--seed makes random() and the host the same again', async () => {
    const source = 'return [random(), Math.random(), (await combat.foes({})).foes.length]';
    const [a, b, c] = [
      await run(source, '--seed', '5'),
      await run(source, '--seed', '5'),
      await run(source, '--seed', '6'),
    ];
    assert.equal(a.stdout, b.stdout);
    assert.notEqual(a.stdout, c.stdout);
  });

  test('--host print acknowledges and prints', async () => {
    const { stdout, stderr } = await run(
      `return await combat.attack({ target: 'bob' })`,
      '--host',
      'print',
    );
    assert.equal(stdout, '{"ok":true}\n');
    assert.match(stderr, /combat\.attack \{"target":"bob"\}/);
  });

  test('--quiet says nothing but the result', async () => {
    const { stdout, stderr } = await run(`log('x'); return 1`, '--quiet');
    assert.deepEqual({ stdout, stderr }, { stdout: '1\n', stderr: '' });
  });

  test('--limit lowers and raises; a header can only lower', async () => {
    const header = (limit: string) =>
      `// ==Macro==\n// @name h\n// @limit ${limit}\n// ==/Macro==\nreturn 1`;
    const limits = async (source: string, ...flags: string[]) =>
      jsonLines((await run(source, '--json', ...flags)).stdout)[0]?.limits as Record<
        string,
        { value: number; setBy: string }
      >;
    assert.deepEqual((await limits('return 1', '--limit', 'cpu=30s')).cpu, {
      value: 30_000,
      setBy: 'host',
    });
    assert.deepEqual((await limits(header('cpu=1s'))).cpu, { value: 1_000, setBy: 'header' });
    assert.deepEqual((await limits(header('cpu=60s'), '--limit', 'cpu=2s')).cpu, {
      value: 2_000,
      setBy: 'host',
    });
    const { stderr } = await run(header('cpu=60s'), '--limit', 'cpu=2s');
    assert.match(stderr, /warning the header asks for cpu=1m; it gets 2s/);
  });

  test('refuses what lint calls infinite and shows why; --no-lint runs it until its limit', async () => {
    const refused = await run('log(1);\nwhile (true) {}\n');
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /infinite-loop/);
    assert.match(refused.stderr, /> 2 \|/);
    assert.match(refused.stderr, /was refused/);
    assert.doesNotMatch(refused.stderr, /info +1/);
    const ran = await run('log(1);\nwhile (true) {}\n', '--no-lint', '--limit', 'cpu=1s');
    assert.equal(ran.code, 1);
    assert.match(ran.stderr, /was stopped after .* \(cpu-limit\)/);
    assert.match(ran.stderr, /> 2 \| while \(true\) \{\}/);
    assert.match(ran.stderr, /dump +\.corral\/dumps\/corral-crash-dump-\d{8}-\d{6}-\w+\.json/);
    const kinds = readdirSync(join(temp.path, '.corral', 'dumps')).map((name) => extname(name));
    assert.deepEqual(kinds.sort(), ['.cpuprofile', '.json', '.txt']);
  });

  test('says in one line what lint warns of in the header', async () => {
    const late = 'let x = 1;\n// ==Macro==\n// @name late\n// ==/Macro==\nreturn x';
    const { code, stdout, stderr } = await run(late);
    assert.deepEqual({ code, stdout }, { code: 0, stdout: '1\n' });
    assert.match(
      stderr,
      /^ +0ms warning line 2: the header stands after the first code and is not/m,
    );
    assert.equal((await run(late, '--quiet')).stderr, '');
  });

  test('what does not parse is refused with its place, lint or not', async () => {
    for (const flags of [[], ['--no-lint']]) {
      const { code, stderr } = await run('const a = 1;\nconst b = ;\n', ...flags);
      assert.equal(code, 1);
      assert.match(stderr, /> 2 \| const b = ;/);
    }
  });

  test('an error shows its message, its line and its stack', async () => {
    const { code, stdout, stderr } = await run('function f() {\n  null.x;\n}\nf();');
    assert.deepEqual({ code, stdout }, { code: 1, stdout: '' });
    assert.match(stderr, /TypeError: Cannot read properties of null/);
    assert.match(stderr, /> 2 \| {3}null\.x;/);
  });

  test('a failing command names the line that gave it', async () => {
    const { stderr } = await run(`log(1);\nawait combat.attack({ target: 'nobody there' });`);
    assert.match(stderr, /CommandError: combat\.attack: /);
    assert.match(stderr, /> 2 \| await combat/);
  });

  test('state is kept from run to run, per macro name', async () => {
    const source = '// ==Macro==\n// @name counter\n// ==/Macro==\nreturn await state.incr("runs")';
    assert.equal((await run(source, '--state-dir', 'states')).stdout, '1\n');
    assert.equal((await run(source, '--state-dir', 'states')).stdout, '2\n');
    assert.ok(existsSync(join(temp.path, 'states', 'state.sqlite')));
  });

  test('--dump-dir and --dump decide about dumps', async () => {
    await run('throw 1', '--dump', 'always', '--dump-dir', 'mine');
    assert.equal(readdirSync(join(temp.path, 'mine')).length, 2);
    await run(
      'await new Promise(() => {})',
      '--limit',
      'idle=50ms',
      '--dump',
      'never',
      '--dump-dir',
      'none',
    );
    assert.equal(existsSync(join(temp.path, 'none')), false);
  });

  test('Ctrl-C cancels, still prints the end, and exits with 130', async () => {
    const { code, stderr } = await corral(['run', macro(`log('ready'); await sleep(60000)`)], {
      ...inTemp,
      interrupt: { after: /ready/, signal: 'SIGINT' },
    });
    assert.equal(code, 130);
    assert.match(stderr, /■ macro-\d+ was cancelled after/);
  });

  test('Ctrl-C ends a busy loop too', async () => {
    const { code, stderr } = await corral(
      ['run', macro(`log('ready');\nfor (;;) {}`), '--no-lint'],
      {
        ...inTemp,
        interrupt: { after: /ready/, signal: 'SIGINT' },
      },
    );
    assert.equal(code, 130);
    assert.match(stderr, /was cancelled/);
  });

  test('hostile text never reaches the terminal as it is', async () => {
    const { stdout, stderr } = await run(
      `log('\\u001b[2J\\u202e\\u0007'); console.error({ '\\u001b]0;x\\u0007': 1 }); return '\\u009b2J\\u202e'`,
    );
    // biome-ignore lint/suspicious/noControlCharactersInRegex: controls are what this looks for
    const unsafe = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/;
    assert.doesNotMatch(stdout, unsafe);
    assert.doesNotMatch(stderr, unsafe);
    assert.equal(JSON.parse(stdout), '\u009b2J\u202e');
  });
});

describe('corral run, the wrong ways', () => {
  const wrong = async (args: string[], message: RegExp, options = {}) => {
    const { code, stdout, stderr } = await corral(['run', ...args], { ...inTemp, ...options });
    assert.equal(code, 2, stderr);
    assert.equal(stdout, '');
    assert.match(stderr, message);
    assert.doesNotMatch(stderr, /\n {4}at /, 'no stack trace for a user error');
  };
  const ok = macro('return 1');

  test('no file', () => wrong([], /missing required argument 'file'/));
  test('a file that is not there', () =>
    wrong(['nowhere.js'], /Cannot read macro nowhere\.js: there is no such file/));
  test('a folder', () => wrong([temp.path], /it is a folder/));
  test('a pipe that nobody writes into, as macro and as input', async () => {
    const fifo = join(temp.path, 'fifo.js');
    execFileSync('mkfifo', [fifo]);
    await wrong(
      [fifo],
      /Cannot read macro .*fifo\.js: it is no regular file; .* through - instead/,
    );
    await wrong([ok, '--input-file', fifo], /Cannot read input .*fifo\.js: it is no regular file/);
  });
  test('links that lead round in a circle', () => {
    const link = join(temp.path, 'round.js');
    symlinkSync(link, link);
    return wrong([link], /its links lead round in a circle/);
  });
  test('an unknown flag', () => wrong([ok, '--fast'], /unknown option '--fast'/));
  test('an unknown limit', () =>
    wrong([ok, '--limit', 'disk=1gb'], /there is no limit "disk"; the limits are wall, cpu/));
  test('a limit that is not one', () =>
    wrong(
      [ok, '--limit', 'cpu=lots'],
      /`cpu=lots` is not a duration; write for example cpu=500ms/,
    ));
  test('an unknown host', () =>
    wrong([ok, '--host', 'moon'], /Allowed choices are training-ground, print/));
  test('an input that is not JSON', () => wrong([ok, '--input', '{rounds:3}'], /it is not JSON/));
  test('both inputs', () =>
    wrong([ok, '--input', '1', '--input-file', 'x'], /either --input or --input-file/));
  test('a seed that is none', () => wrong([ok, '--seed', 'abc'], /a seed is a whole number/));
  test('an unknown privileged command', () =>
    wrong([ok, '--allow', 'sky.fall'], /--allow: the host has no such command as sky\.fall/));
  test('stdin twice', () =>
    wrong(['-', '--input-file', '-'], /cannot be the macro and its input at once/));
  test('a file that is not UTF-8', () => {
    const path = join(temp.path, 'latin.js');
    writeFileSync(path, Buffer.from([0x2f, 0x2f, 0xe9, 0x0a]));
    return wrong([path], /it is not UTF-8 text; save it as UTF-8/);
  });
  test('a macro of 50 MB', () => {
    const path = join(temp.path, 'big.js');
    writeFileSync(path, ' '.repeat(50 * 1024 * 1024));
    return wrong([path], /it is larger than 2 MB/);
  });
  test('a state folder that cannot be used', async () => {
    const blocked = join(temp.path, 'blocked');
    writeFileSync(blocked, 'a file');
    const { code, stderr } = await run('await state.set("a", 1)', '--state-dir', blocked);
    assert.equal(code, 1);
    assert.match(stderr, /Cannot open the macros' state/);
  });
  test('a dump folder in a place where none can be made', async () => {
    const { code, stderr } = await run(
      'await new Promise(() => {})',
      '--limit',
      'idle=50ms',
      '--dump-dir',
      '/proc/nowhere/dumps',
    );
    assert.equal(code, 1);
    assert.match(
      stderr,
      /warning .*Cannot write the crash dump into \/proc\/nowhere\/dumps: there is no such file or folder;/,
    );
  });
  test('a dump folder that cannot be written: the end still comes, with a warning', async () => {
    const locked = join(temp.path, 'locked');
    mkdirSync(locked);
    writeFileSync(join(locked, 'file'), '');
    chmodSync(locked, 0o500);
    const { code, stderr } = await run(
      'await new Promise(() => {})',
      '--limit',
      'idle=50ms',
      '--dump-dir',
      join(locked, 'file', 'x'),
    );
    assert.equal(code, 1);
    assert.match(stderr, /warning .*Cannot write/);
    assert.match(stderr, /\(idle-limit\)/);
  });
});
