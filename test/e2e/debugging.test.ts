// Stepping through a macro: a debugger comes in by its door, holds the macro, looks, and lets it go on.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import {
  type Corral,
  createCorral,
  type Devtools,
  openDevtools,
  type Run,
  type RunOptions,
  readDump,
  replayDump,
} from '../../src/corral.ts';
import { isAlive, until } from '../supervisor/support/processes.ts';
import { CHILD_LIFE } from '../support/child-life.ts';
import { corral as cli, ROOT } from '../support/cli.ts';
import { DevtoolsClient } from '../support/devtools-client.ts';
import { tempDir } from '../support/temp.ts';

const temp = tempDir();
const corral: Corral = createCorral({
  dumpDir: temp.path,
  limits: { cpu: '300ms', burst: '300ms' },
});
after(async () => {
  await corral.close();
  temp[Symbol.dispose]();
});

const SUM = `const seen = [];
for (let i = 0; i < 5; i++) {
  seen.push(i * 2);
}
console.warn('seen', seen.length);
await sleep(1);
return seen.reduce((a, b) => a + b, 0);`;

interface Debugging extends AsyncDisposable {
  readonly run: Run;
  readonly devtools: Devtools;
  readonly client: DevtoolsClient;
}

/** Starts a macro with a debugger at its door. */
async function debug(source: string, options: RunOptions = {}): Promise<Debugging> {
  const devtools = await openDevtools({ port: 0 });
  const run = corral.start(source, { debug: devtools, lint: false, ...options });
  const client = await DevtoolsClient.connect(devtools.webSocketUrl);
  return {
    run,
    devtools,
    client,
    async [Symbol.asyncDispose]() {
      client[Symbol.dispose]();
      await run.stop();
      await devtools.close();
    },
  };
}

const lines = ({ callFrames }: { callFrames: readonly { location: { lineNumber: number } }[] }) =>
  callFrames.map(({ location }) => location.lineNumber + 1);
const ms = (time: number) => new Promise((resolve) => setTimeout(resolve, time));

