import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { z } from 'zod';
import { type Corral, CorralError, createCorral, defineCommand } from '../src/corral.ts';
import { CrashDump } from '../src/model/dump.ts';
import type { EndEvent, RunEvent } from '../src/model/events.ts';
import { scratchDir } from './supervisor/support/scratch.ts';

const say = defineCommand({
  name: 'chat.say',
  description: 'Say something.',
  input: z.object({ text: z.string() }),
  output: z.object({ heard: z.int() }),
  run: ({ text }) => ({ heard: text.length }),
});
const never = defineCommand({
  name: 'door.wait',
  description: 'Wait for a door nobody opens.',
  input: z.object({}),
  output: z.object({}),
  run: () => new Promise<never>(() => undefined),
});

const dumpDir = scratchDir();
const corral = createCorral({ commands: [say, never], dumpDir });
after(() => corral.close());

function coded(code: string, message = /./) {
  return (error: unknown) =>
    error instanceof CorralError && error.code === code && message.test(error.message);
}

/** A folder that cannot be made, whoever asks. */
function fileInTheWay(): string {
  const file = join(scratchDir(), 'file');
  writeFileSync(file, '');
  return join(file, 'folder');
}

/** A header with these lines, then the source. */
function macro(source: string, ...lines: string[]): string {
  return ['// ==Macro==', ...lines.map((line) => `// ${line}`), '// ==/Macro==', source].join('\n');
}

async function told(of: Corral, source: string, options = {}): Promise<RunEvent[]> {
  const all: RunEvent[] = [];
  for await (const event of of.start(source, options).events()) all.push(event);
  return all;
}

describe('a run that ends by itself', () => {
  test('completed: with its value and its figures', async () => {
    const run = corral.start(
      macro(
        `const { heard } = await chat.say({ text: 'hi' });\nreturn { heard, at: [1] }`,
        '@name hello',
      ),
    );
    const end = await run.result;
    assert.equal(run.state, 'ended');
    assert.deepEqual(corral.runs, []);
    const { durationMs, cpuMs, peakHeap, ...rest } = end;
    assert.deepEqual(rest, {
      type: 'end',
      runId: run.id,
      macro: 'hello',
      status: 'completed',
      reason: 'completed',
      message: 'it completed',
      value: { heard: 2, at: [1] },
      error: null,
      line: null,
      column: null,
      file: 'macro.js',
      limit: null,
      commands: 1,
      dump: null,
      refusal: null,
      attempts: 1,
    } satisfies Partial<EndEvent>);
    assert.ok(durationMs > 0 && cpuMs >= 0 && peakHeap >= 0);
  });

  test('failed: with what it threw and where', async () => {
    const source = 'const a = 1;\nfunction f() {\n  null.x;\n}\nf();';
    const end = await corral.start(source, { file: 'duel.js' }).result;
    assert.equal(end.status, 'failed');
    assert.equal(end.error?.name, 'TypeError');
    assert.match(end.error?.stack ?? '', /at f \(duel\.js:3:8\)/);
    assert.deepEqual([end.file, end.line, end.column], ['duel.js', 3, 8]);
    assert.equal(end.value, null);
    assert.equal(end.dump, null);
  });

  test('values that JSON has no word for keep their kind', async () => {
    const end = await corral.start('return [1n, new Date(5), undefined, NaN]').result;
    assert.deepEqual(end.value, [
      { $: 'bigint', v: '1' },
      { $: 'date', v: 5 },
      { $: 'undefined' },
      { $: 'number', v: 'NaN' },
    ]);
  });

  test('a macro of its own name where it has none: the file, without its ending', async () => {
    const end = await corral.start('return 1', { file: 'deep/folder/guard.js' }).result;
    assert.equal(end.macro, 'guard');
  });
});

