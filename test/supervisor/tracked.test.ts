import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, test } from 'node:test';
import { CorralError } from '../../src/model/errors.ts';
import { Tracked } from '../../src/supervisor/tracked.ts';
import { CHILD_LIFE } from '../support/child-life.ts';
import { ROOT } from '../support/cli.ts';

describe('tracked work', () => {
  test('is named while it goes on, and waited for, what began meanwhile included', async () => {
    const tracked = new Tracked();
    const [first, second] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    tracked.track(first.promise, 'the first');
    assert.deepEqual(tracked.open, ['the first']);
    let isIdle = false;
    const idle = tracked.idle().then(() => {
      isIdle = true;
    });
    tracked.track(second.promise, 'the second');
    first.resolve();
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual([tracked.open, isIdle], [['the second'], false]);
    second.resolve();
    await idle;
    assert.deepEqual(tracked.open, []);
  });

  test('that fails surfaces, with its name and what it was', async () => {
    const tracked = new Tracked();
    const surfaced = Promise.withResolvers<unknown>();
    const others = process.listeners('uncaughtException');
    process.removeAllListeners('uncaughtException');
    process.once('uncaughtException', surfaced.resolve);
    const cause = new TypeError('not a function');
    tracked.track(Promise.reject(cause), 'the end of a worker');
    const told = await surfaced.promise;
    for (const listener of others) process.on('uncaughtException', listener);
    assert.ok(told instanceof CorralError);
    assert.deepEqual([told.code, told.cause], ['internal', cause]);
    assert.match(told.message, /in the end of a worker: not a function/);
    await tracked.idle();
  });
});

/**
 * What the linter's rule about floating promises lets pass: a promise that is thrown away on purpose, and a failure that
 * nobody looks at. Each is here with why it hides no mistake; how often it stands in its file, so that another one is seen.
 */
const LET_PASS: Readonly<Record<string, readonly [count: number, why: string]>> = {
  'src/cli/inspect/find-dump.ts': [1, 'a path that cannot be looked at is not there'],
  'src/cli/lint/find-macros.ts': [1, 'the same'],
  'src/cli/lint/watch.ts': [
    2,
    'an interrupted sleep, which is asked about next; a file that is not there yet',
  ],
  'src/cli/batch/runner.ts': [1, 'stop() never rejects, and its run is awaited'],
  'src/cli/batch/telling.ts': [1, 'the writer itself tells that its output is lost'],
  'src/cli/run/once.ts': [1, 'stop() never rejects, and its run is awaited'],
  'src/cli/run/outcome.ts': [2, 'the same'],
  'src/alerts/channels.ts': [1, 'an older log that is not there need not be moved'],
  'src/api/run-lines.ts': [1, 'a reader that has gone is not told'],
  'src/client/followed-run.ts': [
    2,
    'whoever awaits `result` is told, of a connection that breaks off by the end of its lines too',
  ],
  'src/sandbox/isolate.ts': [
    1,
    'what is asked only to have others answered fails with what is the macro’s own',
  ],
  'src/client/server-error.ts': [1, 'an answer that is no JSON is told as it is'],
  'src/service/command-pace.ts': [2, 'pause() and resume() never reject'],
  'src/service/recorder.ts': [1, 'an interrupted wait'],
  'src/service/submissions.ts': [1, 'pause() never rejects'],
  'src/api/one-by-one.ts': [1, 'whoever gave the work is told'],
  'src/api/empty-body.ts': [1, 'tells by `done` how it ended'],
  'src/store/history/writes.ts': [1, 'whoever gave the write is told'],
  'src/cli/top/corrals.ts': [2, 'one that is gone is shown as gone'],
  'src/cli/top/live.ts': [1, 'the same'],
  'src/cli/top/plain.ts': [1, 'a wait that is ended early'],
  'src/control/client.ts': [1, 'whoever awaits `hello` is told'],
  'src/control/server.ts': [1, 'sockets of the dead that cannot be swept stay for the next one'],
  'src/control/sockets.ts': [1, 'what is not there has no state'],
  'src/dumps/keeper.ts': [1, 'a wait that is no longer needed'],
  'src/sandbox/reclaim.ts': [1, 'an isolate that is gone has nothing to give back'],
  'src/devtools/endpoint.ts': [1, 'close() keeps its promise, which the disposal awaits'],
  'src/sandbox/bridge/every.ts': [1, 'runs inside the isolate, where a failure ends the macro'],
  'src/sandbox/bridge/world.ts': [1, 'the same'],
  'src/sandbox/devtools/devtools.ts': [1, 'a breakpoint that is refused: the macro begins without'],
  'src/sandbox/examination.ts': [
    4,
    'a macro decides what of this fails, and must not end the worker by it',
  ],
  'src/sandbox/realm.ts': [2, 'the same'],
  'src/supervisor/asks.ts': [1, 'rejects only when the run is over, which is asked next'],
  'src/supervisor/calls.ts': [1, 'only for the line; its caller hears of the failure'],
  'src/supervisor/interventions/pattern-pauses.ts': [2, 'pause() and resume() never reject'],
  'src/supervisor/supervisor.ts': [2, 'emergency() never rejects'],
  'src/supervisor/walls/launch.ts': [1, 'a group that is left is swept at the next start'],
  'src/supervisor/walls/outgrowing.ts': [2, 'the trial is over, whatever it came to'],
  'src/supervisor/worker-wear.ts': [3, 'the end of a worker is told by `exited`'],
  'src/supervisor/worker-process.ts': [1, 'whoever awaits `ready` is told; the pool does for each'],
};