describe('a debugger', () => {
  test('holds the macro at its first line, sets a breakpoint, reads, steps, and lets it go on', async () => {
    await using debugging = await debug(SUM);
    const { client, run } = debugging;
    const first = await client.begin();
    assert.deepEqual([first.reason, lines(first)], ['Break on start', [1]]);
    assert.equal(run.state, 'paused');
    await client.ask('Debugger.setBreakpointByUrl', {
      url: 'macro.js',
      lineNumber: 2,
      condition: 'i === 3',
    });
    const stop = await client.until('Debugger.resume');
    assert.deepEqual(lines(stop), [3]);
    assert.deepEqual(await client.valueIn(stop, '[i, seen]'), [3, [0, 2, 4]]);
    const next = await client.until('Debugger.stepOver');
    assert.deepEqual(lines(next), [2]);
    assert.deepEqual(await client.valueIn(next, 'seen'), [0, 2, 4, 6]);
    await client.ask('Debugger.resume');
    const { reason, value } = await run.result;
    assert.deepEqual([reason, value], ['completed', 20]);
    assert.deepEqual(corral.macros, [], 'whoever debugs decides what it does: nothing is noted');
  });

  test('sees the text its author wrote, and nothing of what Corral puts around it', async () => {
    const source =
      'type Count = number;\nconst tower: Count = 2 ** 3; debugger;\nreturn [1, 2].join();';
    await using debugging = await debug(source, { file: 'typed.ts' });
    const { client } = debugging;
    const first = await client.begin();
    const { scriptId = '' } = first.callFrames[0]?.location ?? {};
    const script = client.notices.find(({ params }) => params?.url === 'typed.ts')?.params;
    assert.deepEqual([script?.startLine, script?.startColumn, script?.endLine], [0, 0, 2]);
    assert.deepEqual(await client.ask('Debugger.getScriptSource', { scriptId }), {
      scriptSource: source,
    });
    assert.equal(first.callFrames.length, 1);
    assert.equal(first.callFrames[0]?.functionName, '(macro)');
    const stop = await client.until('Debugger.resume');
    assert.deepEqual(
      stop.callFrames[0]?.location.columnNumber,
      source.split('\n')[1]?.indexOf('debugger'),
    );
    assert.ok(!JSON.stringify(client.notices).includes('corral:bridge'));
  });

  test('steps over a wait to what comes after it, and past a command, not into the bridge', async () => {
    await using debugging = await debug(
      'const add = (a, b) => {\n  return a + b;\n};\nawait sleep(1);\nconsole.log("here");\nreturn add(3, 4);',
    );
    const { client, run } = debugging;
    await client.begin();
    const logged = client.next<{ args: { value: string }[] }>('Runtime.consoleAPICalled');
    assert.deepEqual(lines(await client.until('Debugger.stepOver')), [4]);
    const after = await client.until('Debugger.stepOver');
    assert.deepEqual([after.reason, lines(after)], ['step', [5]]);
    assert.deepEqual(lines(await client.until('Debugger.stepInto')), [6]);
    assert.equal((await logged).args[0]?.value, 'here');
    assert.deepEqual(lines(await client.until('Debugger.stepInto')), [2, 6]);
    assert.deepEqual(lines(await client.until('Debugger.stepOut')), [6]);
    await client.ask('Debugger.resume');
    assert.equal((await run.result).value, 7);
  });

  test('may hold the macro as long as it likes, and use what it likes meanwhile: no limit moves', async () => {
    await using debugging = await debug(SUM, { limits: { wall: '1s' } });
    const { client, run } = debugging;
    const stop = await client.begin();
    await ms(600);
    // More CPU than the macro may use at all.
    const spent = 'const from = Date.now(); while (Date.now() - from < 500); 1';
    assert.equal(await client.valueIn(stop, `(() => { ${spent.replace(/1$/, 'return 1')} })()`), 1);
    await client.ask('Debugger.resume');
    const end = await run.result;
    assert.equal(end.reason, 'completed');
    assert.ok(end.cpuMs < 300 && end.durationMs < 1000, `${end.cpuMs}, ${end.durationMs}`);
  });

  test('that lets go of an endless loop leaves it to its limits', async () => {
    await using debugging = await debug('let n = 0;\nfor (;;) n++;');
    const { client, run } = debugging;
    await client.begin();
    await client.ask('Debugger.resume');
    const { reason, line } = await run.result;
    assert.deepEqual([reason, line], ['cpu-limit', 2]);
  });

  test('can stop a busy macro, and an idle one at what it does next', async () => {
    await using debugging = await debug(
      'const box = { stop: false };\nwhile (!box.stop) box.n = 1;\nawait sleep(50);\nreturn box.n;',
    );
    const { client, run } = debugging;
    await client.begin();
    await client.ask('Debugger.resume');
    const stop = await client.until('Debugger.pause');
    assert.deepEqual(lines(stop), [2]);
    await client.valueIn(stop, 'box.stop = true');
    await client.ask('Debugger.resume');
    assert.deepEqual(lines(await client.until('Debugger.pause')), [4]);
    await client.ask('Debugger.resume');
    assert.equal((await run.result).value, 1);
  });

  test('can evaluate while the macro sleeps', async () => {
    // Which of an isolate's two contexts is the first is chance.
    for (let time = 0; time < 4; time++) {
      await using debugging = await debug(
        "globalThis.n = 5;\nconsole.info('set');\nwhile (n < 6) await sleep(5);\nreturn n",
      );
      const { client, run } = debugging;
      await client.begin();
      // The answer to `resume` says only that it may go on, not that it has.
      const isSet = client.next('Runtime.consoleAPICalled');
      await client.ask('Debugger.resume');
      await isSet;
      await client.ask('Runtime.evaluate', { expression: 'n = 7' });
      assert.equal((await run.result).value, 7);
    }
  });

  test('that vanishes while it holds the macro, or before it begins, lets it go on', async () => {
    for (const isBegun of [true, false]) {
      await using debugging = await debug(SUM);
      const { client, run } = debugging;
      if (isBegun) await client.begin();
      client.socket.terminate();
      assert.equal((await run.result).value, 20, `begun: ${isBegun}`);
    }
  });

  test('hears no more once the run was stopped while it held the macro, and no process is left', async () => {
    await using own = createCorral({ dumpDir: temp.path });
    const devtools = await openDevtools({ port: 0 });
    const run = own.start(SUM, { debug: devtools });
    using client = await DevtoolsClient.connect(devtools.webSocketUrl);
    await client.begin();
    const closed = once(client.socket, 'close');
    assert.equal((await run.stop()).reason, 'cancelled');
    assert.equal((await closed)[0], 1001);
    const pids = own.workerPids;
    await own.close();
    await devtools.close();
    await until('the workers are gone', () => !pids.some(isAlive));
  });

  test('that asks wrongly, or for what is not its own, is told so and harms nothing', async () => {
    await using debugging = await debug('return 3');
    const { client, run } = debugging;
    const refused = async (text: string) => {
      const answer = once(client.socket, 'message');
      client.socket.send(text);
      const [data] = (await answer) as [Buffer];
      return JSON.parse(data.toString()).error as { code: number; message: string };
    };
    for (const text of [
      '',
      '{',
      'null',
      '[]',
      '{"id":"x","method":1}',
      '{"method":"Debugger.enable"}',
    ])
      assert.equal((await refused(text)).code, -32_600, text);
    for (const method of ['Page.enable', 'NodeWorker.enable', 'Target.attachToTarget', ''])
      assert.equal((await refused(JSON.stringify({ id: 1, method }))).code, -32_601, method);
    await assert.rejects(client.ask('Debugger.setScriptSource', {}), /change its file/);
    await assert.rejects(client.ask('Debugger.resume'), /-32000/);
    const deep = `{"id":9,"method":"Runtime.evaluate","params":${'['.repeat(5e4)}${']'.repeat(5e4)}}`;
    assert.ok(await refused(deep));
    await client.ask('Runtime.runIfWaitingForDebugger');
    assert.equal((await run.result).value, 3);
  });

  test('and pause() hold the same macro: either lets it go on', async () => {
    await using debugging = await debug(
      'const box = { stop: false };\nwhile (!box.stop) box.n = 1;\nreturn box.n;',
    );
    const { client, run } = debugging;
    await client.begin();
    assert.equal(await run.pause(), true, 'it is held already');
    const going = client.next('Debugger.resumed');
    assert.equal(await run.resume(), true);
    await going;
    const stop = client.next<Parameters<DevtoolsClient['valueIn']>[0]>('Debugger.paused');
    assert.equal(await run.pause(), true);
    await client.valueIn(await stop, 'box.stop = true');
    await client.ask('Debugger.resume');
    assert.equal((await run.result).value, 1);
  });

  test('is not let in at guard levels high and maximum', async () => {
    await using devtools = await openDevtools({ port: 0 });
    for (const level of ['high', 'maximum'] as const) {
      await using strict = createCorral({ level, dumpDir: temp.path });
      assert.throws(() => strict.start('return 1', { debug: devtools }), {
        code: 'bad-usage',
        message: new RegExp(`guard level ${level}`),
      });
    }
  });
});

