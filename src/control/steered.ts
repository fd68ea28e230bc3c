// Owns what may be seen and done of a running Corral from outside, and by whom it was done; the composition root fills it in.

import type { FeedEvent, FeedPayload } from '../model/feed.ts';
import type { GuardLevel } from '../model/guard.ts';
import type { Run } from '../supervisor/run.ts';

/** Who did something, and why. */
export interface Deed {
  readonly by: string;
  readonly why: string;
}

/** Something that was done from outside, through the control socket. */
export interface SteeringNote extends Deed {
  /** What was done: `run.pause`, `run.resume`, `run.stop`, `guard.emergency`, `guard.clear`. */
  readonly action: string;
  /** The run it was done to; null for all of them. */
  readonly runId: string | null;
}

/** A Corral as the control room knows it. */
export interface Steered {
  /** Runs under way. */
  readonly runs: readonly Run[];
  /** How risky the macro of a run has shown itself by now, 0..1; null where that is not known. */
  riskOf(run: Run): number | null;
  /** Whose a run under way is. */
  ownerOf(run: Run): string | undefined;
  readonly workerPids: readonly number[];
  readonly level: GuardLevel;
  /** Runs that may be active at once. */
  readonly activeMax: number;
  /** Who had all runs stopped, so that nothing new is let in, and when (ms since 1970); null while nobody has. */
  readonly emergencyOrder: (Deed & { readonly at: number }) | null;
  /** The latest events, oldest first. */
  readonly feed: readonly FeedEvent[];
  onFeed(listener: (event: FeedEvent) => void): () => void;
  /** Notes a deed for all who listen. */
  tell(event: FeedPayload): void;
  /** Notes it for whoever keeps such things. */
  note(note: SteeringNote): void;
  /** Stops all, and lets nothing new in. */
  emergency(deed: Deed): void;
  /** Lets new runs in again. */
  clearEmergency(deed: Deed): void;
}
