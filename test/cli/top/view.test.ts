import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { FIRST_UI, follow, toRows, type UiState } from '../../../src/cli/top/view.ts';
import type { RunFigures } from '../../../src/model/control.ts';
import { corral, NOW, run } from './support/views.ts';

/** The rows of one Corral with these runs. */
function rowsOf(...runs: readonly RunFigures[]) {
  return toRows([corral(41, runs)], FIRST_UI);
}

const rows = (ids: string) =>
  rowsOf(...[...ids].map((id, at) => run(id, { cpuShare: 1 - at / 10 })));
const on = (id: string, other: Partial<UiState> = {}): UiState => ({
  ...FIRST_UI,
  selected: { path: '/s/corral-41.sock', run: id },
  ...other,
});
/** The run that is marked after the rows have changed. */
const marked = (ui: UiState, before: string, now: string) =>
  follow(ui, rows(before), rows(now)).selected?.run ?? null;

describe('the order of the runs', () => {
  test('does not turn on what is not shown: the same whole percent stays as begun, then by id', () => {
    const order = (b: number, c: number) =>
      rowsOf(
        run('c', { cpuShare: c, since: NOW - 1 }),
        run('b', { cpuShare: b, since: NOW - 1 }),
        run('a', { cpuShare: 0.006, since: NOW - 9 }),
      ).map(({ id }) => id.run);
    assert.deepEqual(order(0.008, 0.014), ['a', 'b', 'c']);
    assert.deepEqual(order(0.014, 0.008), ['a', 'b', 'c']);
    assert.deepEqual(order(0.012, 0.016), ['c', 'a', 'b'], '2 % is more than 1 %');
  });
});

describe('the marker', () => {
  test('is on the first run from the first look on, and stays with it', () => {
    assert.equal(marked(FIRST_UI, '', 'abc'), 'a');
    const ui = follow(FIRST_UI, [], rows('abc'));
    assert.equal(marked(ui, 'abc', 'cba'), 'a');
    assert.equal(marked(FIRST_UI, '', ''), null);
  });

  test('goes to the run below when its own has gone, else to the one above, by the order that was seen', () => {
    assert.equal(marked(on('b'), 'abcd', 'acd'), 'c');
    assert.equal(marked(on('b'), 'abcd', 'dca'), 'c', 'though all is in another order at once');
    assert.equal(marked(on('b'), 'abcd', 'ad'), 'd');
    assert.equal(marked(on('d'), 'abcd', 'bca'), 'c');
    assert.equal(marked(on('b'), 'abcd', 'xy'), 'x');
  });

  test('waits for its run while the list is empty', () => {
    assert.equal(marked(on('b'), 'abc', ''), 'b');
    assert.equal(marked(on('b'), 'abc', 'abc'), 'b');
  });

  test('stays while it is asked whether to stop its run; when that has gone nothing is asked any more', () => {
    const { selected } = on('b');
    assert.ok(selected);
    const asking = on('b', { mode: { kind: 'stop', row: selected, macro: 'b' } });
    const same = follow(asking, rows('abc'), rows('cab'));
    assert.deepEqual([same.mode.kind, same.selected?.run], ['stop', 'b']);
    for (const left of ['ac', ''])
      assert.equal(follow(asking, rows('abc'), rows(left)).mode.kind, 'list');
  });
});
