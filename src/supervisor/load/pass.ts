// Owns what a run that was let in holds, and gives back: its place among the active ones, and among those being created.

import type { Cordon } from '../pool.ts';
import type { Trial } from './breaker.ts';

/** Where a pass was given out. */
export interface PassDesk {
  /** One more, or one less, is being created. */
  creating(change: 1 | -1): void;
  /** From sending a macro to its worker until the first word about it (ms). */
  started(ms: number): void;
  /** The run is over and nothing is left of it. */
  back(pass: Pass): void;
}

/** The pass of one attempt of a run; given back with `using`. */
export class Pass implements Disposable {
  readonly cordon: Cordon;
  readonly #desk: PassDesk;
  readonly #trial: Trial;
  #isCreating = false;
  #isTold = false;
  #sentAt = 0;
  #isBack = false;

  constructor(cordon: Cordon, trial: Trial, desk: PassDesk) {
    this.cordon = cordon;
    this.#trial = trial;
    this.#desk = desk;
    this.creating();
  }

  /** A worker is asked for. */
  creating(): void {
    if (this.#isCreating) return;
    this.#isCreating = true;
    this.#desk.creating(1);
  }

  /** It is held from beginning: others may be created meanwhile. */
  held(): void {
    if (!this.#isCreating) return;
    this.#isCreating = false;
    this.#desk.creating(-1);
  }

  /** The macro was sent to its worker. */
  sent(): void {
    this.#sentAt = performance.now();
    this.held();
  }

  /** The first word about the run was heard. */
  heard(): void {
    this.#desk.started(performance.now() - this.#sentAt);
    this.#isTold = true;
    this.#trial.worked();
  }

  /** The machinery failed the run: no worker, or one that was lost before anything was heard. */
  failed(error: unknown): void {
    this.#isTold = true;
    this.#trial.failed(error);
  }

  [Symbol.dispose](): void {
    if (this.#isBack) return;
    this.#isBack = true;
    this.held();
    if (!this.#isTold) this.#trial.gaveUp();
    this.#desk.back(this);
  }
}
