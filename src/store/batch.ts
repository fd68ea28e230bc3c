// Owns writing a handful of notes into a ledger at once: each macro's rows are read once, changed, and saved once.

import type { HitNote, MacroKey, Quarantine, RunNote } from '../model/ledger.ts';
import type { CleanRun, LedgerReckoning, Mark } from '../model/reckoning.ts';
import { type MacroRow, MacroRows, type Tally } from './macro-rows.ts';
import { type MarkPlace, MarkRows } from './mark-rows.ts';
import { QuarantineRows } from './quarantine-rows.ts';
import type { Statements } from './statements.ts';

/** Something to write. */
export type LedgerEntry =
  | { readonly kind: 'run'; readonly key: MacroKey; readonly note: RunNote }
  | { readonly kind: 'hit'; readonly key: MacroKey; readonly hit: HitNote }
  | { readonly kind: 'hold'; readonly key: MacroKey; readonly quarantine: Quarantine }
  | {
      readonly kind: 'release';
      readonly macro: { readonly owner: string; readonly name: string };
      readonly consent: { readonly at: number; readonly by: string; readonly why: string };
    };

/** What is normal is reckoned again when so large a share of the clean runs that are looked at is new. */
const RECKON_SHARE = 0.2;
/** Macros remembered of one owner. */
export const MACROS_PER_OWNER = 2000;
/** Marks remembered of one owner. */
const MARKS_PER_OWNER = 20_000;
/** Quarantines that are over, remembered of one macro. */
const RELEASES_KEPT = 10;

interface MacroDraft {
  readonly row: MacroRow;
  readonly tallies: Map<string, Tally>;
  readonly clean: CleanRun[];
}

interface MarksDraft {
  readonly place: MarkPlace;
  readonly marks: Map<string, Mark>;
  readonly changed: Set<string>;
}

/** What is written together. Use it inside a transaction: {@link take} every entry, then {@link save}. */
export class Batch {
  readonly #macroRows: MacroRows;
  readonly #markRows: MarkRows;
  readonly #quarantines: QuarantineRows;
  readonly #reckoning: LedgerReckoning;
  readonly #macros = new Map<string, MacroDraft>();
  readonly #marks = new Map<string, MarksDraft>();
  /** True once anybody is held or let go, or anything speaks more or less against anybody. */
  changesStandings = false;
  readonly #grown = new Set<string>();
  readonly #marked = new Set<string>();

  constructor(sql: Statements, reckoning: LedgerReckoning) {
    this.#macroRows = new MacroRows(sql);
    this.#markRows = new MarkRows(sql);
    this.#quarantines = new QuarantineRows(sql);
    this.#reckoning = reckoning;
  }

  /** Takes one in; for a release, how many quarantines it ended. */
  take(entry: LedgerEntry): number {
    switch (entry.kind) {
      case 'run':
        this.#run(entry.key, entry.note);
        return 0;
      case 'hit':
        this.#hit(entry.key, entry.hit);
        return 0;
      case 'hold':
        this.#hold(entry.key, entry.quarantine);
        return 0;
      case 'release': {
        const { owner, name } = entry.macro;
        this.changesStandings = true;
        return this.#quarantines.release(owner, name, entry.consent, RELEASES_KEPT);
      }
    }
  }