describe('a run that is not let in', () => {
  test('refused: no process runs it, and its end says why', async () => {
    const events = await told(corral, 'return (');
    assert.deepEqual(
      events.map((event) => event.type),
      ['admission', 'state', 'end'],
    );
    const end = events.at(-1) as EndEvent;
    assert.deepEqual([end.status, end.reason, end.dump], ['refused', 'refused', null]);
    assert.match(end.message, /line 1/);
  });

  test('what does not parse is refused without lint too', async () => {
    const end = await corral.start('return (', { lint: false }).result;
    assert.equal(end.reason, 'refused');
  });

  test('what lint refuses runs without lint', async () => {
    const source = 'let n = 0;\nwhile (true);';
    assert.equal((await corral.start(source).result).reason, 'refused');
    const end = await corral.start(source, { lint: false, limits: { cpu: 200 } }).result;
    assert.equal(end.reason, 'cpu-limit');
    assert.equal(end.line, 2);
  });
});

/** On a machine with much else to do such a macro may end before its stack has been read: then no line is told. */
function assertLineOrNone(line: number | null): void {
  assert.ok(line === null || (line >= 3 && line <= 5), `line ${line}`);
}

describe('a run that is killed', () => {
  test('tells the limit, what was measured, the line, and has a dump', async () => {
    const source = `log('before');\nawait chat.say({ text: 'x' });\nlet n = 0;\nfor (;;) n++;`;
    const end = await corral.start(source, { lint: false, limits: { cpu: '200ms' } }).result;
    assert.deepEqual([end.status, end.reason, end.line], ['killed', 'cpu-limit', 4]);
    assert.equal(end.limit?.name, 'cpu');
    assert.equal(end.limit?.value, 200);
    assert.ok((end.limit?.measured ?? 0) > 200 && end.cpuMs > 200);
    assert.match(end.message, /the cpu limit is 200ms \(set by the caller\)/);
    const dump = CrashDump.parse(JSON.parse(readFileSync(end.dump ?? '', 'utf8')));
    assert.equal(dump.runId, end.runId);
    assert.equal(dump.reason, 'cpu-limit');
    assert.equal(dump.source, source);
    assert.equal(dump.place?.line, 4);
    assert.equal(dump.stack[0]?.line, 4);
    assert.equal(dump.limit?.setBy, 'caller');
    assert.deepEqual(
      dump.commands.map(({ name, line }) => [name, line]),
      [['chat.say', 2]],
    );
    assert.equal(dump.logs[0]?.text, 'before');
    assert.ok(dump.samples.length > 0);
  });

  const kills: Record<string, [source: string, limits: object, line: number | null]> = {
    'wall-limit': ['\nawait sleep(60_000)', { wall: 150 }, null],
    'idle-limit': ['await new Promise(() => undefined)', { idle: 50 }, null],
    'command-limit': [
      '\nfor (let n = 0; n < 9; n++)\n  await chat.say({ text: String(n) })',
      { commands: 3 },
      3,
    ],
    'output-limit': [
      "\nfor (let n = 0; n < 100_000; n++) log('x'.repeat(1000))",
      { output: '64kb' },
      null,
    ],
    'heap-limit': [
      'const kept = [];\nfor (let n = 0; n < 1e9; n++) kept.push({ n, text: String(n) })',
      { heap: '16mb' },
      null,
    ],
  };
  for (const [reason, [source, limits, line]] of Object.entries(kills)) {
    test(reason, async () => {
      const end = await corral.start(source, { lint: false, limits }).result;
      assert.equal(end.reason, reason, end.message);
      assert.equal(end.limit?.name, reason.split('-')[0]?.replace(/command$/, 'commands'));
      // Timers may ring a fraction of a millisecond early.
      assert.ok((end.limit?.measured ?? 0) >= (end.limit?.value ?? 0) - 1, end.message);
      assert.ok(end.dump && existsSync(end.dump));
      if (line !== null) assert.equal(end.line, line);
    });
  }

  test('burst: CPU between two awaits, counted as CPU', async () => {
    const source = 'await sleep(1);\nlet n = 0;\nfor (;;) n++;';
    const end = await corral.start(source, { lint: false, limits: { burst: 150 } }).result;
    assert.deepEqual([end.reason, end.limit?.name, end.line], ['cpu-limit', 'burst', 3]);
  });

  test('output-limit: its line is that of the writing, whatever came after', async () => {
    const limits = { output: 4096 };
    for (const source of [
      '\nfor (let i = 0; i < 1e4; i++) log(`line ${i}`);\nawait sleep(50);',
      'await null;\nconsole.info("x".repeat(8000));\nawait sleep(50);\nfor (;;);',
      'function f() {\n  log("x".repeat(8000));\n}\nf();\nawait sleep(50);',
    ]) {
      const { reason, line } = await corral.start(source, { limits, lint: false }).result;
      assert.deepEqual({ reason, line }, { reason: 'output-limit', line: 2 }, source);
    }
  });

  test('cpu-limit: in a getter of an error, which the debugger would call to describe it', async () => {
    const loop = 'let i = 0;\nwhile (i >= 0) i = (i + 1) % 7;';
    for (const [name, then] of [
      ['message', 'throw e;'],
      ['stack', 'throw e;'],
      ['name', 'throw e;'],
      ['message', 'Promise.reject(e); await sleep(60);'],
    ]) {
      const source = `const e = new Error('q');\nObject.defineProperty(e, '${name}', { get() {\n${loop} } });\n${then}`;
      const { reason, line } = await corral.start(source, { limits: { cpu: 200 }, lint: false })
        .result;
      assert.equal(reason, 'cpu-limit', source);
      assertLineOrNone(line);
    }
    const beside = `const e = new Error('q');\nObject.defineProperty(e, 'message', { get() { for (;;); } });\n${loop}; log(e)`;
    const { reason, line } = await corral.start(beside, { limits: { cpu: 200 }, lint: false })
      .result;
    assert.equal(reason, 'cpu-limit', 'a variable of the loop');
    assertLineOrNone(line);
  });

  test('stuck: inside one built-in that is never interrupted', async () => {
    const source = '\nnew Array(2 ** 27).fill(0)';
    const options = { lint: false, limits: { cpu: 200, heap: '500mb' } };
    const end = await corral.start(source, options).result;
    assert.ok(['stuck', 'heap-limit'].includes(end.reason), end.reason);
    assert.ok(end.dump);
    assert.equal((await corral.start('return 1').result).value, 1);
  });
});

