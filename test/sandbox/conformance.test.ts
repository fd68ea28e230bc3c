// Ordinary JavaScript works in a macro as it does anywhere: each of the programs of test/fixtures/conformance, and a walk
// over everything that the globals lead to, come to the same as in a plain `node:vm` context, but for what is documented.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { createContext, runInContext } from 'node:vm';
import { ROOT } from '../support/cli.ts';
import { loneCorral } from './support/lone-corral.ts';

const DIR = join(ROOT, 'test', 'fixtures', 'conformance');
const lone = loneCorral({ limits: { output: '2mb', cpu: '20s', burst: '20s' } });
after(() => lone.corral.close());

interface Program {
  readonly name: string;
  readonly body: string;
}

/** A file holds programs, each below a line `//// what it is about`. */
function readPrograms(file: string): Program[] {
  const [, ...parts] = readFileSync(join(DIR, file), 'utf8').split(/^\/\/\/\/ /m);
  return parts.map((part) => {
    const end = part.indexOf('\n');
    return { name: part.slice(0, end), body: part.slice(end + 1) };
  });
}

/** The body of a function that gives what a program comes to as text; JSON alone would lose half of it. */
const toTold = (body: string) => `const $told = async function () {
${body}
};
const $show = (_, value) => {
  if (typeof value === 'number' && !Number.isFinite(value)) return 'number ' + value;
  if (['undefined', 'bigint', 'symbol', 'function'].includes(typeof value)) return typeof value + ' ' + String(value);
  return value;
};
try { return String(JSON.stringify(await $told.call(this), $show)); }
catch (error) { return 'threw ' + error.name + ': ' + error.message; }`;

/** What it comes to in a context of this process, with nothing of Corral's. */
const plainly = (body: string): Promise<unknown> =>
  runInContext(`(async function () {${toTold(body)}\n})()`, createContext());

const files = readdirSync(DIR);

test('there are at least 200 programs', () => {
  assert.ok(files.flatMap(readPrograms).length >= 200);
});

for (const file of files) {
  describe(file.replace('.js', ''), () => {
    for (const { name, body } of readPrograms(file)) {
      test(name, async () => {
        const expected = await plainly(body);
        assert.doesNotMatch(String(expected), /^threw|^undefined$/, 'it is a program that works');
        assert.equal(await lone.valueOf(toTold(body)), expected);
      });
    }
  });
}

/** Everything that the globals lead to, a line each: where it is, how it may be used, what it says of itself. */
const WALK = `const seen = new Map([[globalThis, 'globalThis']]);
const lines = [];
for (const [holder, path] of seen) {
  const prototype = Object.getPrototypeOf(holder);
  if (prototype !== null && !seen.has(prototype)) seen.set(prototype, path + '.__proto__');
  lines.push(path + ' extends ' + (prototype === null ? 'null' : seen.get(prototype)) + (Object.isExtensible(holder) ? '' : ' sealed'));
  for (const key of Reflect.ownKeys(holder)) {
    if (holder === globalThis && skipped.includes(key)) continue;
    const at = path + '.' + String(key);
    const { value, get, set, writable, enumerable, configurable } = Object.getOwnPropertyDescriptor(holder, key);
    const how = [writable && 'w', enumerable && 'e', configurable && 'c'].filter(Boolean).join('');
    for (const [part, it] of [['', value], [' get', get], [' set', set]]) {
      const isObject = it !== null && (typeof it === 'object' || typeof it === 'function');
      if (isObject && !seen.has(it)) seen.set(it, at + part);
      if (isObject || (it === undefined && part !== '')) continue;
      lines.push(at + part + ' ' + how + ' = ' + String(it));
    }
    const of = [value, get, set].map((it) => seen.get(it)).filter(Boolean).join(' ');
    const text = typeof value === 'function' ? String(value) : '';
    if (of !== '') lines.push(at + ' ' + how + ' is ' + of + ' ' + text);
  }
}
return lines`;

/** Told to have been decided so, in docs/sandbox.md: what is gone, and what a plain context has not. */
const GONE = [
  /^globalThis\.(?:SharedArrayBuffer|Atomics|WebAssembly|console)\b/,
  /^globalThis\.ArrayBuffer\.prototype\.resize\b/,
];
const ADDED = [/^globalThis\.\$corralAt\b/];
/** The global object of `node:vm` has a class of its own. */
const OF_VM = /^globalThis\.__proto__\.constructor\b/;

test('all that the globals lead to is there, and as it is anywhere', async () => {
  const skipped = await lone.valueOf(
    `return Object.keys(Object.getOwnPropertyDescriptors(globalThis))`,
  );
  const plain = (await runInContext(
    'Object.getOwnPropertyNames(globalThis)',
    createContext(),
  )) as string[];
  const own = (skipped as string[]).filter((name) => !plain.includes(name) && name !== '$corralAt');
  const walk = `const skipped = ${JSON.stringify([...own, 'console'])};\n${WALK}`;
  const inside = (await lone.valueOf(walk)) as string[];
  const outside = (await runInContext(`(function () {${walk}})()`, createContext())) as string[];
  // A list of the other realm's makes others of its kind.
  const less = [...outside].filter((line) => !inside.includes(line));
  const more = inside.filter((line) => !outside.includes(line));
  const unexplained = (lines: string[], known: RegExp[]) =>
    lines.filter((line) => ![OF_VM, ...known].some((each) => each.test(line)));
  assert.ok(outside.length > 3000, `${outside.length} lines`);
  assert.deepEqual([unexplained(less, GONE), unexplained(more, ADDED)], [[], []]);
});
