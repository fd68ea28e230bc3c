import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { CorralError } from '../../src/model/errors.ts';
import type { EndEvent, LogEvent, RunEvent, SampleEvent } from '../../src/model/events.ts';
import { LiveRun, type RunControl } from '../../src/supervisor/run.ts';

const END: EndEvent = {
  type: 'end',
  runId: 'r',
  macro: 'm',
  status: 'completed',
  reason: 'completed',
  message: 'it completed',
  value: 42,
  error: null,
  line: null,
  column: null,
  file: 'm.js',
  limit: null,
  durationMs: 5,
  cpuMs: 1,
  peakHeap: 0,
  commands: 0,
  refusal: null,
  attempts: 1,
  dump: null,
};
const CALM: RunControl = {
  stop() {},
  hold() {},
  pause: async () => {},
  look: async () => null,
  resume: async () => {},
};

function create(control: Partial<RunControl> = {}): LiveRun {
  return new LiveRun('r', 'm', { ...CALM, ...control });
}

function running(): LiveRun {
  const run = create();
  run.move('start', 0);
  run.move('ready', 0);
  return run;
}

const log = (text: string): LogEvent => ({ type: 'log', at: 0, level: 'info', text });
const sample = (at: number): SampleEvent => ({
  type: 'sample',
  at,
  heapUsed: 1,
  heapTotal: 1,
  external: 0,
  rss: 1,
  cpuMs: 0,
});

async function collect(events: AsyncIterable<RunEvent>): Promise<RunEvent[]> {
  const all: RunEvent[] = [];
  for await (const event of events) all.push(event);
  return all;
}

function coded(code: string) {
  return (error: unknown) => error instanceof CorralError && error.code === code;
}

describe("a run's listeners", () => {
  test('hear the events of their type and no others', () => {
    const run = running();
    const heard: string[] = [];
    run.on('log', ({ text }) => heard.push(text));
    run.emit(log('a'));
    run.emit(sample(1));
    run.emit(log('b'));
    assert.deepEqual(heard, ['a', 'b']);
  });

  test('hear nothing more once they have left', () => {
    const run = running();
    const heard: string[] = [];
    const leave = run.on('log', ({ text }) => heard.push(text));
    run.emit(log('a'));
    leave();
    leave();
    run.emit(log('b'));
    assert.deepEqual(heard, ['a']);
  });

  test('a throwing listener surfaces and harms neither the run nor the other listeners', async () => {
    const run = running();
    const surfaced: unknown[] = [];
    const heard: string[] = [];
    run.on('log', () => {
      throw new Error('the embedder erred');
    });
    run.on('log', ({ text }) => heard.push(text));
    process.setUncaughtExceptionCaptureCallback((error) => surfaced.push(error));
    try {
      run.emit(log('a'));
      await new Promise((resolve) => setImmediate(resolve));
    } finally {
      process.setUncaughtExceptionCaptureCallback(null);
    }
    assert.deepEqual(heard, ['a']);
    assert.match(String(surfaced[0]), /the embedder erred/);
    run.end(END);
    assert.equal((await run.result).value, 42);
  });
});