describe('dumps', () => {
  test('of failed runs are written where the host wants them, and never where it does not', async () => {
    const dir = scratchDir();
    {
      await using always = createCorral({ dumpDir: dir, dump: 'always' });
      const end = await always.start("throw new Error('x')").result;
      assert.ok(end.dump?.startsWith(dir));
      assert.equal((await always.start('return 1').result).dump, null);
      assert.equal((await always.start('return (').result).dump, null);
    }
    const count = readdirSync(dir).length;
    await using quiet = createCorral({ dumpDir: dir, dump: 'never' });
    const run = quiet.start('await sleep(9999)', { limits: { wall: 50 } });
    const end = await run.result;
    assert.deepEqual([end.reason, end.dump], ['wall-limit', null]);
    assert.equal(readdirSync(dir).length, count);
  });

  test('that cannot be written are a warning, and the end still comes', async () => {
    await using broken = createCorral({ dumpDir: fileInTheWay() });
    const events = await told(broken, 'await sleep(9999)', { limits: { wall: 50 } });
    const warning = events.find((event) => event.type === 'warning');
    assert.equal(warning?.code, 'dump-failed');
    const end = events.at(-1) as EndEvent;
    assert.deepEqual([end.type, end.reason, end.dump], ['end', 'wall-limit', null]);
  });
});

