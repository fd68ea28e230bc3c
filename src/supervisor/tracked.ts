// Owns work that goes on while nobody awaits it: each has a name, the end waits for all of it, and what fails surfaces.

import { CorralError, toMessage } from '../model/errors.ts';

/** The background work of one corral. */
export class Tracked {
  readonly #open = new Map<Promise<unknown>, string>();

  /** What goes on now. */
  get open(): readonly string[] {
    return [...this.#open.values()];
  }

  /**
   * Takes a promise that its maker does not await. Its failing is a bug of Corral's: it surfaces as an uncaught exception,
   * which ends the process unless the embedder sees to it.
   */
  track(work: Promise<unknown>, what: string): void {
    const own = work
      .catch((error: unknown) => surface(what, error))
      .finally(() => this.#open.delete(own));
    this.#open.set(own, what);
  }

  /** Resolves when nothing goes on any more, what began meanwhile included. */
  async idle(): Promise<void> {
    while (this.#open.size > 0) await Promise.all(this.#open.keys());
  }
}

function surface(what: string, error: unknown): void {
  const told = new CorralError('internal', `Unexpected, in ${what}: ${toMessage(error)}`, {
    cause: error,
  });
  queueMicrotask(() => {
    throw told;
  });
}
