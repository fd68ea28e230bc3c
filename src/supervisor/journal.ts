// Owns keeping a run's journal while it goes on, bounded: the beginning is kept, for a replay begins there too.

import type { Journal, JournalEntry } from '../model/journal.ts';
import type { EndReason } from '../model/outcome.ts';
import type { Json } from '../model/value.ts';
import type { FromWorkerOf } from '../model/wire.ts';

const ENTRIES_MAX = 2_000;
/** Characters of arguments and answers together. */
const CHARS_MAX = 2 * 1024 * 1024;

type Ask = FromWorkerOf<'ask'>;

/** What a macro is told when its request fails. */
export interface AskError {
  readonly name: string;
  readonly message: string;
  readonly code: string;
}

/** What one run has asked for. */
export class RunJournal {
  readonly #entries: JournalEntry[] = [];
  readonly #open = new Map<string, JournalEntry>();
  #chars = 0;
  #isComplete = true;

  /** The journal as it is now. */
  get journal(): Journal {
    return { entries: [...this.#entries], complete: this.#isComplete };
  }

  /** Notes that a macro asks. @param at ms since the run started */
  asked(macro: string, ask: Ask, at: number): void {
    this.#chars += ask.args.length + ask.name.length;
    if (this.#entries.length >= ENTRIES_MAX || this.#chars > CHARS_MAX) this.#isComplete = false;
    // What was left out once leaves a gap; nothing after it could be replayed.
    if (!this.#isComplete) return;
    const { kind, name, args } = ask;
    const entry: JournalEntry = {
      ...{ macro, kind, name, args, at },
      afterMs: null,
      value: null,
      error: null,
    };
    this.#entries.push(entry);
    this.#open.set(keyOf(ask), entry);
  }

  /** Notes what it is answered. @param at ms since the run started */
  answered(ask: Ask, value: Json | null, error: AskError | null, at: number): void {
    const entry = this.#close(ask);
    if (!entry) return;
    entry.afterMs = Math.max(0, at - entry.at);
    entry.value = value;
    entry.error = error && { ...error };
    this.#chars += JSON.stringify(value).length;
  }

  /** Notes that the run is ended for it: what is said of that, and the reason. */
  ended(ask: Ask, limit: string, reason: EndReason): void {
    const entry = this.#close(ask);
    if (!entry) return;
    entry.limit = limit;
    if (reason !== 'command-limit') entry.reason = reason;
  }

  #close(ask: Ask): JournalEntry | undefined {
    const key = keyOf(ask);
    const entry = this.#open.get(key);
    this.#open.delete(key);
    return entry;
  }
}

function keyOf({ realm, id }: Ask): string {
  return `${realm}:${id}`;
}
