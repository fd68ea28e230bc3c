// Owns whether the machinery that starts runs can be relied on: it counts failures of Corral's own, opens, and lets one run
// try after a while. What a macro comes to is never its business.

import {
  type CircuitBreakerPolicy,
  CircuitState,
  circuitBreaker,
  handleWhenResult,
  type IBreaker,
} from 'cockatiel';
import { toMessage } from '../../model/errors.ts';
import type { BreakerFeedEvent } from '../../model/feed.ts';
import type { BreakerView } from '../../model/load.ts';
import type { BreakerSettings } from '../../model/settings.ts';
import type { Tracked } from '../tracked.ts';

/** What one run that was let in tells of the machinery; its pass sees to it that one word is said. */
export interface Trial {
  /** Something was heard of the run from its worker. */
  worked(): void;
  /** No worker could be started, or it was lost before anything was heard of the run, or Corral itself went wrong. */
  failed(error: unknown): void;
  /** It was over before anything could be said. */
  gaveUp(): void;
}

/** A failure adds one, a success takes one away. */
class Countdown implements IBreaker {
  state = 0;
  readonly #max: () => number;

  constructor(max: () => number) {
    this.#max = max;
  }

  success(): void {
    this.state = Math.max(0, this.state - 1);
  }

  failure(): boolean {
    this.state = Math.min(this.#max(), this.state + 1);
    return this.state >= this.#max();
  }
}

const STATES = {
  [CircuitState.Closed]: 'closed',
  [CircuitState.Open]: 'open',
  [CircuitState.HalfOpen]: 'half-open',
  // Nobody holds it open by hand.
  [CircuitState.Isolated]: 'open',
} as const;

/** What {@link Breaker} needs. */
export interface BreakerOptions {
  readonly settings: () => BreakerSettings;
  /** The state has changed. */
  readonly told: (event: BreakerFeedEvent) => void;
  /** ms; a clock that nobody sets. */
  readonly now: () => number;
  readonly tracked: Tracked;
}

/** What became of one start. */
type Outcome = 'worked' | 'failed';

/** The breaker of one corral. */
export class Breaker {
  /** What failed last; '' when nothing has. */
  lastFailure = '';
  readonly #options: BreakerOptions;
  readonly #count: Countdown;
  readonly #policy: CircuitBreakerPolicy;
  #openedAt = 0;
  /** While half-open: what the run that tries will have said, and whether one does. */
  #half: PromiseWithResolvers<Outcome> | null = null;
  #isTried = false;

  constructor(options: BreakerOptions) {
    this.#options = options;
    this.#count = new Countdown(() => options.settings().failures);
    this.#policy = circuitBreaker(
      handleWhenResult((outcome) => outcome === 'failed'),
      {
        breaker: this.#count,
        // When it may half-open is asked here, of a clock that nobody sets: the policy's own would stay open for as long
        // as the machine's is set back.
        halfOpenAfter: Number.NEGATIVE_INFINITY,
      },
    );
    this.#policy.onStateChange(() => {
      if (this.state === 'open') this.#openedAt = options.now();
      if (this.state !== 'half-open') this.#half = null;
      const { state, failures, retryAfterMs } = this.view;
      options.told({ type: 'breaker', state, failures, retryAfterMs });
    });
  }

  get state(): BreakerView['state'] {
    return STATES[this.#policy.state];
  }

  get view(): BreakerView {
    const { failures: failuresMax, halfOpenAfterMs } = this.#options.settings();
    const openMs = this.#openedAt + halfOpenAfterMs - this.#options.now();
    return {
      state: this.state,
      failures: this.#count.state,
      failuresMax,
      retryAfterMs: this.state === 'open' ? Math.max(0, Math.ceil(openMs)) : null,
    };
  }

  /** Lets a run try; null while it is open, and while another one tries. */
  attempt(): Trial | null {
    if (this.state === 'closed') return this.#closedTrial();
    if (this.state === 'open') {
      if (this.view.retryAfterMs !== 0) return null;
      this.#halfOpen();
    }
    if (this.#isTried || !this.#half) return null;
    return this.#halfOpenTrial(this.#half);
  }

  /** A failure that no run stands for, such as a spare worker that could not be started. */
  failed(error: unknown): void {
    this.lastFailure = toMessage(error);
    if (this.state === 'closed') this.#tell('failed');
  }

  #closedTrial(): Trial {
    return {
      // The usual case costs nothing: there is nothing to take away.
      worked: () => {
        if (this.#count.state > 0 && this.state === 'closed') this.#tell('worked');
      },
      failed: (error) => this.failed(error),
      gaveUp: () => undefined,
    };
  }

  #halfOpenTrial(half: PromiseWithResolvers<Outcome>): Trial {
    this.#isTried = true;
    return {
      worked: () => half.resolve('worked'),
      failed: (error) => {
        this.lastFailure = toMessage(error);
        half.resolve('failed');
      },
      // Nothing was learnt: another run may try.
      gaveUp: () => {
        if (this.#half === half) this.#isTried = false;
      },
    };
  }

  #halfOpen(): void {
    this.#half = Promise.withResolvers();
    this.#isTried = false;
    this.#tell(this.#half.promise);
  }

  /** Has the policy count an outcome, or wait for it. */
  #tell(outcome: Outcome | Promise<Outcome>): void {
    this.#options.tracked.track(
      this.#policy.execute(() => outcome),
      'the breaker',
    );
  }
}
