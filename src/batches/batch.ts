// Owns the way of a batch through a macro: how many pieces are under way, halving those that run out of memory, and handing
// the results out in the order of the input. It knows no file, no terminal and no Corral.

import { setTimeout as sleep } from 'node:timers/promises';
import type { EndEvent } from '../model/events.ts';
import type { Judgement } from './judge.ts';
import { type DonePiece, halve, isFailure, type Piece } from './piece.ts';

/** What a batch is made of, in the order of the input: pieces to run, and those that were done before. */
export type BatchStep =
  | { readonly kind: 'piece'; readonly piece: Piece }
  | { readonly kind: 'done'; readonly done: DonePiece };

/** Who does the work. */
export interface BatchWork {
  /** Runs a piece to its end, whatever it is. */
  run(piece: Piece): Promise<Judgement>;
  /** Keeps what came of a piece, once, as soon as it is known; gives how many characters it takes. */
  record(done: DonePiece): number;
  /** Hands out what came of a piece, in the order of the input; what it gives is waited for. */
  emit(done: DonePiece): void | Promise<void>;
  /** Items have failed, told as soon as it is known. */
  failed?(done: DonePiece): void;
  /** A piece was cut in two. */
  halved?(piece: Piece): void;
  /** The macro is not let in for so long (ms). */
  waits?(ms: number, why: string): void;
}

/** How a batch goes. */
export interface BatchOptions {
  /** Pieces under way at once. */
  readonly concurrency: number;
  /** No piece is begun so many items after the first that is not handed out, or more … */
  readonly aheadItems: number;
  /** … nor while results of so many characters wait for one before them. */
  readonly aheadChars: number;
  /** True begins nothing more once an item has failed. */
  readonly failFast: boolean;
}

/** However soon or late it may be tried again (ms). */
const WAIT_MS = { least: 50, most: 60_000 } as const;

/** What a batch came to. */
export interface BatchEnd {
  /** True when every item has come to its end. */
  readonly isWhole: boolean;
  /** Items with a result, and without, those done before included. */
  readonly succeeded: number;
  readonly failed: number;
  /** The run that ended it all; null when none did. */
  readonly gaveUp: EndEvent | null;
  /** What ended a batch that was to fail fast. */
  readonly failedFast: DonePiece | null;
}

/** One batch. */
export class Batch {
  readonly #steps: AsyncIterator<BatchStep>;
  readonly #work: BatchWork;
  readonly #options: BatchOptions;
  readonly #stop = new AbortController();
  readonly #active = new Set<Promise<void>>();
  /** Halves that wait, the first of the input first. */
  readonly #halves: Piece[] = [];
  /** What is done and waits for what stands before it, by its first item. */
  readonly #finished = new Map<number, { readonly done: DonePiece; readonly chars: number }>();
  #waitingChars = 0;
  /** A piece that was read and not begun. */
  #read: Piece | null = null;
  #readItems = 0;
  #isReadWhole = false;
  /** The first item that is not handed out. */
  #next = 0;
  #succeeded = 0;
  #failed = 0;
  #gaveUp: EndEvent | null = null;
  #failedFast: DonePiece | null = null;
  /** What the work threw first. */
  #thrown: { readonly error: unknown } | null = null;

  constructor(steps: AsyncIterable<BatchStep>, work: BatchWork, options: BatchOptions) {
    this.#steps = steps[Symbol.asyncIterator]();
    this.#work = work;
    this.#options = options;
  }

