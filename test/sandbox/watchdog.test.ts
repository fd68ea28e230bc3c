// Each limit once, what is measured on the way, and that a limit is what was used, not what time went by.

import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RunOptions } from '../../src/corral.ts';
import type { EndEvent } from '../../src/model/events.ts';
import type { SandboxRun } from '../../src/sandbox/run.ts';
import { Watchdog } from '../../src/sandbox/watchdog.ts';
import { loneCorral } from './support/lone-corral.ts';

const MB = 1024 * 1024;
const lone = loneCorral();
after(() => lone.corral.close());

/** The end, and the limit it names: its value in force, and that more was measured. */
async function endOf(source: string, limits: NonNullable<RunOptions['limits']>): Promise<EndEvent> {
  return (await lone.run(source, { limits })).end;
}

function assertLimit(end: EndEvent, reason: string, name: string, value: number): void {
  assert.equal(end.reason, reason, end.message);
  assert.deepEqual([end.limit?.name, end.limit?.value], [name, value]);
  assert.ok((end.limit?.measured ?? 0) >= value, `measured ${end.limit?.measured} of ${value}`);
}

describe('a macro is ended by', () => {
  test('cpu: what all its bursts use together', async () => {
    const source = 'for (;;) { const until = now() + 10; while (now() < until); await sleep(1); }';
    assertLimit(await endOf(source, { cpu: 150 }), 'cpu-limit', 'cpu', 150);
  });

  test('burst: what it uses between two awaits', async () => {
    const end = await endOf('await sleep(1);\nfor (;;);', { burst: 100 });
    assertLimit(end, 'cpu-limit', 'burst', 100);
    assert.equal(end.line, 2);
  });

  test('heap: what it holds on the heap, and in buffers', async () => {
    const value = 24 * MB;
    const heap = 'const all = []; for (;;) { all.push({ n: all.length, list: [1, 2, 3] }); }';
    assertLimit(await endOf(heap, { heap: value }), 'heap-limit', 'heap', value);
    const buffers = 'const all = []; for (;;) { all.push(new Uint8Array(1e6)); await sleep(1); }';
    assertLimit(await endOf(buffers, { heap: value }), 'heap-limit', 'heap', value);
  });

  test('idle: nothing that could wake it', async () => {
    const end = await endOf('await new Promise(() => {})', { idle: 60 });
    assertLimit(end, 'idle-limit', 'idle', 60);
  });

  test('wall: time from start to end, however little it does', async () => {
    const end = await endOf('for (;;) await sleep(5)', { wall: 80 });
    assertLimit(end, 'wall-limit', 'wall', 80);
  });

  test('commands: given, and refused ones too', async () => {
    const source = 'for (;;) await echo.fail().catch(() => {})';
    assertLimit(await endOf(source, { commands: 4 }), 'command-limit', 'commands', 4);
  });

  test('output: log text and result', async () => {
    assertLimit(await endOf("for (;;) log('x')", { output: 500 }), 'output-limit', 'output', 500);
  });
});

describe('a macro is not ended', () => {
  test('for waiting, whatever its CPU limits', async () => {
    const source = 'for (let i = 0; i < 30; i++) await sleep(10); return 1';
    assert.equal((await endOf(source, { cpu: 150, burst: 100, idle: 50 })).reason, 'completed');
  });

  test('for bursts that are each short enough', async () => {
    const source =
      'for (let i = 0; i < 8; i++) { const until = now() + 20; while (now() < until); await sleep(1); } return 1';
    assert.equal((await endOf(source, { burst: 100 })).reason, 'completed');
  });

  test('for garbage it no longer holds', async () => {
    const source =
      'let sum = 0; for (let i = 0; i < 400; i++) { sum += new Array(20_000).fill(i).length; if (i % 50 === 0) await sleep(1); } return sum';
    assert.equal((await endOf(source, { heap: 24 * MB })).reason, 'completed');
  });

  test('for a command that takes its time', async () => {
    assert.equal(
      (await endOf("return echo.later({ text: 'slow' })", { idle: 10 })).reason,
      'completed',
    );
  });
});

test('nearing the heap limit is told once, before the end', async () => {
  const own = loneCorral({ limits: { heap: '100mb' }, level: 'medium' });
  try {
    const source =
      'const all = []; for (let i = 0; i < 85; i++) { all.push(new Uint8Array(1e6)); await sleep(3); } return all.length';
    const { events, end } = await own.run(source);
    assert.equal(end.value, 85, end.message);
    const warnings = events.flatMap((event) =>
      event.type === 'warning' && event.code === 'heap-near-limit' ? [event.message] : [],
    );
    assert.equal(warnings.length, 1);
    assert.match(
      warnings[0] ?? '',
      /^it nears its heap limit: [5-9]\d(\.\d)?mb, the heap limit is 100mb \(set by the host\)$/,
    );
  } finally {
    await own.corral.close();
  }
});