const SWALLOWS = /\.catch\(\s*\(\)\s*=>\s*(?:undefined|null|''|\{\s*\})\s*,?\s*\)/g;
const THROWS_AWAY = /(?:^|[^\w.])void [\w#]+[\w#.?]*\(/gm;

function swallowedIn(source: string): number {
  const code = source.replace(/^\s*(?:\/\*[\s\S]*?\*\/|\/\/.*$)/gm, '');
  return [...code.matchAll(SWALLOWS), ...code.matchAll(THROWS_AWAY)].length;
}

describe('every promise has an owner', () => {
  test('since the linter refuses one that floats', () => {
    const { linter } = JSON.parse(readFileSync(join(ROOT, 'biome.json'), 'utf8'));
    assert.equal(linter.rules.nursery.noFloatingPromises, 'error');
  });

  test('and whatever it lets pass is known here', () => {
    const found = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
      // Analysis is synchronous: there is no promise in it.
      .filter((name) => name.endsWith('.ts') && !name.startsWith('analysis'))
      .map((name) => `src/${name.replaceAll('\\', '/')}`)
      .map((file) => [file, swallowedIn(readFileSync(join(ROOT, file), 'utf8'))] as const)
      .filter(([, count]) => count > 0);
    const known = Object.entries(LET_PASS).map(([file, [count]]) => [file, count]);
    assert.deepEqual(Object.fromEntries(found), Object.fromEntries(known));
  });

  for (const [what, source] of [
    ['a failure that nobody looks at', 'run.stop().catch(() => undefined);'],
    ['one on several lines', 'run\n  .stop()\n  .catch(() => {\n  });'],
    ['a promise that is thrown away', '  void run.stop();'],
    ['one of a private method', 'child.once("close", () => void this.#end());'],
  ] as const)
    test(`would see ${what}`, () => assert.equal(swallowedIn(source), 1));

  test('would not take a type, a comment or a handler for one', () => {
    const fine =
      'function f(): void { g(); }\n// void f();\nwork.catch((error) => tell(error));\nlet x: () => void;';
    assert.equal(swallowedIn(fine), 0);
  });
});

describe('a worker that ends by a slip of ours fails the tests', () => {
  const SLIPS = new URL('../support/slips.ts', import.meta.url).href;
  const SLIPPING = new URL('./support/slipping.ts', import.meta.url).pathname;
  for (const [what, mode, isSlip] of [
    ['a promise that failed and nobody awaited', 'rejection', true],
    ['an exception in a real worker', 'worker', true],
    ['but not one that ends in order', 'calm', false],
  ] as const)
    test(what, async () => {
      const child = spawn(process.execPath, ['--import', SLIPS, SLIPPING, mode], {
        stdio: ['ignore', 'pipe', 'pipe'],
        ...CHILD_LIFE,
      });
      const exited = once(child, 'exit');
      const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
      const [code] = await exited;
      assert.deepEqual([code, stdout], isSlip ? [1, ''] : [0, 'over'], stderr);
      assert.equal(/ended by a slip of Corral's own/.test(stderr), isSlip, stderr);
    });
});
