// Owns replays on a server: so many at once, within the quotas of whoever asks, and ended with everything else.

import { type Corral, type CrashDump, type Replay, replayDump } from '../corral.ts';
import { SubmissionError } from './submission-error.ts';
import type { Submissions } from './submissions.ts';

/** Each has a process of its own beside those of the pool. */
const AT_ONCE_MAX = 4;
const AGAIN_MS = 1_000;

/** Runs dumps again. */
export class Replays implements Disposable {
  readonly #submissions: Submissions;
  readonly #leave: () => void;
  #open = 0;
  /** Aborted by an emergency stop, and at the end. */
  #end = new AbortController();

  constructor(corral: Corral, submissions: Submissions) {
    this.#submissions = submissions;
    this.#leave = corral.onFeed((event) => {
      if (event.type !== 'emergency' || !event.active) return;
      this.#end.abort(new Error('the emergency stop was pulled'));
      this.#end = new AbortController();
    });
  }

  /**
   * Runs a dump again for an owner; it counts as a run of theirs.
   * @param begun called once it has begun
   * @throws {SubmissionError} `quota` or `busy`
   * @throws {CorralError} `bad-dump`
   */
  async run(dump: CrashDump, owner: string, begun: () => void): Promise<Replay> {
    this.#submissions.assertWithinQuota(owner);
    if (this.#open >= AT_ONCE_MAX)
      throw new SubmissionError(
        'busy',
        `${AT_ONCE_MAX} replays are run already, and more may not.`,
        {
          retryAfterMs: AGAIN_MS,
        },
      );
    const beside = this.#submissions.quotas.beside(owner);
    this.#open += 1;
    let cpuMs = 0;
    try {
      const replay = await replayDump(dump, { signal: this.#end.signal, onStart: begun });
      cpuMs = replay.end.cpuMs;
      return replay;
    } finally {
      this.#open -= 1;
      beside.over(cpuMs);
    }
  }

  /** Ends those under way. */
  [Symbol.dispose](): void {
    this.#leave();
    this.#end.abort(new Error('the server goes down'));
  }
}
