// Owns what a lint rule is.

import type { Analysed } from '../analysed.ts';

/** How serious what a rule finds is. */
export type Level = 'info' | 'warning' | 'error';

/** What a rule found; offsets into the source. */
export interface RawFinding {
  readonly level: Level;
  readonly message: string;
  readonly start: number;
  readonly end: number;
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
  /** True when all it finds is information. */
  readonly isInfo?: true;
  check(analysed: Analysed): readonly RawFinding[];
}