describe('samples', () => {
  test('go on while the macro is busy, and see what it holds and uses', async () => {
    const source =
      'const kept = new Array(1e6).fill(0.5); const until = now() + 700; while (now() < until); return kept.length';
    const { events, end } = await lone.run(source);
    assert.equal(end.value, 1e6, end.message);
    const samples = events.filter((event) => event.type === 'sample');
    assert.ok(samples.length >= 2, `${samples.length} samples`);
    const last = samples.at(-1);
    assert.ok((last?.heapUsed ?? 0) > 6 * MB, `${last?.heapUsed} bytes`);
    assert.ok((last?.cpuMs ?? 0) > 0 && (last?.rss ?? 0) > (last?.heapUsed ?? 0));
    for (const [index, { at, cpuMs }] of samples.entries()) {
      const before = samples[index - 1];
      assert.ok(!before || (at >= before.at && cpuMs >= before.cpuMs), 'neither clock goes back');
    }
    assert.ok(end.peakHeap >= (last?.heapUsed ?? 0));
  });

  test('go on while it sleeps', async () => {
    const { events } = await lone.run('await sleep(500)');
    assert.ok(events.filter((event) => event.type === 'sample').length >= 2);
  });
});

test('a run pays for its own CPU, not for its neighbours', async () => {
  const asleep = lone.run('await sleep(400); return 1');
  const busy = lone.run('const until = now() + 300; while (now() < until); return 1');
  const [quiet, loud] = await Promise.all([asleep, busy]);
  assert.ok(
    quiet.end.cpuMs < loud.end.cpuMs / 2,
    `${quiet.end.cpuMs} against ${loud.end.cpuMs} ms`,
  );
});

describe('a macro that comes near its limit of CPU, for which V8 is got ready', () => {
  const NEAR = 'while (budget().cpuMs > 8) for (let i = 0; i < 1e5; i++);';

  test('is not stopped by its own `debugger`, sleeps, and completes', async () => {
    const source = `${NEAR} debugger; await sleep(60); debugger; return (() => 'through')()`;
    const { end } = await lone.run(source, { limits: { cpu: 200 } });
    assert.deepEqual([end.reason, end.value], ['completed', 'through'], end.message);
  });

  test('is paused, looked at and goes on as ever', async () => {
    const source = `${NEAR} log('near'); await sleep(30); log('on'); await sleep(30); return 1`;
    const run = lone.corral.start(source, { limits: { cpu: 200 }, lint: false });
    await new Promise<void>((resolve) => run.on('log', () => resolve()));
    assert.equal(await run.pause(), true);
    await run.look();
    assert.equal(await run.resume(), true);
    const { reason, value, message } = await run.result;
    assert.deepEqual([reason, value], ['completed', 1], message);
  });

  test('is stopped with its variables where that is a `debugger` in a loop', async () => {
    const { end } = await lone.run('let turns = 0;\nfor (;;) { turns += 1; debugger; }', {
      limits: { cpu: 100 },
    });
    assertLimit(end, 'cpu-limit', 'cpu', 100);
    assert.equal(end.line, 2);
  });
});

test('clocks that are read one after the other and go back take no CPU away', (context) => {
  const cpu = (ms: number) => ({ user: ms * 1000, system: 0 });
  const all = context.mock.method(process, 'cpuUsage', () => cpu(100));
  context.mock.method(process, 'threadCpuUsage', () => cpu(50));
  const isolate = { gone: false, isolate: { cpuTime: 1_000n } };
  const run = { paused: false, cpuMs: 0, realms: new Map([[0, { isolate, lastWeight: 0 }]]) };
  const watchdog = new Watchdog(new Map([['run', run as unknown as SandboxRun]]), () => undefined);
  const usedAt = (ms: number) => {
    isolate.isolate.cpuTime += 1_000n;
    all.mock.mockImplementation(() => cpu(ms));
    watchdog.settleCpu();
    return run.cpuMs;
  };
  assert.deepEqual([usedAt(99.9), usedAt(100.1), usedAt(110)].map(Math.round), [0, 0, 10]);
  assert.ok(run.cpuMs >= 0 && usedAt(109) === run.cpuMs);
});

test('what others have left in the process is none of the doing of a macro that is alone in it since', async (context) => {
  let rss = 60 * MB;
  context.mock.method(process.memoryUsage, 'rss', () => rss);
  const limits: string[] = [];
  const toRun = (name: string) => {
    const isolate = { busy: true, gone: false, isolate: { cpuTime: 0n } };
    const profiling = { watchCpu: () => undefined };
    const realm = { isolate, profiling, burstStartCpuMs: 0, heapBytes: 64 * MB, heapUsed: MB };
    return {
      ...{ busy: true, over: false, paused: false, cpuMs: 0, elapsedMs: 0 },
      start: { cpuMs: 1e9, burstMs: 1e9, wallMs: 1e9, debugged: null },
      lastSampleAt: Number.POSITIVE_INFINITY,
      realms: new Map([[0, { ...realm, external: 0, lastWeight: 0, recurses: true }]]),
      limit: (_: unknown, limit: string) => limits.push(`${name}: ${limit}`),
    } as unknown as SandboxRun;
  };
  const runs = new Map([['large', toRun('large')]]);
  const watchdog = new Watchdog(runs, () => undefined);
  const looked = async () => {
    watchdog.wake();
    await sleep(60);
    return limits.splice(0)[0];
  };
  watchdog.begin();
  rss = 260 * MB;
  runs.set('small', toRun('small'));
  watchdog.begin();
  assert.equal(await looked(), undefined, 'among others nobody can tell whose it is');
  runs.delete('large');
  assert.equal(await looked(), undefined, 'it has left behind what it held');
  rss = 390 * MB;
  assert.equal(await looked(), undefined, 'not beyond its limit and the slack');
  rss = 400 * MB;
  assert.equal(await looked(), 'small: heap');
  runs.clear();
});
