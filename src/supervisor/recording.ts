// Owns giving a macro that is run again the answers it was given before, and noting where it asks for something else.

import type { Journal, JournalEntry } from '../model/journal.ts';

const DIVERGED_MAX = 20;

/** What a replayed macro did that the recording has not. */
export interface Divergence {
  /** ms since the run started. */
  readonly at: number;
  readonly macro: string;
  readonly asked: string;
  /** What the recording has next of this macro; null where it has nothing more. */
  readonly recorded: string | null;
}

/** A journal that is being replayed. */
export class Recording {
  readonly #left: JournalEntry[];
  readonly #isComplete: boolean;
  readonly #diverged: Divergence[] = [];
  #isExhausted = false;

  constructor({ entries, complete }: Journal) {
    // Calls are made again; what the called macros ask for is recorded in its own right.
    this.#left = entries.filter(({ kind }) => kind !== 'call');
    this.#isComplete = complete;
  }

  /** Where it differed, the first ones. */
  get diverged(): readonly Divergence[] {
    return this.#diverged;
  }

  /** Recorded and not asked for again. */
  get left(): readonly JournalEntry[] {
    return this.#left;
  }

  /** True once something was asked for after the end of a recording that is not complete. */
  get exhausted(): boolean {
    return this.#isExhausted;
  }

  /**
   * The entry for what is asked: of the same macro, with the same words, the first that is left. Several asks under way may
   * come in another order than before; only an ask that is not there at all is a difference.
   */
  take(
    asked: Pick<JournalEntry, 'macro' | 'kind' | 'name' | 'args'>,
    at: number,
  ): JournalEntry | null {
    const { macro, kind, name, args } = asked;
    const index = this.#left.findIndex(
      (entry) =>
        entry.macro === macro && entry.kind === kind && entry.name === name && entry.args === args,
    );
    if (index >= 0) return this.#left.splice(index, 1)[0] ?? null;
    const next = this.#left.find((entry) => entry.macro === macro);
    if (!next && !this.#isComplete) this.#isExhausted = true;
    else if (this.#diverged.length < DIVERGED_MAX)
      this.#diverged.push({
        at,
        macro,
        asked: toCall(asked),
        recorded: next ? toCall(next) : null,
      });
    return null;
  }
}

const CHARS_MAX = 200;

function toCall({ kind, name, args }: Pick<JournalEntry, 'kind' | 'name' | 'args'>): string {
  const text = kind === 'command' ? `${name}(${args})` : `${kind} ${name} ${args}`;
  return text.slice(0, CHARS_MAX);
}
