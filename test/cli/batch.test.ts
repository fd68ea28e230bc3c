import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { CHILD_LIFE } from '../support/child-life.ts';
import { type CliOptions, corral, jsonLines, ROOT } from '../support/cli.ts';
import { tempDir } from '../support/temp.ts';

const temp = tempDir();
after(() => temp[Symbol.dispose]());

/** A folder of its own with a macro and items, and running the one for the other there. */
function folder(source: string, items: readonly unknown[]) {
  const cwd = mkdtempSync(join(temp.path, 'batch-'));
  writeFileSync(join(cwd, 'macro.js'), source);
  writeFileSync(
    join(cwd, 'items.ndjson'),
    items.map((each) => `${JSON.stringify(each)}\n`).join(''),
  );
  const args = (flags: readonly string[]) => [
    'run',
    'macro.js',
    '--batch',
    'items.ndjson',
    '--concurrency',
    '2',
    '--no-control',
    ...flags,
  ];
  return {
    cwd,
    args,
    run: (flags: readonly string[] = [], options: CliOptions = {}) =>
      corral(args(flags), { ...options, cwd }),
    journals: () => {
      const dir = join(cwd, '.corral/batches');
      return existsSync(dir) ? readdirSync(dir) : [];
    },
  };
}

const lines = (count: number) => Array.from({ length: count }, (_, n) => n + 1);
/** Takes a while over each run, and notes in its state that it was begun. */
const SLOW = `await state.incr('runs', input.items.length); await sleep(250); return input.items.map((n) => n * 10);`;

