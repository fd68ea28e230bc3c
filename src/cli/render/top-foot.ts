// Owns the last line of `corral top`, which says what keys do just now or what came of one, and the help on all of them.

import { displayWidth } from '../../model/display-width.ts';
import { safeText } from '../../model/safe-text.ts';
import type { Paint } from '../style.ts';
import { CLEAR_WORD, EMERGENCY_WORD, QUARANTINE_KEY, STOP_KEY } from '../top/keys.ts';
import type { Stopped, TopView } from '../top/view.ts';
import { cell, cut } from './cells.ts';
import { wrap } from './wrap.ts';

/** In the order in which they stand … */
const KEYS = [
  'p pause',
  'r resume',
  's stop',
  'e emergency',
  '/ filter',
  'c/m/a sort',
  '? help',
  'q quit',
];
/** … and the first to be there where there is little room: what tells of all others, the way out, what is urgent. */
const FIRST_KEYS = ['? help', 'q quit', 'p pause', 's stop'];
const BETWEEN = '  ';

/** The last line. */
export function footLine({ ui, now, corrals }: TopView, columns: number, paint: Paint): string {
  const { mode, note } = ui;
  switch (mode.kind) {
    case 'stop': {
      const macro = safeText(mode.macro, { charsMax: 40 });
      const what = `${STOP_KEY} stops it, ${QUARANTINE_KEY} also holds its macro, any other key does not`;
      return paint('yellow', cut(`Stop ${macro}? ${what}`, columns));
    }
    case 'emergency': {
      // What is typed stands first: there is always room for it.
      const what = wordsText(mode.stopped, corrals.length);
      return paint('red', cut(`${safeText(mode.text)}▏ ${what}`, columns));
    }
    case 'filter':
      return paint(
        'cyan',
        cut(`/${safeText(mode.text)}▏  Enter keeps it, Escape takes it away`, columns),
      );
    case 'help':
      return paint('dim', 'any key goes back');
    case 'list':
      if (note && now < note.until)
        return paint(note.ok ? 'green' : 'red', cut(safeText(note.text), columns));
      return paint('dim', keysText(columns));
  }
}

/** What there is to be typed. It reaches the Corrals that are shown: one that is begun later is another one. */
function wordsText(stopped: Stopped, corrals: number): string {
  const shown = corrals === 1 ? 'the Corral' : `the ${corrals} Corrals`;
  switch (stopped) {
    case 'none':
      return `type ${EMERGENCY_WORD} and Enter to stop all runs of ${shown} shown`;
    case 'some':
      return `type ${EMERGENCY_WORD} and Enter to stop the others too, or ${CLEAR_WORD}`;
    case 'all':
      return `type ${CLEAR_WORD} and Enter to let new runs in again`;
  }
}

/** As many of the keys as there is room for. */
function keysText(columns: number): string {
  const taken = new Set<string>();
  const text = (keys: ReadonlySet<string>) => KEYS.filter((key) => keys.has(key)).join(BETWEEN);
  for (const key of [...FIRST_KEYS, ...KEYS])
    if (displayWidth(text(new Set([...taken, key]))) <= columns) taken.add(key);
  return text(taken);
}

const HELP = [
  ['↑ ↓ k j', 'select a run; also Page Up and Down, Home and End'],
  ['p r', 'pause it; let it go on'],
  ['s', 'stop it; you are asked first'],
  ['e', 'emergency stop of the Corrals shown; later, clear it'],
  ['/', 'only runs with a text in macro, owner, state or id'],
  ['c m a', 'sort by CPU, memory or age'],
  ['Escape', 'drop filter and message'],
  ['q', 'quit; what is watched goes on'],
] as const;
const KEY_COLUMNS = 8;

/** What all keys do. */
export function helpLines(columns: number, paint: Paint): string[] {
  return HELP.flatMap(([key, what]) =>
    wrap(what, columns - KEY_COLUMNS - 2).map(
      (line, index) => `  ${paint('bold', cell(index === 0 ? key : '', KEY_COLUMNS))}${line}`,
    ),
  );
}