describe('the events of a run', () => {
  test('come in order, admission first and end last', async () => {
    const source = "log('a'); await chat.say({ text: 'b' }); console.warn('c'); return 1";
    const events = await told(corral, source, { seed: 7 });
    const shown = events
      .filter(({ type }) => type !== 'sample')
      .map((event) => {
        switch (event.type) {
          case 'state':
            return event.state;
          case 'log':
            return `${event.level}: ${event.text}`;
          case 'command':
            return `${event.name} ${JSON.stringify(event.args)} ${JSON.stringify(event.result)}`;
          default:
            return event.type;
        }
      });
    assert.deepEqual(shown, [
      'admission',
      'starting',
      'running',
      'info: a',
      'chat.say {"text":"b"} {"heard":1}',
      'warn: c',
      'ended',
      'end',
    ]);
    const [admission] = events;
    assert.equal(admission?.type === 'admission' && admission.seed, 7);
  });

  test('of a failed command have its error and its line', async () => {
    const source = '\ntry { await chat.say({ text: 5 }) } catch (e) { return e.code }';
    const events = await told(corral, source);
    const command = events.find((event) => event.type === 'command');
    assert.match(command?.error ?? '', /text/);
    assert.equal(command?.line, 2);
    assert.equal((events.at(-1) as EndEvent).value, 'bad-arguments');
  });

  test('reach listeners set right after start', async () => {
    const run = corral.start('return 1');
    const heard: string[] = [];
    run.on('admission', ({ macro: name }) => heard.push(name));
    run.on('end', ({ reason }) => heard.push(reason));
    await run.result;
    assert.deepEqual(heard, ['macro', 'completed']);
  });

  test('the same seed gives the same numbers', async () => {
    const source = 'return [random(), Math.random(), random()]';
    const [one, two, other] = await Promise.all(
      [5, 5, 6].map((seed) => corral.start(source, { seed }).result),
    );
    assert.deepEqual(one?.value, two?.value);
    assert.notDeepEqual(one?.value, other?.value);
  });
});

describe('limits', () => {
  const inForce = async (source: string, options = {}, of = corral) => {
    const [admission] = await told(of, source, options);
    assert.ok(admission?.type === 'admission');
    return admission.limits;
  };

  test('come from the guard level, replaced by the host, lowered by caller and header', async () => {
    await using own = createCorral({ level: 'low', limits: { commands: 7, wall: '90s' } });
    const source = macro('return 1', '@limit commands=5 wall=2m cpu=1s');
    const limits = await inForce(source, { limits: { idle: 100, commands: 6 } }, own);
    assert.deepEqual(limits.commands, { value: 5, setBy: 'header' });
    assert.deepEqual(limits.wall, { value: 90_000, setBy: 'host' });
    assert.deepEqual(limits.cpu, { value: 1000, setBy: 'header' });
    assert.deepEqual(limits.idle, { value: 100, setBy: 'caller' });
    assert.equal(limits.heap.setBy, 'guard level');
  });

  test('a header that asks for more gets no more, and is told so', async () => {
    const events = await told(corral, macro('return 1', '@limit commands=1000000'));
    const warning = events.find((event) => event.type === 'warning');
    assert.equal(warning?.code, 'limit-denied');
    assert.match(
      warning?.message ?? '',
      /commands=1000000; it gets 5000 \(set by the guard level\)/,
    );
    assert.equal((events.at(-1) as EndEvent).reason, 'completed');
  });

  test('a caller cannot raise them', async () => {
    const limits = await inForce('return 1', { limits: { commands: 999_999 } });
    assert.deepEqual(limits.commands, { value: 5000, setBy: 'guard level' });
  });

  test('that are none are refused before anything starts', () => {
    assert.throws(
      () => createCorral({ limits: { heap: 'lots' } }),
      coded('bad-limit', /heap=lots/),
    );
    assert.throws(() => corral.start('return 1', { limits: { cpu: -1 } }), coded('bad-limit'));
    const unknown = { speed: 5 } as object;
    assert.throws(() => corral.start('return 1', { limits: unknown }), coded('bad-limit', /speed/));
  });

  test('are what budget() counts down', async () => {
    const source = "const a = budget(); await chat.say({ text: 'x' }); return [a, budget()]";
    const { value } = await corral.start(source, { limits: { commands: 3 } }).result;
    const [before, behind] = value as unknown as { commands: number; cpuMs: number }[];
    assert.deepEqual([before?.commands, behind?.commands], [3, 2]);
    assert.ok((before?.cpuMs ?? 0) >= (behind?.cpuMs ?? 0));
  });
});

