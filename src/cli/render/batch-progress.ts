// Owns how far a batch is: a bar at the bottom of a terminal, a line now and then anywhere else, with the rate and what is left.

import { formatDuration } from '../../model/limits.ts';
import { formatCount } from '../../model/units.ts';
import type { Paint } from '../style.ts';
import { bar, cut } from './cells.ts';

/** How far it is. */
export interface BatchFigures {
  /** Items. */
  readonly done: number;
  readonly total: number;
  readonly failed: number;
  /** Items a second of late; null before there is any. */
  readonly perSecond: number | null;
  /** ms until all are done at that rate; null where unknown. */
  readonly leftMs: number | null;
}

/** The rate is that of so long a time (ms), looked at so often. */
const RATE_OVER_MS = 20_000;
const RATE_EVERY_MS = 500;
/** The bar is so wide, and a third of the line where that is less: the words are what is read. */
const BAR_COLUMNS = 20;

/** Reckons how far a batch is, and how fast it goes. */
export class BatchRate {
  readonly #total: number;
  readonly #before: number;
  #looks: { readonly at: number; readonly done: number }[];

  /**
   * @param before items done before it began: they say nothing of its speed
   * @param now ms on a clock that only goes forward
   */
  constructor({ total, before }: { readonly total: number; readonly before: number }, now: number) {
    this.#total = total;
    this.#before = before;
    this.#looks = [{ at: now, done: 0 }];
  }

  /** @param done items done since it began */
  at(done: number, failed: number, now: number): BatchFigures {
    const oldest = this.#looks[0] ?? { at: now, done };
    const [items, passed] = [done - oldest.done, now - oldest.at];
    const perSecond = passed > 0 && items > 0 ? (items / passed) * 1000 : null;
    if (now - (this.#looks.at(-1)?.at ?? 0) >= RATE_EVERY_MS) {
      this.#looks.push({ at: now, done });
      this.#looks = this.#looks.filter(({ at }) => now - at <= RATE_OVER_MS);
    }
    const left = this.#total - this.#before - done;
    return {
      done: this.#before + done,
      total: this.#total,
      failed,
      perSecond,
      leftMs: perSecond === null ? null : (left / perSecond) * 1000,
    };
  }
}

/** As one line. */
export function progressText({ done, total, failed, perSecond, leftMs }: BatchFigures): string {
  const parts = [
    `${count(done)} of ${count(total)} items (${Math.floor((done / total) * 100)}%)`,
    ...(perSecond === null
      ? []
      : [`${perSecond < 10 ? perSecond.toFixed(1) : count(perSecond)}/s`]),
    ...(leftMs === null || done === total ? [] : [`${formatDuration(leftMs)} left`]),
    ...(failed === 0 ? [] : [`${count(failed)} failed`]),
  ];
  return parts.join(' · ');
}

/** A number as people read it: `12,345`. */
export function count(value: number): string {
  return formatCount(value);
}

/** The bar on a terminal. Never wider than it may be: a line that wraps could not be drawn over. */
export function barText(figures: BatchFigures, columns: number, paint: Paint): string {
  const wide = Math.max(0, Math.min(BAR_COLUMNS, Math.floor(columns / 3)));
  const drawn = bar(figures.done / figures.total, wide);
  const words = cut(` ${progressText(figures)}`, columns - wide);
  return `${paint('cyan', drawn)}${words}`;
}