describe('corral run --inspect', () => {
  const macro = join('macros', 'patrol.js');

  test('says where a debugger comes in, waits for it, and ends as without one', async () => {
    const child = spawn(
      process.execPath,
      [
        ...['src/cli/main.ts', 'run', macro, '--inspect=0', '--quiet', '--dump', 'never'],
        ...['--ledger-dir', join(temp.path, 'ledger')],
      ],
      { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'], ...CHILD_LIFE },
    );
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
    await until('the address', () => /ws:\/\/\S+\s/.test(said));
    assert.match(said, /devtools:\/\/devtools\/bundled\/js_app\.html\?\S*ws=127\.0\.0\.1:\d+\//);
    using client = await DevtoolsClient.connect(/ws:\/\/\S+/.exec(said)?.[0] ?? '');
    const stop = await client.begin();
    const script = client.notices.find(({ params }) => params?.url === macro)?.params;
    assert.equal(stop.callFrames[0]?.location.scriptId, script?.scriptId);
    await client.ask('Debugger.resume');
    assert.deepEqual(await once(child, 'exit'), [0, null]);
  });

  test('is ended by Ctrl-C while it waits', async () => {
    const { code, stderr } = await cli(['run', macro, '--inspect', '0'], {
      interrupt: { after: /Ctrl-C ends the run/, signal: 'SIGINT' },
    });
    assert.equal(code, 130);
    assert.match(stderr, /cancelled/);
  });

  test('says what is wrong with the level, the port, or its place among the arguments', async () => {
    await using taken = await openDevtools({ port: 0 });
    for (const [args, said] of [
      [[macro, '--inspect=0', '--level', 'high'], /No macro is debugged at guard level high/],
      [[macro, `--inspect=${taken.port}`], /it is in use; choose another one, or 0 for any/],
      [[macro, '--inspect=70000'], /a port from 0 to 65535/],
      [['--inspect', macro], /put --inspect behind the file/],
    ] as const) {
      const { code, stderr } = await cli(['run', ...args]);
      assert.equal(code, 2, stderr);
      assert.match(stderr, said);
      assert.doesNotMatch(stderr, /waiting for a debugger/);
    }
  });
});

test('a replay can be stepped through too', async () => {
  await using own = createCorral({ dumpDir: temp.path, limits: { cpu: '200ms' } });
  const { dump } = await own.start('let n = 0;\nfor (;;) n++;', { lint: false }).result;
  await using devtools = await openDevtools({ port: 0 });
  const replay = replayDump(await readDump(dump ?? ''), { debug: devtools });
  using client = await DevtoolsClient.connect(devtools.webSocketUrl);
  assert.deepEqual(lines(await client.begin()), [1]);
  await client.ask('Debugger.resume');
  const { same, end } = await replay;
  assert.deepEqual([same, end.reason], [true, 'cpu-limit']);
});
