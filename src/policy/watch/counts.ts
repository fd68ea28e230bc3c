// Owns what has been counted for each rule in one scope: a run, or all runs of a macro. Bounded by what the rules allow.

import type { CommandRule } from './rules.ts';
import { createWindow, type SlidingWindow } from './window.ts';

/** How many of the last occurrences are remembered. */
export const REMEMBERED = 10;

/** One command that was carried out. */
export interface Seen {
  /** On the watcher's clock (ms). */
  readonly time: number;
  /** On the clock of the run that gave it: ms since it started, pauses left out. */
  readonly at: number;
  readonly name: string;
  readonly line: number | null;
  /** Which run. */
  readonly run: number;
}

/** What has been counted for one rule. */
export class RuleCount {
  readonly window: SlidingWindow;
  readonly #last: Seen[] = [];
  #next = 0;

  constructor({ max, windowMs }: CommandRule) {
    this.window = createWindow(max, windowMs);
  }

  /** The last ones, oldest first. */
  get last(): readonly Seen[] {
    return [...this.#last.slice(this.#next), ...this.#last.slice(0, this.#next)];
  }

  /** Counts one. */
  push(seen: Seen): void {
    this.window.push(seen.time);
    this.#last[this.#next] = seen;
    this.#next = (this.#next + 1) % REMEMBERED;
  }

  /** Forgets everything. */
  clear(): void {
    this.window.clear();
    this.#last.length = 0;
    this.#next = 0;
  }
}

/** What has been counted in one scope. */
export class ScopeCounts {
  readonly #byRule: (RuleCount | undefined)[] = [];

  /** The count of a rule, null where nothing has been counted for it. */
  known(rule: CommandRule): RuleCount | undefined {
    return this.#byRule[rule.index];
  }

  /** The count of a rule. */
  of(rule: CommandRule): RuleCount {
    let count = this.#byRule[rule.index];
    if (!count) {
      count = new RuleCount(rule);
      this.#byRule[rule.index] = count;
    }
    return count;
  }
}
