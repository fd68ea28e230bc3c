// How a macro is compiled and started: two forms, TypeScript, its own line numbers; each run in an isolate of its own.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createCorral } from '../../src/corral.ts';
import { CHILD_LIFE } from '../support/child-life.ts';
import { loneCorral } from './support/lone-corral.ts';

const lone = loneCorral();
after(() => lone.corral.close());

describe('the body form', () => {
  test('awaits and returns at the top', async () => {
    assert.equal(
      await lone.valueOf('const x = await echo.later({ text: "a" });\nreturn x + 1'),
      'a1',
    );
  });

  test('may end in a comment', async () => {
    assert.equal(await lone.valueOf('return 1 // the end'), 1);
  });

  test('is sloppy unless it says otherwise, like any script', async () => {
    assert.equal(await lone.valueOf('loose = 1; return loose'), 1);
    const { end } = await lone.run("'use strict'; loose = 1");
    assert.equal(end.error?.name, 'ReferenceError');
  });

  test('names the true line and column of what it throws', async () => {
    const { end } = await lone.run('null.x');
    assert.deepEqual([end.line, end.column], [1, 6]);
    const third = await lone.run('\n\n  null.x');
    assert.deepEqual([third.end.line, third.end.column], [3, 8]);
  });
});

describe('the module form', () => {
  test('is handed the world, and may be plain or async', async () => {
    assert.equal(await lone.valueOf('export default () => 1'), 1);
    assert.equal(
      await lone.valueOf('export default async ({ sleep }) => { await sleep(1); return 2; }'),
      2,
    );
    assert.equal(
      await lone.valueOf('export default function ({ input }) { return input.n; }', {
        input: { n: 3 },
      }),
      3,
    );
  });

  test('may await at its top', async () => {
    assert.equal(
      await lone.valueOf("const text = await echo.later({ text: 'x' }); export default () => text"),
      'x',
    );
  });

  test('ends as failed when its top throws, or its function does', async () => {
    for (const source of [
      "throw new Error('top'); export default () => 1",
      "export default () => { throw new Error('top'); }",
    ]) {
      const { end } = await lone.run(source);
      assert.deepEqual([end.reason, end.error?.message, end.line], ['failed', 'top', 1]);
    }
  });

  test('must export a function', async () => {
    const { end } = await lone.run('export default 5');
    assert.match(end.error?.message ?? '', /no "export default async \(macro\)/);
  });

  test('may give back a thenable of its own', async () => {
    assert.equal(await lone.valueOf('export default () => ({ then(resolve) { resolve(4); } })'), 4);
  });

  test('that replaces the built-ins at its top still runs', async () => {
    const source = `Promise.prototype.then = null; globalThis.$corralStart = () => {}; TypeError = null;
      export default async ({ echo }) => echo.later({ text: 'ok' }).constructor === Promise`;
    assert.equal(await lone.valueOf(source), true);
  });
});

describe('TypeScript', () => {
  test('runs with its types taken out, in both forms', async () => {
    const options = { file: 'typed.ts' };
    assert.equal(
      await lone.valueOf('const n: number = 2 as number;\nreturn n satisfies number', options),
      2,
    );
    const module =
      'interface World { input: unknown }\nexport default async (world: World): Promise<number> => 3';
    assert.equal(await lone.valueOf(module, options), 3);
  });

  test('keeps the true line and column', async () => {
    const { end } = await lone.run(
      'type Long = { a: string;\n b: number };\nconst x: Long | null = null; x!.a;',
      { file: 'typed.ts' },
    );
    assert.deepEqual([end.line, end.column], [3, 33]);
  });
});

describe('an isolate is never used twice', () => {
  test('what one run leaves, the next does not find', async () => {
    await lone.valueOf('globalThis.left = 1; Object.prototype.left = 2; Math.max = null; return 1');
    const source = 'return [typeof left, {}.left === undefined, typeof Math.max]';
    assert.deepEqual(await lone.valueOf(source), ['undefined', true, 'function']);
  });

  test('runs side by side see nothing of each other', async () => {
    const source = 'globalThis.mine = input.n; await sleep(10); return globalThis.mine';
    const values = await Promise.all(
      [1, 2, 3, 4, 5].map((n) => lone.valueOf(source, { input: { n } })),
    );
    assert.deepEqual(values, [1, 2, 3, 4, 5]);
  });
});

test('a long macro is compiled and run like a short one', async () => {
  const padding = '// '.padEnd(99, 'x').concat('\n').repeat(1000);
  assert.equal(await lone.valueOf(`${padding}return 1`), 1);
});

test('a macro that is almost always inside built-ins is held each time, and goes on each time', async () => {
  const source =
    'let kept = [];\nfor (let n = 0; ; n++) {\n  kept.push({ n });\n  if (n % 1e5 === 0) { log(n); kept = []; }\n}';
  await using corral = createCorral({
    dump: 'never',
    limits: { cpu: '60s', burst: '60s', output: '10mb' },
  });
  const run = corral.start(source, { lint: false });
  let told = 0;
  const waiting: (() => void)[] = [];
  run.on('log', () => {
    told += 1;
    for (const tell of waiting.splice(0)) tell();
  });
  const next = () => new Promise<void>((resolve) => waiting.push(resolve));
  await next();
  // V8 drops a stop that falls into a built-in; asked for once only, one of these would never come.
  for (let n = 0; n < 12; n++) {
    assert.equal(await run.pause(), true, run.state);
    assert.ok((await run.look())?.frames[0]?.locals.some(({ name }) => name === 'kept'));
    assert.equal(await run.resume(), true);
    await next();
  }
  assert.ok(told > 12);
});

test('an isolate whose end comes too late, when nothing runs in it any more, is disposed of as ever', () => {
  // One in five was the end of its worker.
  assert.equal(outputOf('late-ends.ts'), '60');
});

test('what a macro rejected and nobody handled is not thrown at whoever looks at it or disposes of it', () => {
  assert.equal(outputOf('rejected.ts'), '10');
});

test('a sleep counts from when the macro asked, not from when a busy worker heard of it', () => {
  assert.equal(outputOf('late-heard.ts'), 'asked first, asked later');
});

test('the stack of a busy macro has nothing in it of what Corral looks after meanwhile', () => {
  const withoutCompilers = ['--no-opt', '--no-maglev', '--no-sparkplug'];
  assert.equal(outputOf('asked-at-once.ts', withoutCompilers), '0 of 400');
});

/** What a program of support/ prints. */
function outputOf(program: string, flags: readonly string[] = []): string {
  const file = fileURLToPath(new URL(`./support/${program}`, import.meta.url));
  const args = [...flags, '--no-node-snapshot', file];
  return execFileSync(process.execPath, args, { ...CHILD_LIFE, encoding: 'utf8' });
}
