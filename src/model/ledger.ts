// Owns what is remembered of each macro across its runs: how risky it has shown itself, whether it is held in quarantine,
// and what is normal for it. The shape only; `store/` keeps it, `policy/` reckons with it.

import type { LimitName } from './limits.ts';
import type { EndReason } from './outcome.ts';

/** Whose macros are meant when nobody says. */
export const DEFAULT_OWNER = 'local';

/** Which macro: a name means another macro for another owner, and the same text under another name is the same macro. */
export interface MacroKey {
  readonly owner: string;
  /** The macro's `@name`, or its file's base name: its author's choice, so not to be trusted alone. */
  readonly name: string;
  /** A digest of its text without the header. */
  readonly digest: string;
}

/** What one run showed of itself. */
export interface RunNote {
  /** ms since 1970. */
  readonly at: number;
  readonly runId: string;
  readonly reason: EndReason;
  /** Static risk, 0..1. */
  readonly staticRisk: number;
  readonly durationMs: number;
  readonly cpuMs: number;
  /** Bytes. */
  readonly peakHeap: number;
  readonly commands: number;
  /** The largest share (0..1) of any limit that was used. */
  readonly nearestLimit: number;
  /** Which limit that was; null where none was touched. */
  readonly nearestName: LimitName | null;
  /** True when nobody shared its process. */
  readonly alone: boolean;
  /** How often a pattern matched. */
  readonly interventions: number;
  /** What was far outside of what is normal for the macro. */
  readonly unusual: readonly UnusualNote[];
}

/** A measure far outside of what is normal for a macro. */
export interface UnusualNote {
  readonly measure: BaselineMeasure;
  /** In the measure's unit. */
  readonly value: number;
  /** One line with the numbers. */
  readonly message: string;
}

/** A pattern that matched. */
export interface HitNote {
  /** ms since 1970. */
  readonly at: number;
  readonly runId: string;
  readonly pattern: string;
  readonly risk: 'low' | 'medium' | 'high' | 'critical';
  readonly action: string;
  /** What it does to others, as the pattern says. */
  readonly effects: readonly string[];
}

/** A macro that was stopped, or is not wanted, and may not run until somebody says so. */
export interface Quarantine {
  /** ms since 1970. */
  readonly at: number;
  /** Who stopped it: `pattern:<id>`, `operator`, a name. */
  readonly by: string;
  /** One line. */
  readonly why: string;
  readonly runId: string | null;
}

/** A quarantine in force, with the macro that was put into it: another name of the same text may be meant. */
export interface HeldMacro extends Quarantine {
  readonly name: string;
}

/** A quarantine that is over, and who ended it. */
export interface Release extends Quarantine {
  readonly released: { readonly at: number; readonly by: string; readonly why: string };
}

/** One part of a live risk, so that it can be explained. */
export interface LiveRiskPart {
  /** What it is: `static`, `pattern:<id>`, `kill:<reason>`, `near-limit`, `clean-runs`. */
  readonly cause: string;
  /** What it adds, or takes away when negative (on the scale from 0 to 1). */
  readonly adds: number;
  /** One line for a person. */
  readonly why: string;
}

/** How risky a macro has shown itself so far. */
export interface LiveRisk {
  /** 0..1. */
  readonly score: number;
  readonly parts: readonly LiveRiskPart[];
}

/** A measure with what is normal for a macro. */
export interface NormalRange {
  /** Of its clean runs. */
  readonly median: number;
  /** Nine in ten of them lie between these two. */
  readonly from: number;
  readonly to: number;
  /** Beyond this a run is far outside. */
  readonly high: number;
}

/** What is normal for a macro, from its own clean runs. */
export interface Baseline {
  /** How many runs it is made of. */
  readonly runs: number;
  readonly measures: Readonly<Record<BaselineMeasure, NormalRange>>;
}

/** What baselines are kept of, with the unit. */
export const BASELINE_MEASURES = {
  peakHeap: 'bytes',
  cpuMs: 'ms',
  commands: 'count',
  durationMs: 'ms',
} as const;

/** One of {@link BASELINE_MEASURES}. */
export type BaselineMeasure = keyof typeof BASELINE_MEASURES;

/** Everything known of one macro. */
export interface MacroRecord {
  readonly owner: string;
  readonly name: string;
  readonly risk: LiveRisk;
  readonly quarantine: HeldMacro | null;
  /** The last quarantines that are over, newest first. */
  readonly releases: readonly Release[];
  readonly baseline: Baseline | null;
  /** Runs that were let in. */
  readonly runs: number;
  /** How often it ended for each reason; `refused` where it was not let in. */
  readonly ends: Readonly<Partial<Record<string, number>>>;
  /** What it did to others, as the patterns it matched say, with how often. */
  readonly effects: readonly { readonly effect: string; readonly count: number }[];
  /** What was far outside of its normal ranges, with how often, when last, and how far then. */
  readonly unusual: readonly {
    readonly measure: BaselineMeasure;
    readonly count: number;
    readonly at: number;
    readonly message: string;
  }[];
  /** ms since 1970 of its last run. */
  readonly lastRunAt: number | null;
}

/** What the supervisor asks of whoever remembers macros. Nothing here throws for what a macro does. */
export interface MacroLedger extends Disposable {
  /** Why the macro may not run, or null: it is held by its name, or another name of its text is. */
  quarantineOf(key: MacroKey): HeldMacro | null;
  /**
   * Holds a macro until {@link release}; one that is held already stays so as it is. With an empty digest the text it had
   * last is held too.
   */
  quarantine(key: MacroKey, quarantine: Quarantine): void;
  /** Lets a macro run again that is held by this name; false when none is. Who and why are kept. */
  release(
    macro: { readonly owner: string; readonly name: string },
    consent: { readonly by: string; readonly why: string; readonly at: number },
  ): boolean;
  /** Notes a pattern that matched. */
  noteHit(key: MacroKey, hit: HitNote): void;
  /** Notes the end of a run. */
  noteRun(key: MacroKey, note: RunNote): void;
  /** How risky the macro has shown itself, its static risk included. */
  riskOf(key: MacroKey, staticRisk: number, at: number): LiveRisk;
  /** What is normal for it; null before there are enough runs. */
  baselineOf(key: MacroKey): Baseline | null;
  /** Every macro that is known, the riskiest first. */
  list(at: number): readonly MacroRecord[];
}
