// Owns the picture of how much goes on at once, as `corral.load` gives it. It decides nothing.

import type { RefusalCode } from './events.ts';

/** The breaker around the machinery that starts runs. */
export interface BreakerView {
  /** `open` refuses what comes; `half-open` lets one run try, and the others wait for what comes of it. */
  readonly state: 'closed' | 'open' | 'half-open';
  /** Failures so far, each success taken away from them. */
  readonly failures: number;
  /** How many open it. */
  readonly failuresMax: number;
  /** While open: when it lets one run try (ms from now); null otherwise. */
  readonly retryAfterMs: number | null;
}

/** How much goes on, and waits. */
export interface LoadView {
  /** Runs that have been let in and are not over, asleep ones too. */
  readonly active: number;
  /** How many may be, right now: fewer than {@link activeLimit} under pressure. */
  readonly activeMax: number;
  /** How many may be at most, as it is set. */
  readonly activeLimit: number;
  /** Of the active ones, those whose macro has not been sent to a worker yet. */
  readonly creating: number;
  readonly creatingMax: number;
  /** Runs that wait to be let in, those held before their start among them. */
  readonly queued: number;
  readonly queuedMax: number;
  /** How many of one owner may. */
  readonly queuedPerOwnerMax: number;
  readonly breaker: BreakerView;
  /** Why nothing is let in although there would be room; null while starts are free. */
  readonly held: {
    readonly code: RefusalCode;
    readonly message: string;
    readonly retryAfterMs: number;
  } | null;
  /** True once a drain has begun: nothing more is let in. */
  readonly draining: boolean;
}
