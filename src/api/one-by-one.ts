// Owns work that holds up the whole server while it is done: one piece at a time, others are answered in between, and so
// many pieces may wait.

import { ProblemError } from './problem.ts';

const AGAIN_MS = 1_000;

/** A line of work. */
export class OneByOne {
  readonly #waitingMax: number;
  #waiting = 0;
  #last: Promise<unknown> = Promise.resolve();

  constructor(waitingMax: number) {
    this.#waitingMax = waitingMax;
  }

  /**
   * Does a piece when its turn has come.
   * @throws {ProblemError} `unavailable` where too many wait, and what the work throws
   */
  async do<Value>(work: () => Value): Promise<Value> {
    if (this.#waiting >= this.#waitingMax)
      throw new ProblemError('unavailable', `${this.#waiting} others wait for this already.`, {
        retryAfterMs: AGAIN_MS,
      });
    this.#waiting += 1;
    const turn = this.#last.then(() => new Promise(setImmediate));
    // What one throws is nothing to the next.
    const done = turn.then(work).finally(() => {
      this.#waiting -= 1;
    });
    this.#last = done.catch(() => undefined);
    return await done;
  }
}
