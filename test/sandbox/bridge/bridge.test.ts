// What the bridge's text must be, whoever compiled it: each part stands alone, and all of it together is strict.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { createContext, runInContext } from 'node:vm';
import { type Program, parse } from 'acorn';
import { simple } from 'acorn-walk';
import { walkProgram } from '../../../src/analysis/facts/walk.ts';
import { BRIDGE_PARTS, bridgeSource } from '../../../src/sandbox/bridge/bridge.ts';

const FOLDER = new URL('../../../src/sandbox/bridge/', import.meta.url);
/** What a bare realm knows. */
const LANGUAGE = new Set(
  runInContext('Object.getOwnPropertyNames(globalThis)', createContext()) as string[],
);

const LATEST = { ecmaVersion: 'latest' } as const;
/** Cannot be replaced, or is used before the macro starts only. */
const FIXED = new Set(['undefined', 'globalThis', 'Math']);
const PROTOTYPE_METHODS = new Set(
  [Object, Function, Array, String, Number, BigInt, Promise, Map, Set, Date, RegExp, Error].flatMap(
    ({ prototype }) => Object.getOwnPropertyNames(prototype),
  ),
);

describe('each part of the bridge', () => {
  for (const [name, part] of Object.entries(BRIDGE_PARTS)) {
    test(`${name} is a function whose text compiles alone`, () => {
      const compiled = runInContext(`'use strict'; (${part.toString()})`, createContext());
      assert.equal(typeof compiled, 'function');
    });

    test(`${name} names nothing outside itself and the language`, () => {
      assert.deepEqual(outsideNames(part.toString()), []);
    });
  }

  test('is one function a file, and no file of the folder is left out', () => {
    const files = readdirSync(FOLDER).filter((file) => file !== 'bridge.ts');
    assert.equal(files.length, Object.keys(BRIDGE_PARTS).length);
    for (const file of files) {
      const text = readFileSync(new URL(file, FOLDER), 'utf8');
      assert.equal(text.match(/^export function /gm)?.length, 1, file);
      assert.doesNotMatch(text, /^(?:export )?(?:const|let|class) /m, file);
    }
  });
});

describe('a part that works while the macro runs uses nothing a macro can replace', () => {
  // These finish before the macro starts, and may use the language freely.
  const { ownCopies: _, ownMethods: __, narrow: ___, beacon: ____, ...later } = BRIDGE_PARTS;
  for (const [name, part] of Object.entries(later)) {
    test(`${name} names no global, iterates nothing and calls no method of a prototype`, () => {
      assert.deepEqual(replaceable(part.toString()), []);
    });
  }
});

test('together they are one strict function of the ports', () => {
  const bridge = runInContext(bridgeSource(), createContext({}));
  assert.equal(typeof bridge, 'function');
  assert.match(bridgeSource(), /^\(\(post, budget, cell\) => \{\n'use strict';/);
});

/** The names a text uses and does not declare. */
function freeNames(program: Program): Set<string> {
  const walked = walkProgram(program);
  assert.ok('scopes' in walked);
  const { variables } = walked.scopes;
  const names = new Set<string>();
  simple(program, {
    Identifier(node) {
      if (!variables.has(node)) names.add(node.name);
    },
  });
  return names;
}

function outsideNames(text: string): string[] {
  return [...freeNames(parse(`(${text})`, LATEST))].filter((name) => !LANGUAGE.has(name));
}

/** What in a text asks something that a macro may have replaced. */
function replaceable(text: string): string[] {
  const code = `(${text})`;
  const program = parse(code, LATEST);
  const globals = [...freeNames(program)].filter((name) => !FIXED.has(name));
  const found = globals.map((name) => `global ${name}`);
  const note = (node: { start: number; end: number }) => {
    found.push(code.slice(node.start, node.end));
  };
  simple(program, {
    SpreadElement: note,
    ForOfStatement: note,
    ForInStatement: note,
    ArrayPattern: note,
    BinaryExpression(node) {
      if (node.operator === 'instanceof') note(node);
    },
    CallExpression({ callee }) {
      if (callee.type === 'MemberExpression' && callee.property.type === 'Identifier') {
        if (PROTOTYPE_METHODS.has(callee.property.name)) note(callee);
      }
    },
  });
  return found;
}
