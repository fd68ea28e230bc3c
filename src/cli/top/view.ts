// Owns what `corral top` shows, as plain data: the Corrals, their runs in order, what happened, and what the keys have set.

import type { ControlSnapshot, ControlToldOf, RunFigures } from '../../model/control.ts';

/** One running Corral as it was last heard. */
export interface CorralView {
  /** Its socket. */
  readonly path: string;
  readonly pid: number;
  /** Null until it has told one. */
  readonly snapshot: ControlSnapshot | null;
  /** Why nothing is heard of it; null while all is well. */
  readonly problem: string | null;
}

/** Something that happened. */
export type EventView = Pick<ControlToldOf<'feed'>, 'level' | 'text'> & {
  readonly pid: number;
  /** ms since 1970. */
  readonly time: number;
};

/** What the machine has in use. */
export interface MachineView {
  /** Bytes. */
  readonly memoryUsed: number;
  readonly memoryTotal: number;
  /** 0..1 of all cores, null until two readings were taken. */
  readonly cpuShare: number | null;
  readonly cores: number;
}

/** What runs are sorted by. */
export type SortKey = 'cpu' | 'memory' | 'age';

/** What the keys do just now. */
export type Mode =
  | { readonly kind: 'list' }
  | { readonly kind: 'help' }
  | { readonly kind: 'filter'; readonly text: string }
  | { readonly kind: 'stop'; readonly row: RowId; readonly macro: string }
  | { readonly kind: 'emergency'; readonly stopped: Stopped; readonly text: string };

/** How many of the Corrals that are shown have the emergency stop on. */
export type Stopped = 'none' | 'some' | 'all';

/** What the keys have set. */
export interface UiState {
  readonly mode: Mode;
  readonly sort: SortKey;
  readonly filter: string;
  readonly selected: RowId | null;
  /** What came of the last thing that was asked. */
  readonly note: Note | null;
}

/** A word on what was asked, in the place of the keys for a while. */
export interface Note {
  readonly text: string;
  readonly ok: boolean;
  /** ms since 1970. */
  readonly until: number;
}

/** Which run of which Corral. */
export interface RowId {
  readonly path: string;
  readonly run: string;
}

/** One run in the list. */
export interface Row {
  readonly id: RowId;
  readonly pid: number;
  readonly run: RunFigures;
}

/** Everything that is drawn. */
export interface TopView {
  /** ms since 1970. */
  readonly now: number;
  /** Where Corrals are looked for, as it was given. */
  readonly dir: string;
  readonly corrals: readonly CorralView[];
  /** Oldest first. */
  readonly events: readonly EventView[];
  readonly machine: MachineView;
  readonly ui: UiState;
}

/** As it begins. */
export const FIRST_UI: UiState = {
  mode: { kind: 'list' },
  sort: 'cpu',
  filter: '',
  selected: null,
  note: null,
};

/** How many of these Corrals have the emergency stop on. */
export function stoppedOf(corrals: readonly CorralView[]): Stopped {
  const heard = corrals.flatMap(({ snapshot }) => snapshot ?? []);
  const stopped = heard.filter(({ emergency }) => emergency);
  return stopped.length === 0 ? 'none' : stopped.length < heard.length ? 'some' : 'all';
}

const ORDER: Readonly<Record<SortKey, (a: RunFigures, b: RunFigures) => number>> = {
  // By what is shown: order must not turn on what nobody can see.
  cpu: (a, b) => toCpuPercent(b) - toCpuPercent(a),
  memory: (a, b) => b.heapBytes - a.heapBytes,
  age: (a, b) => a.since - b.since,
};

/** The runs of all Corrals that pass the filter, in order. */
export function toRows(
  corrals: readonly CorralView[],
  { sort, filter }: Pick<UiState, 'sort' | 'filter'>,
): readonly Row[] {
  const rows = corrals.flatMap(({ path, pid, snapshot }) =>
    (snapshot?.runs ?? []).map((run): Row => ({ id: { path, run: run.id }, pid, run })),
  );
  const wanted = filter.toLowerCase();
  const order = ORDER[sort];
  return rows
    .filter(({ run }) =>
      [run.macro, run.owner, run.state, run.id].some((text) => text.toLowerCase().includes(wanted)),
    )
    .sort((a, b) => order(a.run, b.run) || a.run.since - b.run.since || compare(a, b));
}

/** A run's CPU as it is shown: whole percents of one core. */
export function toCpuPercent({ cpuShare }: Pick<RunFigures, 'cpuShare'>): number {
  return Math.round(cpuShare * 100);
}

/**
 * Keeps the marker with its run, or gives it to the nearest one left when that is gone, by the order that was seen. What is
 * asked about a run that is gone is not asked any more.
 * @param before the rows of when the marker was last followed
 */
export function follow(ui: UiState, before: readonly Row[], rows: readonly Row[]): UiState {
  const { selected } = ui;
  if (isIn(rows, selected)) return ui;
  const mode: Mode = ui.mode.kind === 'stop' ? { kind: 'list' } : ui.mode;
  // An empty list is none to choose from: the run may be back with the next letter of a filter.
  if (rows.length === 0) return { ...ui, mode };
  return { ...ui, mode, selected: neighbourOf(selected, before, rows) ?? rows[0]?.id ?? null };
}

/** The first below it that is still there, or else the last above it. */
function neighbourOf(
  selected: RowId | null,
  before: readonly Row[],
  rows: readonly Row[],
): RowId | null {
  const at = before.findIndex(({ id }) => isSame(id, selected));
  if (at < 0) return null;
  const left = [...before.slice(at + 1), ...before.slice(0, at).reverse()];
  return left.find(({ id }) => isIn(rows, id))?.id ?? null;
}

function isIn(rows: readonly Row[], wanted: RowId | null): boolean {
  return rows.some(({ id }) => isSame(id, wanted));
}

function isSame(id: RowId, other: RowId | null): boolean {
  return id.run === other?.run && id.path === other.path;
}

/** Where the selected run stands in the list; the first when it is gone, -1 in an empty one. */
export function selectedIndex(rows: readonly Row[], selected: RowId | null): number {
  if (rows.length === 0) return -1;
  const at = rows.findIndex(({ id }) => isSame(id, selected));
  return Math.max(0, at);
}

function compare(a: Row, b: Row): number {
  return a.run.id < b.run.id ? -1 : Number(a.run.id > b.run.id);
}