  /** Writes what was taken in. */
  save(): void {
    for (const draft of this.#macros.values()) this.#saveMacro(draft);
    for (const { place, marks, changed } of this.#marks.values())
      for (const cause of changed) {
        const mark = marks.get(cause);
        if (mark) this.#markRows.set(place, mark);
        else this.#markRows.drop(place, cause);
      }
    for (const owner of this.#grown) this.#macroRows.forget(owner, MACROS_PER_OWNER);
    for (const owner of this.#marked) this.#markRows.forget(owner, MARKS_PER_OWNER);
  }

  #run(key: MacroKey, note: RunNote): void {
    const { row, tallies, clean } = this.#macro(key, note.at);
    row.digest = key.digest;
    row.staticRisk = finite(note.staticRisk);
    add(tallies, { kind: 'end', what: note.reason, count: 1, at: note.at, message: '' });
    if (note.reason === 'refused') return;
    row.runs += 1;
    row.lastRunAt = Math.max(row.lastRunAt ?? 0, note.at);
    for (const { measure, message } of note.unusual)
      add(tallies, { kind: 'unusual', what: measure, count: 1, at: note.at, message });
    if (this.#reckoning.isNormal(note)) {
      row.cleanRuns += 1;
      clean.push(toCleanRun(key, note));
    }
    for (const mark of this.#reckoning.marksOfRun(note)) this.#addMark(key, mark);
    if (this.#reckoning.isClean(note)) this.#countDown(key, note.at);
  }

  #hit(key: MacroKey, hit: HitNote): void {
    const { tallies } = this.#macro(key, hit.at);
    for (const effect of hit.effects)
      add(tallies, { kind: 'effect', what: effect, count: 1, at: hit.at, message: '' });
    this.#addMark(key, this.#reckoning.markOfHit(hit));
  }

  #hold(key: MacroKey, quarantine: Quarantine): void {
    const { owner, name } = key;
    const { row } = this.#macro(key, quarantine.at);
    if (row.digest === '') row.digest = key.digest;
    const digest = key.digest || row.digest;
    if (!this.#quarantines.isHeld(owner, name, digest))
      this.#quarantines.hold(owner, name, digest, quarantine);
    this.changesStandings = true;
  }

  #macro({ owner, name }: MacroKey, at: number): MacroDraft {
    const id = JSON.stringify([owner, name]);
    const known = this.#macros.get(id);
    if (known) return known;
    let row = this.#macroRows.find(owner, name);
    if (!row) {
      row = this.#macroRows.add(owner, name, at);
      this.#grown.add(owner);
    }
    row.seenAt = Math.max(row.seenAt, at);
    const draft: MacroDraft = { row, tallies: new Map(), clean: [] };
    this.#macros.set(id, draft);
    return draft;
  }

  #saveMacro({ row, tallies, clean }: MacroDraft): void {
    for (const tally of tallies.values()) this.#macroRows.addTally(row.id, tally);
    if (clean.length > 0) {
      this.#macroRows.addCleanRuns(row.id, clean.slice(-this.#reckoning.baselineRuns.max));
      this.#reckon(row);
    }
    this.#macroRows.save(row);
  }

  /** A hundred runs are sorted four times over for this: not for every run. */
  #reckon(row: MacroRow): void {
    const { min, max } = this.#reckoning.baselineRuns;
    if (row.cleanRuns < min) return;
    const fresh = row.cleanRuns - row.normalAt;
    if (fresh < Math.floor(Math.min(row.cleanRuns, max) * RECKON_SHARE)) return;
    this.#macroRows.keepCleanRuns(row.id, max);
    const baseline = this.#reckoning.toBaseline(this.#macroRows.cleanRuns(row.id));
    if (!baseline) return;
    this.#macroRows.setBaseline(row.id, baseline);
    row.normalAt = row.cleanRuns;
  }

  /** What a macro did is remembered of its name and of its text: neither a new name nor a new text leaves it behind. */
  #places({ owner, name, digest }: MacroKey): MarksDraft[] {
    const places: MarkPlace[] = [
      { owner, of: 'name', id: name },
      { owner, of: 'text', id: digest },
    ];
    return places.map((place) => {
      const id = JSON.stringify([owner, place.of, place.id]);
      const known = this.#marks.get(id);
      if (known) return known;
      const marks = new Map(this.#markRows.of(place).map((mark) => [mark.cause, mark]));
      const draft: MarksDraft = { place, marks, changed: new Set() };
      this.#marks.set(id, draft);
      return draft;
    });
  }

  #addMark(key: MacroKey, mark: Mark): void {
    this.#marked.add(key.owner);
    this.changesStandings = true;
    for (const { marks, changed } of this.#places(key)) {
      marks.set(mark.cause, this.#reckoning.addMark(marks.get(mark.cause) ?? null, mark));
      changed.add(mark.cause);
    }
  }

  #countDown(key: MacroKey, at: number): void {
    for (const { marks, changed } of this.#places(key))
      for (const mark of [...marks.values()]) {
        const left = this.#reckoning.countDown(mark, at);
        if (left === mark) continue;
        changed.add(mark.cause);
        this.changesStandings = true;
        if (this.#reckoning.isFaded(left, at)) marks.delete(mark.cause);
        else marks.set(mark.cause, left);
      }
  }
}

function add(tallies: Map<string, Tally>, tally: Tally): void {
  const id = `${tally.kind} ${tally.what}`;
  const count = (tallies.get(id)?.count ?? 0) + tally.count;
  tallies.set(id, { ...tally, count });
}

function toCleanRun({ digest }: MacroKey, note: RunNote): CleanRun {
  return {
    text: digest,
    peakHeap: finite(note.peakHeap),
    cpuMs: finite(note.cpuMs),
    commands: finite(note.commands),
    durationMs: finite(note.durationMs),
  };
}

/** A strict table refuses what is no number, and with it everything written together. */
function finite(value: number): number {
  return Number.isFinite(value) ? Math.max(0, value) : 0;
}
