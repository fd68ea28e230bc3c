// What is taken from a macro, and that no way round leads back to it.

import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { loneCorral } from '../support/lone-corral.ts';

const lone = loneCorral();
after(() => lone.corral.close());

describe('what could pass the heap limit unseen, or block the thread, is gone:', () => {
  for (const name of ['SharedArrayBuffer', 'Atomics', 'WebAssembly']) {
    test(name, async () => {
      const source = `return ['${name}' in globalThis, Object.getOwnPropertyNames(globalThis).includes('${name}'), new Function('return typeof ${name}')()]`;
      assert.deepEqual(await lone.valueOf(source), [false, false, 'undefined']);
    });
  }

  test('buffers that grow, however they are asked for', async () => {
    const source = `const option = { maxByteLength: 64 };
      class Mine extends ArrayBuffer { constructor() { super(8, option); } }
      const made = [new ArrayBuffer(8, option), Reflect.construct(ArrayBuffer, [8, option]), new Mine(),
        new (new Uint8Array(1).buffer.constructor)(8, option), new (ArrayBuffer[Symbol.species])(8, option),
        new (Object.getPrototypeOf(Mine))(8, option), new ArrayBuffer(8, option).slice(0), new ArrayBuffer(8, option).transfer(),
        Reflect.construct(Object.getPrototypeOf(new ArrayBuffer(1)).constructor, [8, option], Object)];
      return [made.filter((buffer) => buffer.resizable || (buffer.maxByteLength ?? 8) !== 8).length, typeof made[0].resize]`;
    assert.deepEqual(await lone.valueOf(source), [0, 'undefined']);
  });

  test('also where Object.prototype holds the option', async () => {
    const source = `Object.prototype.maxByteLength = 64;
      return [new ArrayBuffer(8).resizable, new ArrayBuffer(8, {}).resizable, new Uint8Array(8).buffer.resizable]`;
    assert.deepEqual(await lone.valueOf(source), [false, false, false]);
  });
});

describe('ArrayBuffer is as everybody knows it', () => {
  test('in all that is left of it', async () => {
    const source = `const buffer = new ArrayBuffer(8);
      let refused; try { ArrayBuffer(8); } catch (error) { refused = error.name; }
      class Mine extends ArrayBuffer {}
      return [buffer instanceof ArrayBuffer, buffer.byteLength, buffer.constructor === ArrayBuffer, ArrayBuffer.name, ArrayBuffer.length,
        ArrayBuffer.isView(new Uint8Array(1)), new Mine(4) instanceof Mine, new Mine(4).byteLength, buffer.slice(2).byteLength,
        refused, String(buffer), new Uint8Array(buffer).length, ArrayBuffer.prototype.constructor === ArrayBuffer]`;
    const told = [
      true,
      8,
      true,
      'ArrayBuffer',
      1,
      true,
      true,
      4,
      6,
      'TypeError',
      '[object ArrayBuffer]',
      8,
      true,
    ];
    assert.deepEqual(await lone.valueOf(source), told);
  });

  test('and its size counts, given away and made larger too', async () => {
    for (const source of [
      'const all = []; for (;;) all.push(new ArrayBuffer(4e6));',
      'const all = []; for (;;) { let b = new ArrayBuffer(1); b = b.transfer(4e6); all.push(b); }',
      'const all = []; for (;;) { all.push(new ArrayBuffer(1).transfer(4e8)); }',
    ]) {
      const { end } = await lone.run(source, { limits: { heap: 32 * 2 ** 20 } });
      assert.equal(end.reason, 'heap-limit', source);
    }
  });
});
