// Owns what Ctrl-C means to a batch: the first begins nothing more and lets end what is under way, the second stops that too,
// the third ends the process. SIGTERM is the first two at once.

import { INTERRUPTED, SAME_SIGNAL_MS } from '../run/signals.ts';

/** What ends a batch from outside. */
export type BatchSignal = 'SIGINT' | 'SIGTERM' | 'SIGHUP';

/** What is to be done. */
export interface InterruptListener {
  /** Begin nothing more. */
  stop(signal: BatchSignal): void;
  /** Stop what is under way. */
  cancel(): void;
}

/** Listens to signals until it is disposed of. */
export class Interrupts implements Disposable {
  readonly #listener: InterruptListener;
  readonly #onInterrupt = () => this.#hear('SIGINT', this.#count + 1);
  readonly #onTerminate = () => this.#hear('SIGTERM', Math.max(2, this.#count + 1));
  #count = 0;
  #first: BatchSignal | null = null;
  #last = { signal: '', at: Number.NEGATIVE_INFINITY };

  constructor(listener: InterruptListener) {
    this.#listener = listener;
    process.on('SIGINT', this.#onInterrupt);
    process.on('SIGTERM', this.#onTerminate);
  }

  /** What it was asked to end by first; null where it was not. */
  get askedBy(): BatchSignal | null {
    return this.#first;
  }

  /** Somebody asked without a signal of these, as by closing the terminal. */
  ask(): void {
    this.#hear('SIGHUP', this.#count + 1);
  }

  [Symbol.dispose](): void {
    process.off('SIGINT', this.#onInterrupt);
    process.off('SIGTERM', this.#onTerminate);
  }

  #hear(signal: BatchSignal, count: number): void {
    const at = performance.now();
    const isSame = signal === this.#last.signal && at - this.#last.at < SAME_SIGNAL_MS;
    this.#last = { signal, at };
    if (isSame) return;
    // Workers die with this process.
    if (count > 2) process.exit(INTERRUPTED);
    const before = this.#count;
    this.#first ??= signal;
    this.#count = count;
    if (before < 1) this.#listener.stop(signal);
    if (count >= 2) this.#listener.cancel();
  }
}
