// Owns saying that much of what can go on at once does: in words, and not too often.

import type { LoadSettings } from '../../model/settings.ts';
import type { Feed } from '../feed.ts';

/** How much goes on. */
export interface Level {
  readonly active: number;
  readonly activeMax: number;
  readonly queued: number;
}

/** Warns through the feed. */
export class LoadWarning {
  readonly #settings: () => LoadSettings;
  readonly #feed: Feed;
  #toldAt = Number.NEGATIVE_INFINITY;

  constructor(settings: () => LoadSettings, feed: Feed) {
    this.#settings = settings;
    this.#feed = feed;
  }

  /** Warns where the active runs, or those that wait, come near what is set. */
  check(level: Level, now: number): void {
    const { active: limit, queue, warnAt } = this.#settings();
    const { active, queued } = level;
    if (active >= limit * warnAt)
      this.tell(level, now, `${active} of ${limit} runs are active (load.active), ${queued} wait`);
    else if (queued > 0 && queued >= queue * warnAt)
      this.tell(level, now, `${queued} runs wait, and ${queue} may (load.queue)`);
  }

  /** Says something about the load, unless something was said just now. */
  tell(level: Level, now: number, message: string): void {
    if (now - this.#toldAt < this.#settings().warnEveryMs) return;
    this.#toldAt = now;
    this.#feed.tell({ type: 'load', ...level, message });
  }
}