describe('Retries: corral run --batch', () => {
  test('runs a macro for the items of a file and prints a result for each, in order', async () => {
    const it = folder(
      'await sleep(input.items[0] === 1 ? 300 : 0); return input.items.map((n) => n * input.by);',
      [...lines(9), 'ten'],
    );
    const { code, stdout, stderr } = await it.run(['--batch-size', '3', '--input', '{"by":2}']);
    assert.equal(code, 0, stderr);
    assert.deepEqual(jsonLines(stdout), [
      ...lines(9).map((line) => ({ type: 'result', line, value: line * 2 })),
      { type: 'result', line: 10, value: { $: 'number', v: 'NaN' } },
    ]);
    assert.match(stderr, /10 items, 3 a run, 2 runs at once/);
    assert.match(stderr, /✔ 10 items in /);
    assert.deepEqual(it.journals(), [], 'nothing is left to go on with');
  });

  test('a result that is none for each item is the whole run’s', async () => {
    const it = folder('return input.items.length', [1, 2, 3]);
    const { stdout } = await it.run(['--batch-size', '2']);
    assert.deepEqual(jsonLines(stdout), [
      { type: 'result', line: 1, lastLine: 2, items: 2, value: 2 },
      { type: 'result', line: 3, value: 1 },
    ]);
  });

  test('halves what runs out of memory down to the culprit, and keeps what had room', async () => {
    const it = folder(
      `const kept = [];
       for (const { mb } of input.items)
         for (let n = 0; n < mb; n++) { kept.push(new Array(131072).fill(n)); await sleep(4); }
       return input.items.map(({ mb }) => mb);`,
      [1, 2, 90, 3].map((mb) => ({ mb })),
    );
    const flags = ['--batch-size', '4', '--no-lint', '--limit', 'heap=32mb'];
    const { code, stdout, stderr } = await it.run(flags);
    assert.equal(code, 1);
    const output = jsonLines(stdout);
    assert.deepEqual(
      output.map(({ type, line, value }) => [type, line, value]),
      [
        ['result', 1, 1],
        ['result', 2, 2],
        ['culprit', 3, undefined],
        ['result', 4, 3],
      ],
    );
    assert.equal(output[2]?.reason, 'heap-limit');
    assert.ok(existsSync(join(it.cwd, String(output[2]?.dump))));
    assert.match(stderr, /lines 1 to 4 ran out of memory together: cut in two/);
    assert.match(stderr, /✖ line 3: culprit, heap-limit: it held more memory than it may/);
    assert.match(stderr, /✖ 4 items in .*, 1 failed/);
  });

  test('gives the items of another end that end, harmlessly told, and goes on', async () => {
    const it = folder(
      `if (input.items[0] === 2) throw new Error('no \\u001b[31m'); return input.items`,
      [1, 2, 3],
    );
    const { code, stdout, stderr } = await it.run();
    assert.equal(code, 1);
    assert.deepEqual(
      jsonLines(stdout).map(({ type, line, reason, message }) => [type, line, reason, message]),
      [
        ['result', 1, undefined, undefined],
        ['error', 2, 'failed', 'Error: no \u001b[31m'],
        ['result', 3, undefined, undefined],
      ],
    );
    assert.match(stderr, /✖ line 2: failed: Error: no \\x1b\[31m/);
  });

  test('--json tells how it goes as well, --quiet only what came of it', async () => {
    const it = folder('return input.items', [1, 2]);
    const json = await it.run(['--json']);
    const events = jsonLines(json.stdout);
    assert.deepEqual(events[0], { type: 'batch', items: 2, done: 0, size: 1, concurrency: 2 });
    const end = events.at(-1);
    assert.deepEqual(
      [end?.type, end?.reason, end?.items, end?.succeeded, end?.failed],
      ['end', 'completed', 2, 2, 0],
    );
    assert.equal((await it.run(['--quiet'])).stderr, '');
  });
});

describe('a batch that was interrupted', () => {
  test('by Ctrl-C ends what is under way, says how to go on, and does; nothing is run twice', async () => {
    const it = folder(SLOW, lines(8));
    const after = /"line":2,/;
    const first = await it.run([], { interrupt: { after, signal: 'SIGINT' } });
    assert.equal(first.code, 130, first.stderr);
    assert.match(
      first.stderr,
      /■ stopped after \d of 8 items; the same command with --resume goes on/,
    );
    const done = jsonLines(first.stdout).length;
    assert.ok(done >= 2 && done < 8, `${done} were done`);
    const again = await it.run();
    assert.equal(again.code, 2);
    assert.match(
      again.stderr,
      /stopped after \d of 8 items: go on with --resume, or begin anew with --restart/,
    );
    const second = await it.run(['--resume']);
    assert.equal(second.code, 0, second.stderr);
    assert.match(second.stderr, new RegExp(`8 items, ${done} of them done before`));
    assert.deepEqual(
      jsonLines(second.stdout),
      lines(8).map((line) => ({ type: 'result', line, value: line * 10 })),
      'the output is whole, what was done before with it',
    );
    writeFileSync(join(it.cwd, 'macro.js'), `return await state.get('runs')`);
    assert.equal((await corral(['run', 'macro.js', '--quiet'], { cwd: it.cwd })).stdout, '8\n');
  });

  test('by SIGTERM stops what is under way, and does not talk of Ctrl-C', async () => {
    const it = folder(SLOW, lines(8));
    const told = await it.run([], { interrupt: { after: /"line":2,/, signal: 'SIGTERM' } });
    assert.equal(told.code, 130, told.stderr);
    assert.match(told.stderr, /told to end \(SIGTERM\): stopping the (\d runs|run) under way/);
    assert.doesNotMatch(told.stderr, /Ctrl-C/);
  });

  test('by whoever read its results says so, and does not talk of Ctrl-C', async () => {
    const it = folder(SLOW, lines(8));
    const child = spawn(process.execPath, [join(ROOT, 'src/cli/main.ts'), ...it.args([])], {
      cwd: it.cwd,
      stdio: ['ignore', 'pipe', 'pipe'],
      ...CHILD_LIFE,
    });
    let stderr = '';
    child.stderr.on('data', (text) => {
      stderr += text;
    });
    const closed = once(child, 'close');
    await says(child, /"line":2,/);
    child.stdout.destroy();
    assert.deepEqual(await closed, [130, null], stderr);
    assert.match(stderr, /nobody reads the results any more; stopping/);
    assert.match(stderr, /stopped after \d of 8 items; the same command with --resume goes on/);
    assert.doesNotMatch(stderr, /Ctrl-C/);
  });

  test('by SIGKILL goes on too, and leaves nothing but its journal and a void lock', async () => {
    const it = folder(SLOW, lines(8));
    const child = spawn(process.execPath, [join(ROOT, 'src/cli/main.ts'), ...it.args([])], {
      cwd: it.cwd,
      stdio: ['ignore', 'pipe', 'ignore'],
      ...CHILD_LIFE,
    });
    await says(child, /"line":2,/);
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
    const [journal = '', lock = ''] = it.journals().sort();
    assert.equal(lock, `${journal}.lock`);
    appendFileSync(join(it.cwd, '.corral/batches', journal), '{"first":7,"cou');
    const { code, stdout, stderr } = await it.run(['--resume']);
    assert.equal(code, 0, stderr);
    assert.match(stderr, /8 items, \d of them done before/);
    assert.deepEqual(
      jsonLines(stdout).map(({ line, value }) => [line, value]),
      lines(8).map((line) => [line, line * 10]),
    );
    assert.deepEqual(it.journals(), []);
  });

  test('is refused where it is no longer the same, and gone on with by force', async () => {
    const it = folder(
      `if (input.items[0] === 3) throw new Error('no'); return input.items`,
      lines(4),
    );
    const stopped = await it.run(['--fail-fast', '--concurrency', '1']);
    assert.equal(stopped.code, 1);
    assert.match(stopped.stderr, /✖ line 3: failed: Error: no/);
    assert.deepEqual(
      jsonLines(stopped.stdout).map(({ type }) => type),
      ['result', 'result', 'error'],
    );
    writeFileSync(join(it.cwd, 'macro.js'), 'return input.items.map((n) => -n)');
    const refused = await it.run(['--resume', '--batch-size', '2', '--input', '{"a":1}']);
    assert.equal(refused.code, 2);
    assert.match(
      refused.stderr,
      /not the batch that was begun: the macro, --input, --batch-size \(it was 1\) have changed/,
    );
    const forced = await it.run(['--resume', '--force']);
    assert.equal(forced.code, 0, forced.stderr);
    assert.deepEqual(
      jsonLines(forced.stdout).map(({ value }) => value),
      [1, 2, -3, -4],
      'what failed fast was run again',
    );
  });
});

/** Resolves once a child has said this on stdout. */
function says(child: ChildProcess, what: RegExp): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let said = '';
  child.stdout?.on('data', (chunk) => {
    said += chunk;
    if (what.test(said)) resolve();
  });
  child.once('exit', () => reject(new Error(`it ended, having said: ${said}`)));
  return promise;
}