describe('what goes wrong before a run starts is thrown', () => {
  test('an input the macro does not take', () => {
    const source = macro('return input.rounds', '@name patrol', '@input rounds:number=3');
    assert.throws(
      () => corral.start(source, { input: { rounds: 'many' } }),
      coded('bad-input', /patrol.*rounds/),
    );
    assert.deepEqual(corral.runs, []);
  });

  test('a command declared twice', () => {
    assert.throws(() => createCorral({ commands: [say, say] }), coded('bad-command', /chat\.say/));
  });

  test('an option that is not known, or not of its kind', () => {
    const refuses = (options: unknown, message: RegExp) =>
      assert.throws(() => createCorral(options as never), coded('bad-usage', message));
    refuses({ limitz: { cpu: '1s' } }, /createCorral: .*"limitz"/);
    refuses({ workers: { most: 2 } }, /createCorral: workers: .*"most"/);
    refuses({ workers: { max: 0 } }, /createCorral: workers\.max: /);
    refuses({ level: 'none' }, /createCorral: level: .*"low"\|"medium"/);
    refuses({ limits: 'cpu=1s' }, /createCorral: limits: /);
    refuses({ commands: say }, /createCorral: commands: /);
    refuses(null, /createCorral: /);
  });

  test('a command made by hand, or changed later, whose input is no z.object', () => {
    const odd = { ...say, input: z.any() as unknown as typeof say.input };
    assert.throws(
      () => createCorral({ commands: [odd] }),
      coded('bad-command', /^command "chat\.say": input has to be a z\.object/),
    );
  });

  test('a command that defineCommand did not make', () => {
    const bare = { name: 'chat.say', run: () => 1 };
    for (const commands of [[bare], [say, null], ['chat.say']])
      assert.throws(
        () => createCorral({ commands: commands as never }),
        coded('bad-command', /was not made by defineCommand/),
      );
  });

  test('a source that is no text', () => {
    for (const source of [42, undefined, null, Buffer.from('return 1')]) {
      assert.throws(() => corral.start(source as never), coded('bad-usage', /source is .*text/));
      assert.throws(() => corral.lint(source as never), coded('bad-usage', /source is .*text/));
    }
  });

  test('an option of a run that is not known, or not of its kind', () => {
    const refuses = (options: unknown, message: RegExp) =>
      assert.throws(() => corral.start('return 1', options as never), coded('bad-usage', message));
    refuses({ inputs: {} }, /start: .*"inputs"/);
    refuses({ seed: -1 }, /start: seed: /);
    refuses({ language: 'py' }, /start: language: /);
    refuses({ signal: 'stop' }, /start: signal: .*AbortSignal/);
    refuses('n=1', /start: /);
    assert.deepEqual(corral.runs, []);
  });

  test('a start after close', async () => {
    const closed = createCorral();
    await closed.close();
    await closed.close();
    assert.throws(() => closed.start('return 1'), coded('closed'));
  });
});

describe('state', () => {
  test('is kept per macro name, from run to run and from corral to corral', async () => {
    const stateDir = scratchDir();
    const count = macro("return state.incr('n', 1)", '@name counter');
    for (const expected of [1, 2]) {
      await using own = createCorral({ stateDir });
      assert.equal((await own.start(count).result).value, expected);
      const other = macro("return state.get('n')", '@name other');
      assert.deepEqual((await own.start(other).result).value, { $: 'undefined' });
    }
  });

  test('that cannot be used is an error for the macro, and the run ends as usual', async () => {
    await using own = createCorral({ stateDir: fileInTheWay() });
    const source = "try { await state.get('k') } catch (e) { return [e.name, e.code] }";
    assert.deepEqual((await own.start(source).result).value, ['StateError', 'bad-state']);
  });
});

test('lint says what analysis thinks and runs nothing', () => {
  assert.equal(corral.lint('return (').verdict, 'refuse');
  assert.notEqual(corral.lint('return 1 as number', { file: 'a.ts' }).verdict, 'refuse');
  assert.equal(corral.lint('return 1', { file: 'b.js' }).file, 'b.js');
});

test('a host that never answers holds up nothing but its macro', async () => {
  const end = await corral.start('\nawait door.wait()', { limits: { wall: 100 } }).result;
  assert.equal(end.reason, 'wall-limit');
  assert.equal(end.line, 2, 'the await that never woke');
  const dump = CrashDump.parse(JSON.parse(readFileSync(end.dump ?? '', 'utf8')));
  assert.deepEqual(
    dump.pending.map(({ kind, name }) => [kind, name]),
    [['command', 'door.wait']],
  );
});
