import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { StatusLine } from '../../../src/cli/render/status-line.ts';
import { GUARD_TABLE } from '../../../src/model/guard.ts';
import { mergeLimits } from '../../../src/model/limits.ts';

const { limits } = mergeLimits({
  base: GUARD_TABLE.medium.limits,
  host: {},
  caller: {},
  header: {},
});
const FIGURES = { elapsedMs: 1234, cpuMs: 900, heapBytes: 1e6, commands: 3, state: 'running' };

/** Draws on a terminal of this width, and gives all that was written. */
function drawn(columns: number, isTTY = true): { line: StatusLine; written: string[] } {
  const written: string[] = [];
  const stream = { isTTY, columns, write: (text: string) => written.push(text) };
  const line = new StatusLine(stream as never, (_style, text) => text);
  line.draw('patrol', FIGURES, limits);
  return { line, written };
}

describe('the status line', () => {
  test('leaves room for the ^C that a terminal writes behind it, so that it never wraps', () => {
    for (const columns of [20, 40, 80, 200]) {
      const text = stripVTControlCharacters(drawn(columns).written.join('')).replace('\r', '');
      assert.ok(text.length + '^C'.length < columns, `${text.length} of ${columns}`);
    }
  });

  test('is taken away once, and only where it was drawn', () => {
    const { line, written } = drawn(80);
    line.clear();
    line.clear();
    assert.deepEqual(written.slice(1), ['\r\u001b[2K']);
    assert.deepEqual(drawn(80, false).written, []);
  });
});
