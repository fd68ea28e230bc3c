// Owns the watches over all runs of a corral: one for each, and what their macros have in common. Pure: it acts on nothing
// and is told the time.

import type { MacroKey } from '../../model/ledger.ts';
import type { Pattern } from '../../model/pattern.ts';
import { ScopeCounts } from './counts.ts';
import { MacroCounts } from './macro-counts.ts';
import { LiveRules } from './rules.ts';
import { RunWatch } from './run-watch.ts';
import { Shelf } from './shelf.ts';

/** What a run is watched by, until it is disposed of. */
export interface Watching extends Disposable {
  readonly run: RunWatch;
  /** Its macro's, by name and by text. */
  readonly macros: readonly MacroCounts[];
}

/** Watches the runs of one corral. */
export class Watcher {
  readonly rules: LiveRules;
  readonly #macros = new Shelf(() => new MacroCounts());
  #runs = 0;

  constructor(patterns: readonly Pattern[]) {
    this.rules = new LiveRules(patterns);
  }

  /** How many names and texts of macros are remembered. */
  get remembered(): number {
    return this.#macros.size;
  }

  /** Begins to watch a run. */
  watch({ owner, name, digest }: MacroKey): Watching {
    this.#runs += 1;
    // Neither an owner nor a name can look like the other kind of key.
    const keys = [JSON.stringify([owner, 'name', name]), JSON.stringify([owner, 'text', digest])];
    const macros = keys.map((key) => this.#macros.take(key));
    const { rules } = this;
    const run = new RunWatch({ rules, own: new ScopeCounts(), macros, run: this.#runs });
    let isOver = false;
    return {
      run,
      macros,
      [Symbol.dispose]: () => {
        if (isOver) return;
        isOver = true;
        for (const key of keys) this.#macros.putBack(key);
      },
    };
  }
}
