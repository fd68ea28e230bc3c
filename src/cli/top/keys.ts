// Owns what keys mean in `corral top`: bytes of a terminal → keys, and a key in a state → the next state and what is to be done.

import {
  type Mode,
  type Row,
  type RowId,
  type SortKey,
  type Stopped,
  selectedIndex,
  type UiState,
} from './view.ts';

/** What a key asks for beyond what is shown. */
export type Wish =
  | { readonly kind: 'pause' | 'resume'; readonly row: RowId }
  | { readonly kind: 'stop'; readonly row: RowId; readonly quarantine: boolean }
  | { readonly kind: 'emergency' | 'clear' }
  | { readonly kind: 'quit' }
  | { readonly kind: 'suspend' };

/** What keys are pressed upon. */
export interface Scene {
  readonly rows: readonly Row[];
  readonly stopped: Stopped;
  /** Lines a page has. */
  readonly page: number;
}

/** What a key came to. */
export interface Pressed {
  readonly ui: UiState;
  readonly wish: Wish | null;
  /** Why nothing is done that may have been meant. */
  readonly refusal?: string;
}

/** What has to be typed out before all is stopped, and before it goes on. */
export const EMERGENCY_WORD = 'emergency';
export const CLEAR_WORD = 'clear';

/** Which of them there is to be typed; where only some are stopped the others can be too. */
const WORDS: Readonly<Record<Stopped, readonly string[]>> = {
  none: [EMERGENCY_WORD],
  some: [EMERGENCY_WORD, CLEAR_WORD],
  all: [CLEAR_WORD],
};

/** What stops a run, and what holds its macro as well. */
export const STOP_KEY = 'y';
export const QUARANTINE_KEY = 'Q';

const TYPED_CHARS_MAX = 60;
const SEQUENCES: Readonly<Record<string, string>> = {
  '\u001b[A': 'up',
  '\u001bOA': 'up',
  '\u001b[B': 'down',
  '\u001bOB': 'down',
  '\u001b[5~': 'pageup',
  '\u001b[6~': 'pagedown',
  '\u001b[H': 'home',
  '\u001bOH': 'home',
  '\u001b[1~': 'home',
  '\u001b[F': 'end',
  '\u001bOF': 'end',
  '\u001b[4~': 'end',
  '\r': 'enter',
  '\n': 'enter',
  '\u007f': 'backspace',
  '\b': 'backspace',
  '\u0003': 'interrupt',
  '\u001a': 'suspend',
};
// biome-ignore lint/suspicious/noControlCharactersInRegex: keys come as controls
const KEY = /\u001b(?:\[[\d;]*[A-Za-z~]|O[A-Za-z])|./gsu;

/** The keys in what a terminal has sent: names of {@link SEQUENCES}, `escape`, or the letter itself. */
export function toKeys(text: string): readonly string[] {
  return [...text.matchAll(KEY)].flatMap(([key]) => {
    const name = SEQUENCES[key];
    if (name !== undefined) return [name];
    if (key === '\u001b') return ['escape'];
    // What has a meaning we do not know has none.
    return key < ' ' || key.length > 2 ? [] : [key];
  });
}

/** Presses a key. */
export function press(ui: UiState, key: string, scene: Scene): Pressed {
  if (key === 'interrupt') return { ui, wish: { kind: 'quit' } };
  if (key === 'suspend') return { ui, wish: { kind: 'suspend' } };
  switch (ui.mode.kind) {
    case 'list':
      return pressInList(ui, key, scene);
    case 'help':
      return stay({ ...ui, mode: LIST });
    case 'filter':
      return pressInFilter(ui, ui.mode.text, key);
    case 'stop':
      return pressInStop(ui, ui.mode.row, key);
    case 'emergency':
      return pressInEmergency(ui, ui.mode, key);
  }
}

const LIST: Mode = { kind: 'list' };
const SORTS: Readonly<Record<string, SortKey>> = { c: 'cpu', m: 'memory', a: 'age' };

function stay(ui: UiState): Pressed {
  return { ui, wish: null };
}

function pressInList(ui: UiState, key: string, scene: Scene): Pressed {
  const at = selectedIndex(scene.rows, ui.selected);
  const row = scene.rows[at];
  const sort = SORTS[key];
  if (sort) return stay({ ...ui, sort });
  const step = stepOf(key, at, scene);
  if (step !== null) return stay({ ...ui, selected: scene.rows[step]?.id ?? null });
  switch (key) {
    case 'p':
      return row ? { ui, wish: { kind: 'pause', row: row.id } } : stay(ui);
    case 'r':
      return row ? { ui, wish: { kind: 'resume', row: row.id } } : stay(ui);
    case 's':
      return row
        ? stay({ ...ui, mode: { kind: 'stop', row: row.id, macro: row.run.macro } })
        : stay(ui);
    case 'e':
      return stay({ ...ui, mode: { kind: 'emergency', stopped: scene.stopped, text: '' } });
    case '/':
      return stay({ ...ui, mode: { kind: 'filter', text: ui.filter } });
    case '?':
    case 'h':
      return stay({ ...ui, mode: { kind: 'help' } });
    case 'escape':
      return stay({ ...ui, filter: '', note: null });
    case 'q':
      return { ui, wish: { kind: 'quit' } };
    default:
      return stay(ui);
  }
}

/** Where a key that moves leads to; null for any other. */
function stepOf(key: string, at: number, { rows, page }: Scene): number | null {
  const last = rows.length - 1;
  switch (key) {
    case 'up':
    case 'k':
      return Math.max(0, at - 1);
    case 'down':
    case 'j':
      return Math.min(last, at + 1);
    case 'pageup':
      return Math.max(0, at - page);
    case 'pagedown':
      return Math.min(last, at + page);
    case 'home':
    case 'g':
      return 0;
    case 'end':
    case 'G':
      return last;
    default:
      return null;
  }
}

/** The list follows each letter; Enter keeps the filter, Escape takes it away. */
function pressInFilter(ui: UiState, text: string, key: string): Pressed {
  if (key === 'enter') return stay({ ...ui, mode: LIST });
  if (key === 'escape') return stay({ ...ui, mode: LIST, filter: '' });
  const next = typed(text, key);
  return stay({ ...ui, mode: { kind: 'filter', text: next }, filter: next });
}

function pressInStop(ui: UiState, row: RowId, key: string): Pressed {
  const back = { ...ui, mode: LIST };
  if (key !== STOP_KEY && key !== QUARANTINE_KEY) return stay(back);
  return { ui: back, wish: { kind: 'stop', row, quarantine: key === QUARANTINE_KEY } };
}

function pressInEmergency(
  ui: UiState,
  mode: Extract<Mode, { kind: 'emergency' }>,
  key: string,
): Pressed {
  if (key === 'escape') return stay({ ...ui, mode: LIST });
  if (key !== 'enter') return stay({ ...ui, mode: { ...mode, text: typed(mode.text, key) } });
  const back = { ...ui, mode: LIST };
  const words = WORDS[mode.stopped];
  if (words.includes(mode.text))
    return { ui: back, wish: { kind: mode.text === CLEAR_WORD ? 'clear' : 'emergency' } };
  // Whoever believes that all stands still has to see at once that it does not.
  const done = mode.stopped === 'all' ? 'cleared' : 'stopped';
  return { ...stay(back), refusal: `Not ${done}: it wants the word ${words.join(' or ')}` };
}

function typed(text: string, key: string): string {
  if (key === 'backspace') return [...text].slice(0, -1).join('');
  return [...key].length === 1 && text.length < TYPED_CHARS_MAX ? text + key : text;
}
