import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { pageOf, renderTop, type Size } from '../../../src/cli/render/top.ts';
import type { Paint } from '../../../src/cli/style.ts';
import { FIRST_UI, type Stopped, type TopView } from '../../../src/cli/top/view.ts';
import { displayWidth } from '../../../src/model/display-width.ts';
import { corral, MB, NOW, run, view } from '../top/support/views.ts';

const plain: Paint = (_style, text) => text;
const coloured: Paint = (_style, text) => `\u001b[31m${text}\u001b[39m`;
const SMALL: Size = { columns: 80, rows: 24 };

function lines(shown: TopView, size = SMALL): readonly string[] {
  return renderTop(shown, size, plain).map((line) => line.trimEnd());
}

const THREE = [
  corral(41, [
    run('calm', { cpuShare: 0, commandsPerSecond: 0, heapBytes: 2 * MB, risk: 0.05 }),
    run('busy', { cpuShare: 0.97, heapBytes: 120 * MB, commandsPerSecond: 130.4, risk: 0.91 }),
  ]),
  corral(42, [run('waits', { state: 'queued', cpuShare: 0, risk: null, heapBytesMax: null })]),
];

describe('the screen of corral top', () => {
  test('at 80×24 holds the machine, the runs, what happened, and the keys', () => {
    const events = [
      { pid: 41, time: NOW - 2000, level: 'info' as const, text: 'busy is running' },
      { pid: 41, time: NOW - 1000, level: 'warning' as const, text: 'alice paused busy' },
    ];
    const shown = lines(view(THREE, { events }));
    assert.equal(shown.length, 24);
    assert.match(shown[0] ?? '', /^corral top · 2 Corrals · 2 active · 1 queued +\d\d:\d\d:\d\d$/);
    assert.deepEqual(shown.slice(1, 7), [
      'memory ▰▰▰▰▰▱▱▱▱▱ 8gb/16gb · cpu ▰▰▰▱▱▱▱▱▱▱ 25% of 4 cores',
      'runs use 0.97 cores · 133 commands/s · Corral holds 200mb · guard medium',
      '  MACRO                STATE      CPU HEAP                   CMD/S  RISK     AGE',
      '› busy                 running    97% ▰▰▰▰▰▰ 120mb/128mb       130  0.91     10s',
      '  calm                 running     0% ▰▱▱▱▱▱ 2mb/128mb           0  0.05     10s',
      '  waits                queued      0% –                        2.5     –     10s',
    ]);
    assert.deepEqual(shown.slice(17, 18), ['  RECENT']);
    assert.match(shown[18] ?? '', /^ {2}\d\d:\d\d:\d\d busy is running$/);
    assert.match(shown[19] ?? '', /^ {2}\d\d:\d\d:\d\d alice paused busy$/);
    assert.equal(
      shown[23],
      'p pause  r resume  s stop  e emergency  / filter  c/m/a sort  ? help  q quit',
    );
  });

  test('shows whose run it is, in which Corral, where there is room', () => {
    const shown = lines(view(THREE), { columns: 130, rows: 24 });
    assert.match(shown[3] ?? '', /MACRO +OWNER +PID RUN +STATE/);
    assert.match(shown[4] ?? '', /^› busy +local +41 busy +running/);
  });

  test('never is wider or higher than the terminal, whatever is in it', () => {
    const nasty = '\u001b[2J\u202e名前🚀é\u0000\n'.repeat(20);
    const runs = Array.from({ length: 300 }, (_, each) =>
      run(`run-${each}`, { macro: nasty, owner: nasty, cpuShare: each }),
    );
    const events = Array.from({ length: 50 }, () => ({
      pid: 1,
      time: NOW,
      level: 'error' as const,
      text: nasty,
    }));
    const modes: TopView['ui']['mode'][] = [
      { kind: 'list' },
      { kind: 'help' },
      { kind: 'filter', text: nasty },
      { kind: 'stop', row: { path: '', run: '' }, macro: nasty },
      { kind: 'emergency', stopped: 'none', text: 'emer' },
    ];
    const emergency = corral(41, runs, { emergency: true, runsOmitted: 5 });
    for (const corrals of [[emergency, { ...emergency, pid: 7, problem: nasty }], []])
      for (const mode of modes)
        for (const columns of [1, 20, 40, 57, 80, 81, 100, 240])
          for (const rows of [1, 9, 10, 15, 16, 24, 60]) {
            const shown = renderTop(
              view(corrals, { events, dir: nasty, ui: { ...FIRST_UI, mode } }),
              { columns, rows },
              coloured,
            );
            assert.ok(shown.length <= rows, `${shown.length} lines in ${rows}`);
            for (const line of shown) {
              const text = stripVTControlCharacters(line);
              // biome-ignore lint/suspicious/noControlCharactersInRegex: controls are what this looks for
              assert.doesNotMatch(text, /[\u0000-\u001f\u007f-\u009f\u202e]/);
              assert.ok(displayWidth(text) <= columns, `${columns}: ${text}`);
            }
          }
  });

  test('keeps the selected run in sight', () => {
    const runs = Array.from({ length: 100 }, (_, each) => run(`run-${each}`, { cpuShare: -each }));
    const page = pageOf(SMALL);
    for (const at of [0, page - 1, page, 50, 99]) {
      const selected = { path: '/s/corral-41.sock', run: `run-${at}` };
      const shown = lines(view([corral(41, runs)], { ui: { ...FIRST_UI, selected } }));
      const marked = shown.filter((line) => line.startsWith('›'));
      assert.equal(marked.length, 1);
      assert.match(marked[0] ?? '', new RegExp(`^› run-${at} `));
      assert.equal(shown.filter((line) => / run-\d+ /.test(line)).length, page, 'the page is full');
    }
  });

  test('says how to start one when no Corral is running', () => {
    const shown = lines(view([])).join('\n');
    assert.match(shown, /No Corral is running in \.corral\/control\./);
    assert.match(shown, /corral run FILE/);
    assert.match(lines(view([corral(41, [])])).join('\n'), /no macro is running/);
  });

  test('names a Corral it hears nothing of', () => {
    const silent = { ...corral(41, []), snapshot: null, problem: 'it does not answer' };
    assert.match(lines(view([silent])).join('\n'), /Corral 41: it does not answer/);
  });

  describe('while the emergency stop is on', () => {
    const stopped = (by: string, why: string) =>
      corral(41, [], { emergency: true, emergencyOrder: { by, why, at: NOW } });
    const third = (corrals: TopView['corrals'], columns: number) =>
      lines(view(corrals), { columns, rows: 24 })[2];

    test('says who pulled it and why, within the line', () => {
      const short = [stopped('alice', 'smoke in the barn')];
      assert.equal(third(short, 80), 'EMERGENCY STOP by alice: smoke in the barn · e clears it');
      assert.equal(third(short, 40), 'EMERGENCY STOP by alice · e clears it');
      assert.match(
        third(short, 160) ?? '',
        / · e clears it · runs use 0\.00 cores .* guard medium$/,
      );
      const long = [
        stopped('pattern:memory-leak', 'hoarder: It keeps what it makes: its heap grew'),
      ];
      assert.equal(
        third(long, 80),
        'EMERGENCY STOP by pattern:memory-leak: hoarder: It keeps what it … · e clears it',
      );
    });

    test('says how many of the Corrals that are shown it is for', () => {
      const text = third([stopped('alice', 'smoke'), corral(42, [])], 80);
      assert.equal(text, 'EMERGENCY STOP in 1 of 2 Corrals by alice: smoke · e clears it');
    });

    test('says only that it is, where an older Corral does not tell more', () => {
      const older = corral(41, [], { emergency: true });
      assert.equal(third([older], 60), 'EMERGENCY STOP · e clears it');
    });
  });

  test('says of which Corrals the word stops all runs', () => {
    const last = (corrals: TopView['corrals'], stopped: Stopped) =>
      lines(
        view(corrals, { ui: { ...FIRST_UI, mode: { kind: 'emergency', stopped, text: '' } } }),
      ).at(-1);
    const [one] = THREE;
    assert.ok(one);
    assert.equal(
      last([one], 'none'),
      '▏ type emergency and Enter to stop all runs of the Corral shown',
    );
    assert.equal(
      last(THREE, 'none'),
      '▏ type emergency and Enter to stop all runs of the 2 Corrals shown',
    );
    assert.equal(
      last(THREE, 'some'),
      '▏ type emergency and Enter to stop the others too, or clear',
    );
    assert.equal(last(THREE, 'all'), '▏ type clear and Enter to let new runs in again');
  });

  test('explains the keys whole, from the smallest screen of people on', () => {
    const help = (size: Size) =>
      lines(view(THREE, { ui: { ...FIRST_UI, mode: { kind: 'help' } } }), size);
    assert.match(help(SMALL)[0] ?? '', /^corral top/);
    for (const size of [SMALL, { columns: 120, rows: 40 }, { columns: 40, rows: 12 }]) {
      const shown = help(size);
      const words = shown.join(' ').replace(/ +/g, ' ');
      assert.doesNotMatch(words, /…/);
      assert.match(words, /select a run; also Page Up and Down, Home and End/);
      assert.match(words, /q quit; what is watched goes on/);
      assert.equal(shown.at(-1), 'any key goes back');
      assert.equal(shown.length, size.rows);
    }
  });

  test('always names the key for help and the way out; of the others as many as there is room for', () => {
    const last = (columns: number) => lines(view(THREE), { columns, rows: 12 }).at(-1);
    assert.equal(last(40), 'p pause  s stop  ? help  q quit');
    assert.equal(last(60), 'p pause  r resume  s stop  e emergency  ? help  q quit');
  });

  test('says what came of a key for a while, in the place of the keys', () => {
    const note = { text: 'busy is paused', ok: true, until: NOW + 1 };
    const ui = { ...FIRST_UI, note };
    assert.equal(lines(view(THREE, { ui })).at(-1), 'busy is paused');
    assert.match(lines(view(THREE, { ui, now: NOW + 1 })).at(-1) ?? '', /^p pause/);
  });

  test('leaves room for what is typed before all is stopped', () => {
    const mode = { kind: 'emergency', stopped: 'none', text: 'emerg' } as const;
    const shown = lines(view(THREE, { ui: { ...FIRST_UI, mode } }), { columns: 40, rows: 10 });
    assert.match(shown.at(-1) ?? '', /^emerg▏ type emergency and Enter/);
  });
});
