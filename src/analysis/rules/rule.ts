// Owns what a lint rule is.

import type { Analysed } from '../analysed.ts';

/** How serious what a rule finds is. */
export type Level = 'info' | 'warning' | 'error';

/** A change of the text. */
export interface Fix {
  readonly message: string;
  /** What is replaced: offsets, the end exclusive. */
  readonly start: number;
  readonly end: number;
  readonly text: string;
  /** True when it changes nothing but what is wrong: then it may be made unasked. */
  readonly safe: boolean;
}

/** What a rule found; offsets into the source. */
export interface RawFinding {
  readonly level: Level;
  readonly message: string;
  readonly start: number;
  readonly end: number;
  /** How to mend it, where the message does not say. */
  readonly advice?: string;
  /** A change that mends it. */
  readonly fix?: Fix;
  readonly related?: readonly {
    readonly message: string;
    readonly start: number;
    readonly end: number;
  }[];
}

/** One rule; docs/rules/<id>.md explains it, test/fixtures/<id>/ shows it. */
export interface Rule {
  /** Stable, kebab-case. */
  readonly id: string;
  /** One sentence. */
  readonly summary: string;
  /** Why it matters to who runs the macro: one or two sentences, shown below a finding. */
  readonly why: string;
  /** True when all it finds is information. */
  readonly isInfo?: true;
  check(analysed: Analysed): readonly RawFinding[];
}
