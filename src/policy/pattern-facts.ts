// Owns what a pattern may ask of a macro: the part of an analysis that patterns look at. An `Analysis` is one.

import type { Report } from '../model/report.ts';

/** A stretch of the source: offsets, the end exclusive. */
export interface SourceSpan {
  readonly start: number;
  readonly end: number;
}

/** A place where a macro gives a command. */
export interface CommandUseFact extends SourceSpan {
  /** `chat.say`. */
  readonly name: string;
  readonly category: string;
  readonly inLoop: boolean;
  /** The most times in a run; null where unknown or unbounded. */
  readonly max: number | null;
  /** True when it is surely given: in each turn of a loop whose turns are known, or outside of loops. */
  readonly isSteady: boolean;
}

/** What is known of a macro's commands. */
export interface CommandFacts {
  readonly uses: readonly CommandUseFact[];
  /**
   * The most of the commands meant that fall into any window of that length (ms); Infinity says as fast as it can,
   * null not known.
   */
  mostInWindow(matches: (use: CommandUseFact) => boolean, windowMs: number): number | null;
}

/** A circle of macros that call each other, from the place of the first call. */
export interface MacroCircle extends SourceSpan {
  /** The macros in order; the first one stands at the end again. */
  readonly path: readonly string[];
}

/** Everything patterns look at; what is left out is not known, and nothing that asks for it matches. */
export interface PatternFacts {
  readonly source: string;
  readonly report: Pick<Report, 'findings' | 'loops' | 'recursion'>;
  readonly cost?: CommandFacts | null | undefined;
  /** Data that grows without bound in a loop that never ends. */
  readonly growth?: readonly (SourceSpan & { readonly name: string })[] | undefined;
  readonly macroCircles?: readonly MacroCircle[] | undefined;
}
