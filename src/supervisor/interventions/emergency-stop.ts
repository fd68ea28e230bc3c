// Owns the emergency stop: whether it is pulled, by whom and why. While it is, nothing new starts; who stops the runs is
// not decided here.

import type { Refusal } from '../../model/events.ts';
import { safeText } from '../../model/safe-text.ts';
import type { Cause } from '../ending.ts';
import type { Feed } from '../feed.ts';

/** Who pulls it, or clears it, and why. */
export interface EmergencyOrder {
  /** A name, `operator`, `host`, `pattern:<id>` … One line. */
  readonly by: string;
  /** One line. */
  readonly why: string;
}

/** An emergency stop that is pulled. */
export interface EmergencyState extends EmergencyOrder {
  /** ms since 1970. */
  readonly at: number;
}

/** The refusal of a run while the emergency stop is pulled: only somebody's word ends that, not waiting. */
export const EMERGENCY_REFUSAL: Refusal = { code: 'emergency', retryAfterMs: null };

/** The emergency stop of one corral. */
export class EmergencyStop {
  readonly #feed: Feed;
  #state: EmergencyState | null;

  /** @param state one that was pulled before, and still holds; the feed is not told of it again */
  constructor(feed: Feed, state: EmergencyState | null) {
    this.#feed = feed;
    this.#state = state && { at: state.at, ...toLines(state) };
  }

  /** Who pulled it, when and why; null while it is not pulled. */
  get state(): EmergencyState | null {
    return this.#state;
  }

  /** Why a run ends, or does not begin, while it is pulled. */
  get cause(): Cause {
    const { by, why } = this.#state ?? { by: 'nobody', why: 'it is not pulled' };
    return {
      reason: 'emergency',
      limit: null,
      message: `the emergency stop was pulled by ${by}: ${why}`,
    };
  }

  /** Pulls it. Who pulled it first is kept. */
  pull(order: EmergencyOrder): void {
    if (this.#state) return;
    this.#state = { at: Date.now(), ...toLines(order) };
    const { by, why } = this.#state;
    this.#feed.tell({ type: 'emergency', active: true, by, why });
  }

  /** Clears it; false when it was not pulled. */
  clear(order: EmergencyOrder): boolean {
    if (!this.#state) return false;
    this.#state = null;
    this.#feed.tell({ type: 'emergency', active: false, ...toLines(order) });
    return true;
  }
}

function toLines({ by, why }: EmergencyOrder): EmergencyOrder {
  return { by: safeText(by, { charsMax: 100 }), why: safeText(why, { charsMax: 500 }) };
}
