// Owns how many runs of each owner are open, and how many of those wait to begin: counted, since each submission asks.

import type { Run } from '../corral.ts';

interface Counts {
  open: number;
  waiting: number;
}

/** The runs that have not ended, in figures. */
export class OpenRuns {
  readonly #owners = new Map<string, Counts>();
  #waiting = 0;

  /** How many of one owner have not ended. */
  of(owner: string): number {
    return this.#owners.get(owner)?.open ?? 0;
  }

  /** How many wait to begin, of everybody and of one owner. */
  waiting(owner: string): { readonly all: number; readonly own: number } {
    return { all: this.#waiting, own: this.#owners.get(owner)?.waiting ?? 0 };
  }

  /** Counts a run until the returned function is called. */
  add(owner: string, run: Run): () => void {
    const counts = this.#owners.get(owner) ?? { open: 0, waiting: 0 };
    this.#owners.set(owner, counts);
    counts.open += 1;
    let isWaiting = false;
    const note = (isNow: boolean) => {
      if (isNow === isWaiting) return;
      isWaiting = isNow;
      const step = isNow ? 1 : -1;
      counts.waiting += step;
      this.#waiting += step;
    };
    note(run.state === 'queued');
    run.on('state', ({ state }) => note(state === 'queued'));
    return () => {
      note(false);
      counts.open -= 1;
      if (counts.open === 0) this.#owners.delete(owner);
    };
  }
}