describe('the events of a run', () => {
  test('come in order and finish with the end', async () => {
    const run = create();
    const reading = collect(run.events());
    run.move('start', 0);
    run.move('ready', 0);
    run.emit(log('a'));
    run.end(END);
    const told = await reading;
    assert.deepEqual(
      told.map((event) => (event.type === 'state' ? event.state : event.type)),
      ['starting', 'running', 'log', 'ended', 'end'],
    );
  });

  test('count from the call of events(), not from the first reading', async () => {
    const run = running();
    const events = run.events();
    run.emit(log('before anybody read'));
    run.end(END);
    await run.result;
    assert.deepEqual(
      (await collect(events)).map(({ type }) => type),
      ['log', 'state', 'end'],
    );
  });

  test('of a run that has ended are its end alone', async () => {
    const run = running();
    run.end(END);
    assert.deepEqual(await collect(run.events()), [END]);
  });

  test('read slowly lose samples first, and nothing else', async () => {
    const run = running();
    const events = run.events();
    for (let at = 0; at < 25_000; at++) run.emit(sample(at));
    run.emit(log('kept'));
    run.end(END);
    const told = await collect(events);
    assert.equal(told.filter(({ type }) => type === 'sample').length, 20_000);
    assert.equal(told.filter(({ type }) => type === 'log').length, 1);
    assert.equal(told.at(-1)?.type, 'end');
  });

  test('can be left early', async () => {
    const run = running();
    run.emit(log('unheard'));
    const events = run.events();
    run.emit(log('a'));
    run.emit(log('b'));
    for await (const event of events) {
      assert.equal(event.type === 'log' && event.text, 'a');
      break;
    }
    run.end(END);
    assert.equal((await run.result).reason, 'completed');
  });
});

describe('the state of a run', () => {
  test('moves as the table says', () => {
    const run = create();
    const states: string[] = [run.state];
    run.on('state', ({ state }) => states.push(state));
    for (const step of ['start', 'ready', 'pause', 'resume', 'stop'] as const) run.move(step, 1);
    run.end(END);
    assert.deepEqual(states, [
      'queued',
      'starting',
      'running',
      'paused',
      'running',
      'ending',
      'ended',
    ]);
  });

  test('refuses a step the table forbids as a bug of its own', () => {
    const run = running();
    assert.throws(() => run.move('ready', 0), coded('internal'));
    run.end(END);
    assert.throws(() => run.move('stop', 0), coded('internal'));
    assert.throws(() => run.end(END), coded('internal'));
  });

  test('pause and resume say whether they could, and never reject for it', async () => {
    const run = create();
    assert.equal(await run.resume(), true, 'nothing holds it');
    run.end(END);
    assert.equal(await run.pause(), false);
    assert.equal(await run.resume(), false);
  });

  test('pause before the start holds it from starting until resume, or until it is let go', async () => {
    const order: string[] = [];
    const run = create();
    assert.equal(await run.pause(), true);
    run.move('start', 0);
    const released = run.released().then(() => order.push('released'));
    await Promise.resolve();
    order.push('held');
    assert.equal(await run.resume(), true);
    await released;
    assert.deepEqual(order, ['held', 'released']);
    await run.pause();
    run.letGo();
    await run.released();
  });

  test('resume waits for a pause that is under way', async () => {
    const held = Promise.withResolvers<void>();
    const run: LiveRun = create({
      pause: async () => {
        await held.promise;
        run.move('pause', 0);
      },
      resume: async () => run.move('resume', 0),
    });
    run.move('start', 0);
    run.move('ready', 0);
    const answers = Promise.all([run.pause(), run.resume()]);
    held.resolve();
    assert.deepEqual(await answers, [true, true]);
    assert.equal(run.state, 'running');
  });
});

describe('the result of a run', () => {
  test('resolves once, after the end event was told', async () => {
    const run = running();
    const order: string[] = [];
    run.on('end', () => order.push('event'));
    const result = run.result.then(() => order.push('result'));
    run.end(END);
    assert.throws(() => run.end({ ...END, value: 1 }));
    await result;
    assert.deepEqual(order, ['event', 'result']);
    assert.equal((await run.result).value, 42);
  });

  test('stop() asks once, tells why, and resolves with the end', async () => {
    const whys: string[] = [];
    const run = create({ stop: (why) => whys.push(why) });
    const stopping = run.stop('enough');
    run.end(END);
    assert.equal((await stopping).reason, 'completed');
    await run.stop('too late');
    assert.deepEqual(whys, ['enough']);
  });

  test('disposing of the handle stops the run', async () => {
    const whys: string[] = [];
    const run: LiveRun = create({
      stop: (why) => {
        whys.push(why);
        run.end(END);
      },
    });
    await run[Symbol.asyncDispose]();
    assert.deepEqual(whys, ['its handle was disposed']);
  });
});
