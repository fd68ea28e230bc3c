import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { press, type Scene, toKeys, type Wish } from '../../../src/cli/top/keys.ts';
import { FIRST_UI, toRows, type UiState } from '../../../src/cli/top/view.ts';
import { corral, MB, NOW, run } from './support/views.ts';

const CORRALS = [
  corral(41, [
    run('a', { cpuShare: 0.9, heapBytes: 1 * MB, since: NOW - 1 }),
    run('b', { cpuShare: 0.5, heapBytes: 9 * MB, since: NOW - 2, owner: 'alice' }),
  ]),
  corral(42, [run('c', { cpuShare: 0.1, heapBytes: 5 * MB, since: NOW - 3, state: 'paused' })]),
];

/** Types this, as a terminal sends it; gives the state it leads to, all that was asked for, and all that was refused. */
function type(
  text: string,
  other: Partial<Scene> = {},
): { ui: UiState; wishes: Wish[]; refusals: string[] } {
  const wishes: Wish[] = [];
  const refusals: string[] = [];
  let ui = FIRST_UI;
  for (const key of toKeys(text)) {
    const scene = { rows: toRows(CORRALS, ui), stopped: 'none' as const, page: 2, ...other };
    const pressed = press(ui, key, scene);
    ui = pressed.ui;
    if (pressed.wish) wishes.push(pressed.wish);
    if (pressed.refusal !== undefined) refusals.push(pressed.refusal);
  }
  return { ui, wishes, refusals };
}

const selected = (text: string) => type(text).ui.selected?.run ?? null;
const order = (text: string) => toRows(CORRALS, type(text).ui).map(({ run: { id } }) => id);
const UP = '\u001b[A';
const DOWN = '\u001bOB';

describe('keys as a terminal sends them', () => {
  test('are told apart, several at once too', () => {
    assert.deepEqual(toKeys(`a${UP}${DOWN}\u001b[5~\u007f\rЖ🚀\u001b`), [
      'a',
      'up',
      'down',
      'pageup',
      'backspace',
      'enter',
      'Ж',
      '🚀',
      'escape',
    ]);
  });

  test('that mean nothing here are left out', () => {
    assert.deepEqual(toKeys('\u001b[15~\u001b[1;5C\u0001\t'), []);
  });
});

describe('in the list', () => {
  test('arrows and letters select, and stay within it', () => {
    assert.equal(selected('j'), 'b');
    assert.equal(selected(`${DOWN}${DOWN}${DOWN}${DOWN}`), 'c');
    assert.equal(selected(`jj${UP}`), 'b');
    assert.equal(selected('kkk'), 'a');
    assert.equal(selected('G'), 'c');
    assert.equal(selected('Gg'), 'a');
    assert.equal(selected('\u001b[6~'), 'c');
  });

  test('nothing is selected, and nothing asked for, where nothing is', () => {
    const { ui, wishes } = type(`jk${UP}G\u001b[5~prs`, { rows: [] });
    assert.equal(ui.selected, null);
    assert.deepEqual(ui.mode, { kind: 'list' });
    assert.deepEqual(wishes, []);
  });

  test('the selection goes with its run when the order changes', () => {
    assert.equal(selected('jm'), 'b');
    assert.equal(selected('jmk'), 'b', 'which is the first by memory');
  });

  test('c, m and a sort by CPU, memory and age', () => {
    assert.deepEqual([order(''), order('m'), order('a'), order('ac')].map(String), [
      'a,b,c',
      'b,c,a',
      'c,b,a',
      'a,b,c',
    ]);
  });

  test('p pauses and r resumes the selected run of its own Corral', () => {
    assert.deepEqual(type('Gpr').wishes, [
      { kind: 'pause', row: { path: '/s/corral-42.sock', run: 'c' } },
      { kind: 'resume', row: { path: '/s/corral-42.sock', run: 'c' } },
    ]);
  });

  test('q and Ctrl-C quit, Ctrl-C wherever one is', () => {
    assert.deepEqual(type('q').wishes, [{ kind: 'quit' }]);
    for (const mode of ['', '/', 's', 'e', '?'])
      assert.deepEqual(type(`${mode}\u0003`).wishes, [{ kind: 'quit' }]);
    assert.deepEqual(type('/q').wishes, []);
  });
});

