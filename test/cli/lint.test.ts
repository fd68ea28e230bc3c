// `corral lint` as a user runs it: files, formats, exit codes, comments, fixes, and ten ways to use it wrongly.

import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, describe, test } from 'node:test';
import { Report } from '../../src/model/report.ts';
import { CHILD_LIFE } from '../support/child-life.ts';
import { corral, ROOT } from '../support/cli.ts';
import { tempDir } from '../support/temp.ts';

const temp = tempDir();
after(() => temp[Symbol.dispose]());
const lint = (...args: string[]) => corral(['lint', ...args], { cwd: temp.path });
const piped = (stdin: string | Buffer, ...args: string[]) =>
  corral(['lint', ...args], { cwd: temp.path, stdin });

/** Writes a file into the temporary folder and gives its name. */
function file(name: string, text: string | Buffer): string {
  mkdirSync(dirname(join(temp.path, name)), { recursive: true });
  writeFileSync(join(temp.path, name), text);
  return name;
}
const read = (name: string) => readFileSync(join(temp.path, name), 'utf8');

const ENDLESS = 'log(1);\nfor (;;);\n';
const UNUSED = '// corral-disable-next-line infinite-loop -- why\nlog(1);\n';

file('fine.js', 'return 1;\n');
file('endless.js', ENDLESS);
file('folder/deep/endless.js', ENDLESS);
file('folder/typed.ts', 'const a: number = 1;\nreturn a;\n');
file('folder/types.d.ts', 'declare const a: number;\n');
file('folder/readme.txt', 'for (;;);\n');
file('folder/node_modules/x.js', ENDLESS);

