// Owns how whoever guards the house tells whoever lets runs in that nothing may start now. Decides nothing.

import type { RefusalCode } from '../model/events.ts';

/** Why nothing starts now. */
export interface StartHold {
  readonly code: RefusalCode;
  /** For a person: what is short, how much of it, and what helps. */
  readonly message: string;
  /** When it is worth asking again (ms). */
  readonly retryAfterMs: number;
}

/** Says whether a run may start. */
export interface HoldsStarts {
  /** Asked right before a run starts, and again after each {@link onChange}; null lets it through. */
  held(): StartHold | null;
  /** What would hold a start now, for whoever shows or weighs that: nothing is counted as a start that was held. */
  readonly holding: StartHold | null;
  /** Calls a listener whenever {@link held} may answer otherwise than before; the returned function stops that. */
  onChange(listener: () => void): () => void;
}