describe('corral run --batch, the wrong ways', () => {
  const it = folder('return input.items', [1]);
  const wrong = async (args: readonly string[], message: RegExp) => {
    const { code, stdout, stderr } = await corral(['run', ...args], { cwd: it.cwd });
    assert.deepEqual([code, stdout], [2, ''], stderr);
    assert.match(stderr, message);
    assert.doesNotMatch(stderr, /\n {4}at /);
  };
  const batch = (...flags: string[]) => ['macro.js', '--batch', 'items.ndjson', ...flags];

  test('lines that are no items: nothing is run', async () => {
    writeFileSync(join(it.cwd, 'bad.ndjson'), '1\n{a:1}\n2\n');
    await wrong(['macro.js', '--batch', 'bad.ndjson'], /Nothing was run.*line 2: it is not JSON/s);
    assert.deepEqual(it.journals(), []);
  });
  test('a file that is not there, whatever is wrong with the macro', async () => {
    const nowhere = /Cannot read batch nowhere: there is no such file/;
    await wrong(['macro.js', '--batch', 'nowhere'], nowhere);
    await wrong(['nothing.js', '--batch', 'nowhere'], nowhere);
  });
  test('flags of a batch without one', () =>
    wrong(['macro.js', '--resume'], /--resume goes with --batch FILE only/));
  test('an input that is no object, or has items', async () => {
    await wrong(batch('--input', '[1]'), /With --batch the --input is an object/);
    await wrong(batch('--input', '{"items":[]}'), /they come from the batch file/);
  });
  test('a macro that declares inputs, and not items', async () => {
    writeFileSync(
      join(it.cwd, 'n.js'),
      '// ==Macro==\n// @input n:number=1\n// ==/Macro==\nreturn 1',
    );
    await wrong(['n.js', '--batch', 'items.ndjson'], /but not `@input items:json`/);
  });
  test('an input that does not fit, before anything is begun', async () => {
    writeFileSync(
      join(it.cwd, 'ms.js'),
      '// ==Macro==\n// @name ms\n// @input items:json ms:integer\n// ==/Macro==\nreturn 1',
    );
    await wrong(
      ['ms.js', '--batch', 'items.ndjson'],
      /^error Wrong input for ms: ms is missing\. It/,
    );
    await wrong(
      ['ms.js', '--batch', 'items.ndjson', '--input', '{"ms":"a"}'],
      /^error Wrong input for ms: ms: Invalid input/,
    );
    assert.deepEqual(it.journals(), []);
  });
});

describe('a batch and whoever watches it', () => {
  test('an emergency stop from outside ends it, to be gone on with', async () => {
    const it = folder(SLOW, lines(6));
    const { ControlClient } = await import('../../src/control/client.ts');
    const { listSockets } = await import('../../src/control/sockets.ts');
    const dir = join(it.cwd, 'control');
    const args = [...it.args([]).filter((flag) => flag !== '--no-control'), '--control-dir', dir];
    const child = spawn(process.execPath, [join(ROOT, 'src/cli/main.ts'), ...args], {
      cwd: it.cwd,
      stdio: ['ignore', 'pipe', 'ignore'],
      ...CHILD_LIFE,
    });
    await says(child, /"line":1,/);
    const exited = once(child, 'exit');
    const [socket] = await listSockets(dir);
    assert.ok(socket);
    using client = new ControlClient(socket.target);
    await client.ask({ ask: 'emergency', by: 'alice', why: 'smoke' });
    assert.deepEqual(await exited, [1, null]);
    assert.equal(it.journals().length, 1);
    const text = readFileSync(join(it.cwd, '.corral/batches', it.journals()[0] ?? ''), 'utf8');
    assert.doesNotMatch(text, /emergency/, 'what was stopped by it is not done');
    assert.equal((await it.run(['--resume'])).code, 0);
  });
});
