// test262's parser tests: nothing crashes, what cannot run is told with its place, and what can is not.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Script } from 'node:vm';
import { parserTests } from './parser-tests.ts';

/** What every JavaScript may and a macro may not. */
const NOT_IN_A_MACRO = /^a macro cannot import|^this module exports no macro|^`-->` cannot stand/;

/** A module in the form a macro may have, and a letter younger than the tests. */
const MAY_BE = new Set(['4554c00dbb28cad8.js', 'c060a3014ad24dfd.js']);

/** True when V8 takes a text as the body of an async function, which is what a macro is, or as a module. */
function runs(source: string): boolean {
  try {
    new Script(`(async function () {${source}\n})`);
    return true;
  } catch {
    return false;
  }
}

describe('texts that must parse', () => {
  for (const kind of ['pass', 'pass-explicit'] as const) {
    test(`${kind}: are told nothing but what no macro may do`, () => {
      const all = parserTests(kind);
      assert.ok(all.length > 1500);
      const wrong = all.filter(({ fault }) => fault && !NOT_IN_A_MACRO.test(fault.message));
      assert.deepEqual(
        wrong.map(({ name, fault }) => `${name}: ${fault?.message}`),
        [],
      );
    });
  }
});

describe('texts that must not parse', () => {
  for (const kind of ['fail', 'early'] as const) {
    test(`${kind}: are told with their place, unless they may stand in a function`, () => {
      const all = parserTests(kind);
      assert.ok(all.length > 600);
      const accepted = all.filter(
        ({ fault, source, name }) => !fault && !runs(source) && !MAY_BE.has(name),
      );
      assert.deepEqual(
        accepted.map(({ name, source }) => `${name}: ${source}`),
        [],
      );
      for (const { fault, source } of all)
        if (fault)
          assert.ok(fault.line >= 1 && fault.line <= source.split(/\r\n?|[\n\u2028\u2029]/).length);
    });
  }
});
