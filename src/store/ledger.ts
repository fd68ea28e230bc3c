// Owns what Corral remembers of macros across their runs: notes are written together a moment later, quarantines at once. It
// decides nothing: what a note weighs is handed in.

import { join } from 'node:path';
import type {
  Baseline,
  HeldMacro,
  HitNote,
  LiveRisk,
  MacroKey,
  MacroLedger,
  MacroRecord,
  Quarantine,
  RunNote,
} from '../model/ledger.ts';
import type { LedgerReckoning } from '../model/reckoning.ts';
import type { LedgerEntry } from './batch.ts';
import { flushOnExit, forgetOnExit } from './flush-on-exit.ts';
import { LedgerFile } from './ledger-file.ts';
import { LedgerReader } from './reader.ts';
import { type Standing, Standings } from './standings.ts';

/** The file in the ledger's folder. */
export const LEDGER_FILE = 'ledger.sqlite';

/** Notes are written so long (ms) after the first of them: what a SIGKILL can lose. */
export const FLUSH_MS = 100;
/** As many are written at once, however short the time. */
const PENDING_MAX = 500;
/** Notes that met another writer so often in a row are kept in memory. */
const BUSY_MAX = 50;

/** What {@link SqliteLedger} is made of. */
export interface LedgerOptions {
  /** The folder of the file; null keeps everything in memory. */
  readonly dir: string | null;
  readonly reckoning: LedgerReckoning;
}

/** The ledger, in a file or in memory. In a file it is safe against two processes at once and a kill at any moment. */
export class SqliteLedger implements MacroLedger {
  readonly #file: LedgerFile;
  readonly #reckoning: LedgerReckoning;
  readonly #standings = new Standings();
  #pending: LedgerEntry[] = [];
  /** True when what is pending speaks against a macro: its very next run must know. */
  #isUrgent = false;
  #isClosed = false;
  #busyTimes = 0;
  #timer: NodeJS.Timeout | null = null;
  readonly #flushNow = () => this.#flush();

  /** @throws {CorralError} `bad-state` for a file that is newer, damaged or somebody else's */
  constructor({ dir, reckoning }: LedgerOptions) {
    this.#reckoning = reckoning;
    this.#file = new LedgerFile(dir === null ? null : join(dir, LEDGER_FILE), reckoning);
  }

  /** Calls a listener when what is learned cannot be kept, and when it can again; at once where it cannot already. */
  onProblem(listener: (message: string) => void): void {
    this.#file.onProblem(listener);
  }

  quarantineOf(key: MacroKey): HeldMacro | null {
    return this.#standingOf(key).held;
  }

  quarantine(key: MacroKey, quarantine: Quarantine): void {
    this.#writeNow({ kind: 'hold', key, quarantine: timed(quarantine) });
  }

  release(
    macro: { readonly owner: string; readonly name: string },
    consent: { readonly by: string; readonly why: string; readonly at: number },
  ): boolean {
    return this.#writeNow({ kind: 'release', macro, consent: timed(consent) }) > 0;
  }

  noteHit(key: MacroKey, hit: HitNote): void {
    this.#note({ kind: 'hit', key, hit: timed(hit) });
  }

  noteRun(key: MacroKey, note: RunNote): void {
    this.#note({ kind: 'run', key, note: timed(note) });
  }

  riskOf(key: MacroKey, staticRisk: number, at: number): LiveRisk {
    return this.#reckoning.toLiveRisk(this.#standingOf(key).marks, staticRisk, at);
  }

  baselineOf(key: MacroKey): Baseline | null {
    return this.#read((reader) => reader.baselineOf(key));
  }

  list(at: number): readonly MacroRecord[] {
    this.#flush();
    return this.#read((reader) => reader.list(at));
  }

  [Symbol.dispose](): void {
    if (this.#isClosed) return;
    this.#busyTimes = BUSY_MAX;
    this.#flush();
    this.#isClosed = true;
    this.#stopTimer();
    this.#file.close();
  }

  #standingOf(key: MacroKey): Standing {
    if (this.#isUrgent) this.#flush();
    return this.#standings.of(key, this.#file.version, () =>
      this.#read((reader) => ({ held: reader.quarantineOf(key), marks: reader.marksOf(key) })),
    );
  }

  #read<Answer>(ask: (reader: LedgerReader) => Answer): Answer {
    return this.#file.read((sql) => ask(new LedgerReader(sql, this.#reckoning)));
  }

  #note(entry: LedgerEntry): void {
    if (this.#isClosed) return;
    this.#pending.push(entry);
    this.#isUrgent ||= entry.kind === 'hit' || this.#isBad(entry);
    if (this.#pending.length === PENDING_MAX) this.#flush();
    else this.#startTimer();
  }

  #isBad(entry: LedgerEntry): boolean {
    return entry.kind === 'run' && this.#reckoning.marksOfRun(entry.note).length > 0;
  }

  #startTimer(): void {
    if (this.#timer) return;
    flushOnExit(this.#flushNow);
    this.#timer = setTimeout(this.#flushNow, FLUSH_MS).unref();
  }

  #stopTimer(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    forgetOnExit(this.#flushNow);
  }

  /** Writes what is pending; while another process writes, it stays so. */
  #flush(): void {
    this.#stopTimer();
    if (this.#isClosed || this.#pending.length === 0) return;
    if (this.#file.write(this.#pending, { urgent: this.#busyTimes >= BUSY_MAX })) {
      this.#pending = [];
      this.#isUrgent = false;
      this.#busyTimes = 0;
    } else {
      this.#busyTimes += 1;
      this.#startTimer();
    }
  }

  /** Writes one entry at once, and to the disk itself; what it changed. */
  #writeNow(entry: LedgerEntry): number {
    this.#flush();
    const [changed = 0] = this.#file.write([entry], { urgent: true }) ?? [];
    return changed;
  }
}

/** Whole milliseconds: the tables take nothing else. */
function timed<Note extends { readonly at: number }>(note: Note): Note {
  return { ...note, at: Number.isFinite(note.at) ? Math.round(note.at) : Date.now() };
}
