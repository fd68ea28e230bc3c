// Owns telling what Corral as a whole does: numbered, timed, the latest kept, handed to whoever listens.

import type { FeedEvent, FeedPayload } from '../model/feed.ts';

/** How many are kept for whoever comes later. */
const KEPT_MAX = 1000;

type Listener = (event: FeedEvent) => void;

/** The feed of one corral. */
export class Feed {
  readonly #listeners = new Set<Listener>();
  readonly #kept: FeedEvent[] = [];
  #last = 0;

  /** The latest events, oldest first; a thousand at most. */
  get recent(): readonly FeedEvent[] {
    return this.#kept;
  }

  /** Calls a listener for every event from now on; the returned function stops that. */
  on(listener: Listener): () => void {
    // A wrapper of its own: the same function may listen twice, and leave once.
    const own: Listener = (event) => listener(event);
    this.#listeners.add(own);
    return () => this.#listeners.delete(own);
  }

  /** Tells of something. Never throws: a listener's fault is the embedder's, and surfaces as an uncaught exception. */
  tell(payload: FeedPayload): void {
    this.#last += 1;
    const event: FeedEvent = { ...payload, id: this.#last, time: Date.now() };
    this.#kept.push(event);
    if (this.#kept.length > KEPT_MAX) this.#kept.shift();
    for (const listener of this.#listeners) {
      try {
        listener(event);
      } catch (error) {
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }
}