describe('corral lint', () => {
  test('shows what is wrong, where, why, and where to read on', async () => {
    const { code, stdout, stderr } = await lint('endless.js');
    assert.deepEqual({ code, stderr }, { code: 1, stderr: '' });
    assert.match(stdout, /^error infinite-loop {2}this loop can never end/);
    assert.match(stdout, /\n {2}at {3}endless\.js:2:1\n/);
    assert.match(stdout, /\n {2}> 2 \| for \(;;\);\n {6}\| \^{8}\n/);
    assert.match(stdout, /\n {2}why {2}\S.*\n {2}more docs\/rules\/infinite-loop\.md\n/);
    assert.match(
      stdout,
      /✖ 1 file, 1 error, 0 warnings, 0 info · verdict refuse · risk 0\.\d+ critical\n$/,
    );
  });

  test('says why only once for each rule', async () => {
    const { stdout } = await lint('endless.js', 'folder');
    assert.equal(stdout.match(/^ {2}why /gm)?.length, 1);
    assert.equal(stdout.match(/^error infinite-loop/gm)?.length, 2);
  });

  test('takes folders, each macro once', async () => {
    const { stdout } = await lint('folder', 'folder/typed.ts', 'folder', '--json');
    assert.deepEqual(
      JSON.parse(stdout).map(({ file }: Report) => file),
      ['folder/deep/endless.js', 'folder/typed.ts'],
    );
  });

  test('takes quoted patterns', async () => {
    for (const [pattern, files] of [
      ['*.js', ['endless.js', 'fine.js']],
      ['folder/**', ['folder/deep/endless.js', 'folder/typed.ts']],
      ['{fine,endless}.js', ['endless.js', 'fine.js']],
    ] as const) {
      const { stdout } = await lint(pattern, '--json');
      assert.deepEqual(
        JSON.parse(stdout).map(({ file }: Report) => file),
        files,
        pattern,
      );
    }
  });

  test('reads stdin, under the name it is given', async () => {
    const { code, stdout } = await piped(
      'const a: number = 1;\nfor (;;);\n',
      '--stdin',
      '--stdin-filename',
      'a/b.ts',
    );
    assert.equal(code, 1);
    assert.match(stdout, /at {3}a\/b\.ts:2:1/);
    assert.match((await piped(ENDLESS, '-')).stdout, /at {3}<stdin>:2:1/);
  });

  test('prints JSON in the published shape, and what is silenced', async () => {
    file('silenced.js', 'for (;;); // corral-disable-line infinite-loop -- a test\n');
    const { code, stdout } = await lint('endless.js', 'silenced.js', '--json');
    assert.equal(code, 1);
    const [endless, silenced] = JSON.parse(stdout);
    for (const entry of [endless, silenced])
      assert.deepEqual(Report.safeParse(entry).error, undefined);
    assert.deepEqual([endless.findings.length, endless.suppressed], [1, []]);
    assert.equal(silenced.findings.length, 0);
    assert.deepEqual(
      silenced.suppressed.map(({ rule, reason }: { rule: string; reason: string }) => [
        rule,
        reason,
      ]),
      [['infinite-loop', 'a test']],
    );
    assert.equal(silenced.verdict, 'refuse', 'admission does not listen to comments');
  });

  for (const [format, begin] of [
    ['sarif', /^\{\n {2}"\$schema"/],
    ['github', /^::error file=endless\.js,line=2,/],
    ['junit', /^<\?xml /],
    ['json', /^\[\n/],
  ] as const)
    test(`prints ${format}, and nothing else`, async () => {
      const { code, stdout, stderr } = await lint('endless.js', '--format', format);
      assert.deepEqual({ code, stderr }, { code: 1, stderr: '' });
      assert.match(stdout, begin);
    });

  test('tells what patterns find, and lets comments silence it', async () => {
    const spam = 'for (;;) {\n  COMMENT\n  await chat.say({ text: "x" });\n}\n';
    const told = await piped(spam.replace('COMMENT', ''), '-');
    assert.match(told.stdout, /pattern:chat-spam[\s\S]*\n {2}more corral patterns chat-spam\n/);
    const comment = '// corral-disable-next-line pattern:chat-spam -- nobody minds';
    const silenced = await piped(spam.replace('COMMENT', comment), '-');
    assert.doesNotMatch(silenced.stdout, /^\w+ pattern:chat-spam/m);
    assert.match(silenced.stdout, /1 silenced by comments/);
    const misspelt = await piped('// corral-disable pattern:chat-spma -- why', '-');
    assert.match(
      misspelt.stdout,
      /no rule `pattern:chat-spma`; did you mean `pattern:chat-spam`\?/,
    );
  });

  test('takes patterns of the user', async () => {
    const pattern = readFileSync(join(ROOT, 'patterns/chat-spam.yaml'), 'utf8').replace(
      'id: chat-spam',
      'id: own-spam',
    );
    file('own/own-spam.yaml', pattern);
    const { stdout } = await piped(
      'for (;;) await chat.say({ text: "x" });',
      '-',
      '--patterns',
      'own',
    );
    assert.match(stdout, /pattern:own-spam/);
  });

  test('says what adds to the risk when asked, and always to programs', async () => {
    file('risky.js', `${ENDLESS}new RegExp(input.text);\n`);
    const { stdout } = await lint('risky.js', '--explain-risk');
    assert.match(
      stdout,
      /\nrisk (0\.\d+) critical {2}risky\.js\n {2}0\.950 {2}1 error of infinite-loop\n[\s\S]* · risk \1 critical\n$/,
    );
    const [{ risk, riskParts }] = JSON.parse((await lint('risky.js', '--json')).stdout);
    const left = riskParts.reduce(
      (product: number, { adds }: { adds: number }) => product * (1 - adds),
      1,
    );
    assert.ok(Math.abs(1 - left - risk) < 0.001, 'the parts make the whole');
  });

  test('takes hundreds of files: what matters first, notes in a line, a summary last', async () => {
    for (let at = 0; at < 300; at++)
      file(
        `hundreds/${at % 7}/m${at}.js`,
        at % 100 === 0 ? ENDLESS : at % 3 ? 'return 1;\n' : 'new RegExp(input.text);\n',
      );
    const { code, stdout, stderr } = await lint('hundreds');
    assert.deepEqual([code, stderr], [1, ''], 'no progress where there is no terminal');
    assert.match(
      stdout,
      /^error infinite-loop[\s\S]*\ninfo good to know\n[\s\S]*\n {2}and \d+ more; name fewer files to read them\n\n✖ 300 files, 3 errors, 0 warnings, 99 info\n$/,
    );
  });

  test('sums up many files by rule and by file', async () => {
    for (const name of ['a', 'b', 'c', 'd'])
      file(`many/${name}.js`, name === 'c' ? ENDLESS.repeat(2) : ENDLESS);
    const { stdout } = await lint('many');
    assert.match(stdout, /\nBy rule\n +\d ✖ +infinite-loop\n/);
    assert.match(stdout, /\nFiles with the most\n/);
    assert.match(stdout, /✖ 4 files, \d errors/);
    assert.doesNotMatch((await lint('many', '--quiet')).stdout, /By rule/);
  });
});

describe('the exit code', () => {
  test('is 1 from --max-level on', async () => {
    file('info.js', 'new RegExp(input.text);\n');
    assert.equal((await lint('fine.js', '--max-level', 'info')).code, 0);
    assert.equal((await lint('info.js')).code, 0);
    assert.equal((await lint('info.js', '--max-level', 'info')).code, 1);
  });
  test('leaves out what comments silence', async () => {
    const { code, stdout } = await piped(
      'for (;;); // corral-disable-line infinite-loop -- why',
      '-',
    );
    assert.equal(code, 0);
    assert.match(
      stdout,
      /✔ 1 file, 0 errors, 0 warnings, 0 info, 1 silenced by comments · verdict refuse/,
    );
  });
  test('is 1 when --guard refuses, silenced or not', async () => {
    const source = 'for (;;); // corral-disable-line infinite-loop -- why';
    const { code, stdout } = await piped(source, '-', '--guard', 'medium');
    assert.equal(code, 1);
    assert.match(stdout, /^refused at medium: <stdin>, line 1: this loop can never end/m);
    const fine = await lint('fine.js', '--guard', 'maximum');
    assert.equal(fine.code, 0);
    assert.match(fine.stdout, /^admitted at maximum: fine\.js, runs alone in its process$/m);
  });
  test('--guard decides by its level', async () => {
    const names = ['fine.js', 'endless.js', file('waits.js', 'await new Promise(() => {});\n')];
    const verdicts: Record<string, string[]> = {};
    const codes: (number | null)[] = [];
    for (const level of ['low', 'medium', 'high', 'maximum']) {
      const { code, stdout } = await lint(...names, '--json', '--guard', level);
      codes.push(code);
      verdicts[level] = JSON.parse(stdout).map(({ guard }: { guard: { verdict: string } }) => {
        assert.ok(guard);
        return guard.verdict;
      });
    }
    assert.deepEqual(verdicts, {
      low: ['admit', 'refuse', 'solo'],
      medium: ['admit', 'refuse', 'solo'],
      high: ['solo', 'refuse', 'solo'],
      maximum: ['solo', 'refuse', 'refuse'],
    });
    assert.deepEqual(codes, [1, 1, 1, 1]);
  });
});

test('a run refuses what a comment silences: a macro cannot silence its own guard', async () => {
  file('sly.js', '// corral-disable infinite-loop, syntax-error -- trust me\nfor (;;);\n');
  assert.equal((await lint('sly.js')).code, 0);
  const { code, stdout } = await corral(['run', 'sly.js', '--json', '--dump', 'never'], {
    cwd: temp.path,
  });
  assert.equal(code, 1);
  assert.match(stdout, /"status":"refused"/);
});

describe('--fix', () => {
  test('mends the file and says what it did', async () => {
    file('fix.js', UNUSED);
    const { code, stdout, stderr } = await lint('fix.js', '--fix');
    assert.equal(code, 0);
    assert.equal(read('fix.js'), 'log(1);\n');
    assert.match(stderr, /^fixed fix\.js:1:29 {2}unused-disable: take the comment out\n$/);
    assert.match(stdout, /✔ 1 file, 0 errors, 0 warnings, 0 info/);
  });
  test('awaits what nobody waits for, and only offers what makes the macro slower', async () => {
    const whisper = "chat.whisper({ to: 'bob', text: 'x' });";
    file('calls.js', `for (let i = 0; i < 99; i++) {\n  ${whisper}\n  await ${whisper}\n}\n`);
    const { stdout, stderr } = await lint('calls.js', '--fix');
    assert.equal(
      read('calls.js'),
      `for (let i = 0; i < 99; i++) {\n  await ${whisper}\n  await ${whisper}\n}\n`,
    );
    assert.equal(stderr, 'fixed calls.js:2:3  unawaited-command: wait for it\n');
    assert.match(
      stdout,
      /\n {2}fix {2}put `await sleep\(250\);` behind it \(look at it before you do\)\n/,
    );
  });
  test('keeps byte order mark, line breaks, mode and links', async () => {
    file('kept.js', `\ufeff${UNUSED.replaceAll('\n', '\r\n')}log('ü');\r\n`);
    execFileSync('chmod', ['750', join(temp.path, 'kept.js')]);
    symlinkSync('kept.js', join(temp.path, 'link.js'));
    await lint('link.js', '--fix');
    assert.equal(read('kept.js'), "\ufefflog(1);\r\nlog('ü');\r\n");
    assert.equal(statSync(join(temp.path, 'kept.js')).mode & 0o777, 0o750);
    assert.equal(read('link.js'), read('kept.js'));
  });
  test('leaves files alone that need nothing', async () => {
    const before = statSync(join(temp.path, 'endless.js'), { bigint: true });
    await lint('endless.js', '--fix');
    const now = statSync(join(temp.path, 'endless.js'), { bigint: true });
    assert.deepEqual([now.mtimeNs, now.ino], [before.mtimeNs, before.ino]);
  });
  test('--fix-dry-run shows the change and makes none', async () => {
    file('dry.js', UNUSED);
    const { stdout } = await lint('dry.js', '--fix-dry-run');
    assert.equal(
      stdout,
      `--- dry.js\n+++ dry.js\n@@ -1,2 +1,1 @@\n-${UNUSED.split('\n')[0]}\n log(1);\n`,
    );
    assert.equal(read('dry.js'), UNUSED);
  });
});

describe('used wrongly, corral lint says what to do', () => {
  for (const [what, args, says] of [
    [
      'a file that is not there',
      ['gone.js'],
      /^error Cannot read macro gone\.js: there is no such file or folder\.\n$/,
    ],
    ['a folder without macros', ['bare'], /^error There is no macro \(\*\.js, .*\) in bare\.\n$/],
    [
      'a binary file',
      ['binary.js'],
      /^error Cannot read macro binary\.js: it is not UTF-8 text; save it as UTF-8\.\n$/,
    ],
    [
      'a giant file',
      ['giant.js'],
      /^error Cannot read macro giant\.js: it is larger than 8 MB\.\n$/,
    ],
    [
      'an unknown option',
      ['--qiet', 'fine.js'],
      /unknown option '--qiet'[\s\S]*Did you mean --quiet/,
    ],
    [
      'an unknown format',
      ['--format', 'xml', 'fine.js'],
      /Allowed choices are pretty, json, sarif, github, junit/,
    ],
    ['a pattern that matches nothing', ['zz*.js'], /^error No macro .* matches zz\*\.js\.\n$/],
    ['nothing', [], /^error Name a macro, a folder or a pattern/],
    [
      'files and --stdin',
      ['--stdin', 'fine.js'],
      /^error --stdin reads one macro from stdin; leave the files out/,
    ],
    [
      '--stdin-filename alone',
      ['fine.js', '--stdin-filename', 'a.js'],
      /^error --stdin-filename names what comes from stdin/,
    ],
    ['--watch of stdin', ['-', '--watch'], /^error --watch needs files/],
    ['--fix of stdin', ['-', '--fix'], /^error --fix needs files/],
    ['--watch for a program', ['fine.js', '--watch', '--json'], /^error --watch prints for people/],
    [
      'patterns that are not there',
      ['fine.js', '--patterns', 'none'],
      /^error Cannot read none: it does not exist\.\n$/,
    ],
  ] as const)
    test(`given ${what}`, async () => {
      mkdirSync(join(temp.path, 'bare'), { recursive: true });
      file('binary.js', Buffer.from([0x80, 0xff, 0xfe, 0x00]));
      file('giant.js', Buffer.alloc(9 * 1024 * 1024, 'x'));
      const { code, stdout, stderr } = await lint(...args);
      assert.deepEqual({ code, stdout }, { code: 2, stdout: '' });
      assert.match(stderr, says);
    });

  test('a file that cannot be read is no reason to keep quiet about the others', async () => {
    const { code, stdout, stderr } = await lint('gone.js', 'endless.js');
    assert.equal(code, 2);
    assert.match(stderr, /gone\.js/);
    assert.match(stdout, /✖ 1 file, 1 error, 0 warnings, 0 info, 1 not read/);
  });

  test('a reader that leaves early ends it quietly', () => {
    const main = join(ROOT, 'src/cli/main.ts');
    const line = `"${process.execPath}" "${main}" lint "${temp.path}" 2>&1 | head -1`;
    const text = execFileSync('sh', ['-c', line], {
      encoding: 'utf8',
      env: { NO_COLOR: '1', PATH: process.env.PATH },
    });
    assert.equal(text.split('\n').length, 2, text);
  });
});

test('--watch looks again at what changes, comes or goes, and ends on Ctrl-C', async () => {
  file('watched/a.js', 'return 1;\n');
  const main = join(ROOT, 'src/cli/main.ts');
  const child = spawn(process.execPath, [main, 'lint', 'watched', '--watch'], {
    cwd: temp.path,
    env: { NO_COLOR: '1', PATH: process.env.PATH ?? '' },
    ...CHILD_LIFE,
  });
  const ended = once(child, 'exit');
  let seen = '';
  let look = () => {};
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      seen += chunk.toString();
      look();
    });
  // In any order: findings and news come by two pipes.
  const saw = async (...all: RegExp[]) => {
    const found = new Promise<void>((resolve) => {
      look = () => void (all.every((each) => each.test(seen)) && resolve());
      look();
    });
    await Promise.race([found, ended.then(() => assert.fail(`it ended: ${seen}`))]);
    seen = '';
  };
  try {
    await saw(/✔ 1 file/, /watching 1 file, Ctrl-C ends/);
    file('watched/a.js', ENDLESS);
    await saw(/watched\/a\.js has changed/, /infinite-loop/, /watching 1 file/);
    file('watched/b.js', ENDLESS);
    await saw(/watched\/b\.js is new/, /at {3}watched\/b\.js:2:1/, /watching 2 files/);
    rmSync(join(temp.path, 'watched/b.js'));
    await saw(/watched\/b\.js is gone/, /watching 1 file/);
  } finally {
    child.kill('SIGINT');
  }
  assert.deepEqual(await ended, [130, null]);
});
