import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readHeader } from '../../src/analysis/text/header.ts';
import { checkInput } from '../../src/model/check-input.ts';
import { CorralError } from '../../src/model/errors.ts';

function check(input: unknown, ...lines: string[]): unknown {
  const block = ['// ==Macro==', ...lines.map((line) => `// @input ${line}`), '// ==/Macro=='];
  return checkInput(input, readHeader(block.join('\n')), 'patrol');
}

function refused(message: RegExp, input: unknown, ...lines: string[]): void {
  assert.throws(
    () => check(input, ...lines),
    (error) => {
      assert.ok(error instanceof CorralError);
      assert.equal(error.code, 'bad-input');
      assert.match(error.message, message);
      return true;
    },
  );
}

describe('the input of a macro that declares none', () => {
  test('is whatever was given, and {} where nothing was', () => {
    assert.deepEqual(check({ a: [1, { b: null }] }), { a: [1, { b: null }] });
    assert.equal(check('text'), 'text');
    assert.deepEqual(check(undefined), {});
    assert.deepEqual(check(null), {});
  });

  test('may not be what cannot cross', () => {
    const cycle: Record<string, unknown> = {};
    cycle.self = cycle;
    refused(/patrol.*input\.self.*cycle/, cycle);
    refused(/input\.f is a function/, { f() {} });
    refused(/more than .* characters/, { text: 'x'.repeat(5_000_000) });
  });
});

describe('the input of a macro that declares it', () => {
  test('gets its defaults', () => {
    assert.deepEqual(check(undefined, 'rounds:number=3', 'who:string'.replace(':', '?:')), {
      rounds: 3,
    });
    assert.deepEqual(check({ rounds: 5 }, 'rounds:number=3'), { rounds: 5 });
  });

  test('is checked field by field, and the message says what the macro takes', () => {
    refused(/rounds: .*number.* It takes rounds:number=3\./, { rounds: '5' }, 'rounds:number=3');
    refused(/Wrong input for patrol: who is missing\. It takes who:string\./, {}, 'who:string');
    refused(/count: /, { count: 1.5 }, 'count:integer');
    refused(/on: /, { on: 'yes' }, 'on:boolean');
    refused(/rounds: /, { rounds: Number.NaN }, 'rounds:number');
  });

  test('may have fields named like what every object inherits', () => {
    for (const name of ['toString', 'constructor', 'hasOwnProperty', 'valueOf']) {
      assert.deepEqual(check({}, `${name}:string=x`), { [name]: 'x' });
      assert.deepEqual(check({ [name]: 'y' }, `${name}:string=x`), { [name]: 'y' });
      refused(new RegExp(`${name} is missing`), {}, `${name}:string`);
    }
  });

  test('is an object, and null is none', () => {
    refused(/Wrong input for patrol: .*expected object, received null/, null, 'rounds:number=3');
  });

  test('has no fields beyond the declared', () => {
    refused(/round/, { round: 5 }, 'rounds:number=3');
    refused(/Wrong input for patrol/, 'text', 'rounds:number=3');
    refused(/Wrong input for patrol/, [1], 'rounds:number=3');
  });

  test('of type json takes any JSON and nothing else', () => {
    assert.deepEqual(check({ plan: [{ at: [1, 2] }, null] }, 'plan:json'), {
      plan: [{ at: [1, 2] }, null],
    });
    refused(/plan/, { plan: 1n }, 'plan:json');
  });

  test('is never a prototype', () => {
    refused(/Wrong input/, JSON.parse('{"__proto__": {"rounds": 9}}'), 'rounds:number=3');
  });
});
