// Owns whether a run is tried again after it ended, and how long to wait before that. What it was stopped for, by a limit
// or by somebody, never is.

import { ExponentialBackoff, halfJitterGenerator, type IBackoff } from 'cockatiel';
import type { Header } from '../model/header.ts';
import { RECYCLED_EXIT_CODE } from '../model/recycled.ts';
import type { RetrySettings } from '../model/settings.ts';
import type { Ending } from './ending.ts';
import type { Cordon } from './pool.ts';

/** Signals by which a process ends itself: what was alone in it did that. */
const CRASHES: ReadonlySet<string> = new Set([
  'SIGSEGV',
  'SIGABRT',
  'SIGBUS',
  'SIGILL',
  'SIGFPE',
  'SIGTRAP',
  'SIGSYS',
]);

/** The tries of one run. */
export class Retry {
  /** The try that is under way, 1 for the first. */
  attempt = 1;
  readonly attemptsMax: number;
  readonly #isFailedToo: boolean;
  readonly #settings: () => RetrySettings;
  #backoff: IBackoff<unknown> | null = null;

  constructor(header: Pick<Header, 'retry' | 'retryFailed'>, settings: () => RetrySettings) {
    this.attemptsMax = header.retry + 1;
    this.#isFailedToo = header.retryFailed;
    this.#settings = settings;
  }

  /** How long until the run is tried again (ms); null where it is not. */
  waitMs(ending: Ending, cordon: Cordon): number | null {
    if (this.attempt >= this.attemptsMax || !this.#isRetried(ending, cordon)) return null;
    const { firstMs, longestMs } = this.#settings();
    // Half of each wait is by chance, so that those who were lost together do not come back together.
    this.#backoff =
      this.#backoff?.next(undefined) ??
      new ExponentialBackoff({
        initialDelay: firstMs,
        maxDelay: longestMs,
        generator: halfJitterGenerator,
      }).next();
    return this.#backoff.duration;
  }

  #isRetried(ending: Ending, cordon: Cordon): boolean {
    switch (ending.reason) {
      case 'host-pressure':
        return true;
      case 'worker-lost':
        return !isCrash(ending) || cordon === 'shared';
      case 'failed':
        return this.#isFailedToo;
      default:
        return false;
    }
  }
}

/** True when the run's process ended by itself, or broke the protocol: if the macro was alone in there, it did that. */
export function isCrash({ worker }: Ending): boolean {
  if (!worker) return false;
  const { signal, exitCode, stderr } = worker;
  return (
    (signal !== null && CRASHES.has(signal)) ||
    (signal === null && exitCode !== RECYCLED_EXIT_CODE) ||
    /^protocol: /m.test(stderr)
  );
}