describe('s', () => {
  test('asks first: y stops, Q also holds the macro, any other key does not', () => {
    assert.deepEqual(type('s').wishes, []);
    assert.deepEqual(type('sn').wishes, []);
    assert.deepEqual(type('s\r').wishes, []);
    assert.deepEqual(type('jsy').wishes, [
      { kind: 'stop', row: { path: '/s/corral-41.sock', run: 'b' }, quarantine: false },
    ]);
    assert.deepEqual(type('jsQ').wishes, [
      { kind: 'stop', row: { path: '/s/corral-41.sock', run: 'b' }, quarantine: true },
    ]);
    assert.deepEqual(type('sq').wishes, []);
  });

  test('means the run it was pressed on, though the order changes meanwhile', () => {
    const { ui } = type('s');
    const rows = toRows([corral(43, [run('new', { cpuShare: 9 })]), ...CORRALS], ui);
    const { wish } = press(ui, 'y', { rows, stopped: 'none' as const, page: 2 });
    assert.deepEqual(wish, {
      kind: 'stop',
      row: { path: '/s/corral-41.sock', run: 'a' },
      quarantine: false,
    });
  });
});

describe('e', () => {
  test('stops all only once the word is typed out', () => {
    for (const typed of [
      'e\r',
      'ey\r',
      'eemergenc\r',
      'eemergency',
      'eemergencyy\r',
      'eemergency\u001b',
    ])
      assert.deepEqual(type(typed).wishes, [], typed);
    assert.deepEqual(type('eemergencx\u007fy\r').wishes, [{ kind: 'emergency' }]);
  });

  test('says that nothing was stopped, or cleared, and which word it wants when it is another one', () => {
    const stop = ['Not stopped: it wants the word emergency'];
    for (const typed of ['e\r', 'eemergncy\r', 'eclear\r', 'eEmergency\r'])
      assert.deepEqual(type(typed).refusals, stop, typed);
    const clear = ['Not cleared: it wants the word clear'];
    assert.deepEqual(type('eemergency\r', { stopped: 'all' }).refusals, clear);
    const either = ['Not stopped: it wants the word emergency or clear'];
    assert.deepEqual(type('estop\r', { stopped: 'some' }).refusals, either);
    for (const meant of ['eemergency\r', 'eemergncy\u001b', 'esn', 'sn'])
      assert.deepEqual(type(meant).refusals, [], meant);
  });

  test('clears it when all is stopped already, by another word', () => {
    assert.deepEqual(type('eemergency\r', { stopped: 'all' }).wishes, []);
    assert.deepEqual(type('eclear\r', { stopped: 'all' }).wishes, [{ kind: 'clear' }]);
  });

  test('takes either word where a Corral was begun after others were stopped', () => {
    const scene = { stopped: 'some' } as const;
    assert.deepEqual(type('eemergency\r', scene).wishes, [{ kind: 'emergency' }]);
    assert.deepEqual(type('eclear\r', scene).wishes, [{ kind: 'clear' }]);
  });
});

describe('/', () => {
  test('filters with each letter by macro, owner, state or id', () => {
    assert.deepEqual(order('/ALI'), ['b']);
    assert.deepEqual(order('/paus\r'), ['c']);
    assert.deepEqual(order('/alix\u007f\r'), ['b']);
    assert.deepEqual(order('/nothing'), []);
  });

  test('goes on from the last text; Escape takes it away, there and in the list', () => {
    assert.deepEqual(order('/al\r/i\r'), ['b']);
    assert.deepEqual(order('/alice\u001b'), ['a', 'b', 'c']);
    assert.deepEqual(order('/alice\r\u001b'), ['a', 'b', 'c']);
  });
});

test('? shows help, and any key goes back without doing what it says', () => {
  assert.equal(type('?').ui.mode.kind, 'help');
  const { ui, wishes } = type('?q');
  assert.equal(ui.mode.kind, 'list');
  assert.deepEqual(wishes, []);
});