  /** Items that have come to their end so far, and those of them that failed; those done before included. */
  get counts(): { readonly done: number; readonly failed: number; readonly active: number } {
    const { size } = this.#active;
    return { done: this.#succeeded + this.#failed, failed: this.#failed, active: size };
  }

  /** Begins nothing more; what is under way goes on to its end. */
  stop(): void {
    this.#stop.abort();
  }

  /** Runs it. @throws whatever reading the steps or the work throws */
  async run(): Promise<BatchEnd> {
    try {
      for (;;) {
        await this.#handOut();
        for (let piece = await this.#take(); piece; piece = await this.#take()) this.#begin(piece);
        if (this.#active.size > 0) await Promise.race(this.#active);
        // Something may have ended just now, and left halves behind.
        else if (!this.#canGoOn) break;
      }
    } finally {
      this.stop();
      await Promise.allSettled(this.#active);
      await this.#steps.return?.();
    }
    if (this.#thrown) throw this.#thrown.error;
    return {
      isWhole: this.#isReadWhole && this.#next === this.#readItems,
      succeeded: this.#succeeded,
      failed: this.#failed,
      gaveUp: this.#gaveUp,
      failedFast: this.#failedFast,
    };
  }

  /** True when there is something to do though nothing is under way. */
  get #canGoOn(): boolean {
    if (this.#finished.has(this.#next)) return true;
    if (this.#stop.signal.aborted) return false;
    const piece = this.#halves[0] ?? this.#read;
    return piece === null ? !this.#isReadWhole : !this.#isTooFarAhead(piece);
  }

  /** The next piece there is room for; null while there is none. */
  async #take(): Promise<Piece | null> {
    if (this.#stop.signal.aborted || this.#active.size >= this.#options.concurrency) return null;
    if (this.#halves.length === 0 && this.#read === null) await this.#readOn();
    const piece = this.#halves[0] ?? this.#read;
    if (piece === null || this.#isTooFarAhead(piece)) return null;
    if (piece === this.#read) this.#read = null;
    else this.#halves.shift();
    return piece;
  }

  #isTooFarAhead({ first }: Piece): boolean {
    const { aheadItems, aheadChars } = this.#options;
    const ahead = first - this.#next;
    return ahead > 0 && (ahead >= aheadItems || this.#waitingChars > aheadChars);
  }

  /** Reads up to the next piece that is to be run. */
  async #readOn(): Promise<void> {
    while (!this.#isReadWhole) {
      const step = await this.#steps.next();
      if (step.done) this.#isReadWhole = true;
      else if (step.value.kind === 'piece') {
        this.#read = step.value.piece;
        this.#readItems += step.value.piece.items.length;
        return;
      } else {
        this.#readItems += step.value.done.lines.length;
        this.#finish(step.value.done, 0);
        await this.#handOut();
      }
    }
  }

  #begin(piece: Piece): void {
    const carried = this.#carryOut(piece)
      .catch((error: unknown) => {
        // Nobody may be waiting for it just now.
        this.#thrown ??= { error };
        this.stop();
      })
      .finally(() => this.#active.delete(carried));
    this.#active.add(carried);
  }

  async #carryOut(piece: Piece): Promise<void> {
    for (;;) {
      const judgement = await this.#work.run(piece);
      switch (judgement.next) {
        case 'record': {
          const lines = piece.items.map(({ line }) => line);
          this.#conclude({ first: piece.first, lines, outcome: judgement.outcome });
          return;
        }
        case 'halve':
          this.#halve(piece);
          return;
        case 'give-up':
          this.#gaveUp ??= judgement.end;
          this.stop();
          return;
        case 'leave':
          return;
        case 'wait':
          this.#work.waits?.(judgement.ms, judgement.why);
          if (!(await this.#slept(judgement.ms))) return;
      }
    }
  }

  /** One that ends a batch that is to fail fast is not kept: it is to be run again when the batch goes on. */
  #conclude(done: DonePiece): void {
    const hasFailed = isFailure(done.outcome);
    const isLast = this.#options.failFast && hasFailed;
    this.#finish(done, isLast ? 0 : this.#work.record(done));
    if (hasFailed) this.#work.failed?.(done);
    if (!isLast) return;
    this.#failedFast ??= done;
    this.stop();
  }

  #finish(done: DonePiece, chars: number): void {
    this.#finished.set(done.first, { done, chars });
    this.#waitingChars += chars;
    if (isFailure(done.outcome)) this.#failed += done.lines.length;
    else this.#succeeded += done.lines.length;
  }

  #halve(piece: Piece): void {
    this.#work.halved?.(piece);
    this.#halves.push(...halve(piece));
    this.#halves.sort((a, b) => a.first - b.first);
  }

  /** True once it is time, false when the batch was stopped before. */
  async #slept(ms: number): Promise<boolean> {
    const bounded = Math.min(Math.max(ms, WAIT_MS.least), WAIT_MS.most);
    return await sleep(bounded, true, { signal: this.#stop.signal }).catch(() => false);
  }

  /** Hands out all that nothing before it is missing of. */
  async #handOut(): Promise<void> {
    for (;;) {
      const finished = this.#finished.get(this.#next);
      if (!finished) return;
      this.#finished.delete(this.#next);
      this.#next += finished.done.lines.length;
      this.#waitingChars -= finished.chars;
      await this.#work.emit(finished.done);
    }
  }
}
