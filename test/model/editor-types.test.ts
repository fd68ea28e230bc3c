import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { createTrainingGround } from '../../src/hosts/training-ground.ts';
import { defineCommand } from '../../src/model/command.ts';
import { editorTypes } from '../../src/model/editor-types.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const TSC = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
const TYPES = editorTypes(createTrainingGround({ seed: 1 }).commands);
/** What the types' own first lines tell an author to put into jsconfig.json. */
const CONFIG = [...TYPES.matchAll(/^\/\/ ?(.*)$/gm)]
  .map((match) => match[1] ?? '')
  .join('\n')
  .replace(/^[^{]*/, '');

const folder = mkdtempSync(join(tmpdir(), 'corral-types-'));
after(() => rmSync(folder, { recursive: true }));

/** Type-checks files beside the types; gives what the compiler says, '' when it has nothing to say. */
function check(types: string, files: Readonly<Record<string, string>>): string {
  const dir = mkdtempSync(join(folder, 'check-'));
  writeFileSync(join(dir, 'corral.d.ts'), types);
  writeFileSync(join(dir, 'tsconfig.json'), CONFIG);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(dir, name), text);
  const { stdout, stderr } = spawnSync(process.execPath, [TSC, '-p', dir], {
    cwd: dir,
    encoding: 'utf8',
  });
  return (stdout + stderr).trim();
}

/** A body as the inside of an async function: a compiler knows no top-level return. Lines stay. */
function wrapped(source: string): string {
  return /^export default/m.test(source) ? source : `export {}; (async () => { ${source}\n})();`;
}

describe('the types of the training ground', () => {
  test('are plain types: nothing is left of them once types are stripped', () => {
    const code = stripTypeScriptTypes(TYPES).replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, '');
    assert.equal(code.trim(), '');
  });

  test('name every command and say what it does and how often it may be given', () => {
    for (const command of createTrainingGround({ seed: 1 }).commands) {
      assert.ok(TYPES.includes(command.description), command.name);
      assert.match(TYPES, new RegExp(`^ +${command.verb}\\(input`, 'm'));
    }
    assert.match(TYPES, /At most 4 a second \(8 at once\), then it throws\./);
    assert.match(TYPES, /Privileged: needs `@grant`/);
  });

  test('agree with every macro in macros/', () => {
    const dir = join(ROOT, 'macros');
    const names = readdirSync(dir).filter((name) => /\.[jt]s$/.test(name));
    assert.ok(names.length >= 14);
    const files = names.map((name) => [name, wrapped(readFileSync(join(dir, name), 'utf8'))]);
    assert.equal(check(TYPES, Object.fromEntries(files)), '');
  });

  test('find the mistakes an author makes', () => {
    const said = check(TYPES, {
      'wrong.js': [
        'export {};',
        "await movement.goto({ x: 1, y: '2' });",
        'await combat.atack({ target: "bob" });',
        'const { healt } = await combat.status();',
        "await inventory.eat({ item: 'sofa' });",
        'await chat.say();',
        'every(100).stop();',
        'setTimeout(() => {}, 10);',
      ].join('\n'),
    });
    const lines = [...said.matchAll(/wrong\.js\((\d+),/g)].map((match) => Number(match[1]));
    assert.deepEqual([...new Set(lines)], [2, 3, 4, 5, 6, 7, 8], said);
  });

  test('serve both forms, with everything a macro sees', () => {
    const uses = (from: string) => `
      ${from}.log('a', 1); ${from}.log.warn({}); ${from}.console.error(${from}.input.rounds);
      const runs = (await ${from}.state.incr('runs')) + 1;
      const clock = ${from}.every(100, () => clock.stop());
      ${from}.signal.addEventListener('abort', (reason) => ${from}.log(reason.message));
      return { runs, left: ${from}.budget().wallMs, at: ${from}.now(), chance: ${from}.random(),
        other: await ${from}.macros.call('farmer', {}), slash: await ${from}.command('/where') };`;
    assert.equal(
      check(TYPES, {
        'body.js': wrapped(uses('globalThis').replaceAll('globalThis.', '')),
        'module.js': `export default async (/** @type {Macro} */ macro) => {${uses('macro')}};`,
        'module.ts': `export default async (macro: Macro) => {${uses('macro')}};`,
      }),
      '',
    );
  });
});

describe('the types of any host', () => {
  const answer = { output: z.object({}), run: () => ({}) };

  test('hold what a description, a name or a schema may contain', () => {
    const odd = defineCommand({
      name: 'delete.all',
      description: 'Ends */ a comment,\nand has two lines.',
      input: z.object({
        'odd key': z.string().describe('also */ here'),
        when: z.date(),
        size: z.bigint().optional(),
        pair: z.tuple([z.number(), z.string()]),
        either: z.union([z.literal('a'), z.array(z.number())]).nullable(),
        table: z.record(z.string(), z.number()),
        anything: z.unknown(),
      }),
      ...answer,
    });
    const types = editorTypes([odd]);
    const call = `macro.delete.all({ 'odd key': '', when: new Date(), pair: [1, 'a'], either: [1], table: { a: 1 },
      anything: 1 })`;
    assert.equal(check(types, { 'use.ts': `export default async (macro: Macro) => ${call};` }), '');
  });

  test('are whole without any command', () => {
    assert.equal(check(editorTypes([]), { 'use.js': 'export {}; await sleep(1);' }), '');
  });
});
