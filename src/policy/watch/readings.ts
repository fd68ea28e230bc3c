// Owns what the samples of a run say over a window: how fast what it holds grows, and how much of a processor it uses. It
// keeps a summary of each twenty-fourth of the window and no sample.

/** The window is cut into so many pieces. */
const PIECES = 24;
const THIRD = PIECES / 3;
/** Nothing is said before this share of the window was seen. */
const COVERED = 0.9;
/** Of what it grew by, the least that must have come in either half: what is loaded once and kept is no leak. */
const STEADY = 0.2;

/** One sample of a run. */
export interface Reading {
  /** On the run's clock: ms since it started, pauses left out. */
  readonly at: number;
  /** Whose heap: a run has one for each macro it called. */
  readonly realm: number;
  /** What it holds, garbage included unless it was collected (bytes). */
  readonly heapBytes: number;
  /** True when garbage was collected just before. */
  readonly collected: boolean;
  /** CPU used by the run so far. */
  readonly cpuMs: number;
}

/** How a heap grew. */
export interface Growth {
  /** Bytes a second. */
  readonly perSecond: number;
  /** False while garbage may be part of it. */
  readonly isCertain: boolean;
}

interface Piece {
  number: number;
  /** The least that was held, and when. */
  leastBytes: number;
  leastAt: number;
  /** The last reading. */
  lastAt: number;
  lastCpuMs: number;
}

/** What a heap held, and when. */
export interface HeapReading {
  readonly at: number;
  readonly bytes: number;
}

/** The readings of one run over one window. */
export class Readings {
  readonly #pieceMs: number;
  readonly #windowMs: number;
  #pieces: Piece[] = [];
  #realm = -1;
  /** The oldest of this heap, and the latest. */
  #heapFrom = 0;
  #latest: Reading | null = null;

  constructor(windowMs: number) {
    this.#windowMs = windowMs;
    this.#pieceMs = windowMs / PIECES;
  }

  /** Takes a sample. */
  add(reading: Reading): void {
    if (reading.realm !== this.#realm) {
      // Another heap: what the one before held says nothing of it.
      for (const piece of this.#pieces) piece.leastBytes = Number.POSITIVE_INFINITY;
      this.#realm = reading.realm;
      this.#heapFrom = reading.at;
    }
    this.#latest = reading;
    const number = Math.floor(reading.at / this.#pieceMs);
    let piece = this.#pieces.at(-1);
    if (piece?.number !== number) {
      piece = { number, leastBytes: Infinity, leastAt: reading.at, lastAt: 0, lastCpuMs: 0 };
      this.#pieces.push(piece);
      if ((this.#pieces[0] as Piece).number < number - PIECES) this.#pieces.shift();
    }
    piece.lastAt = reading.at;
    piece.lastCpuMs = reading.cpuMs;
    if (reading.heapBytes < piece.leastBytes) {
      piece.leastBytes = reading.heapBytes;
      piece.leastAt = reading.at;
    }
  }

  /** Forgets everything. */
  clear(): void {
    this.#pieces = [];
    this.#latest = null;
    this.#realm = -1;
  }

  /** The share of a processor used over the window; null before enough was seen. */
  get cpuShare(): number | null {
    const [first] = this.#pieces;
    const last = this.#latest;
    // The last reading of the first piece: several that came late together are true only of their end.
    if (!first || !last || last.at - first.lastAt < COVERED * this.#windowMs) return null;
    return (last.cpuMs - first.lastCpuMs) / (last.at - first.lastAt);
  }

  /**
   * How fast what is held grew all along the window: from the least of its first third to the least of its last, so that
   * garbage which is collected in between counts for nothing. Null before enough was seen, and where it did not grow in
   * both halves. Certain only when the latest reading comes from a collection.
   */
  get growth(): Growth | null {
    const latest = this.#latest;
    if (!latest || latest.at - this.#heapFrom < COVERED * this.#windowMs) return null;
    const [first, middle, last] = this.#thirds(latest);
    if (!first || !middle || !last || last.at <= first.at) return null;
    const grown = last.bytes - first.bytes;
    if (grown <= 0 || middle.bytes - first.bytes < STEADY * grown) return null;
    if (last.bytes - middle.bytes < STEADY * grown) return null;
    return {
      perSecond: (grown * 1000) / (last.at - first.at),
      isCertain: latest.collected,
    };
  }

  /** The least that was held in the pieces of late, oldest first. */
  heap(count: number): HeapReading[] {
    return this.#pieces
      .filter(({ leastBytes }) => Number.isFinite(leastBytes))
      .slice(-count)
      .map(({ leastAt, leastBytes }) => ({ at: leastAt, bytes: leastBytes }));
  }

  /** The least that was held in each third, and when; what a collection has left is the truth of the last. */
  #thirds(latest: Reading): (HeapReading | null)[] {
    const newest = (this.#pieces.at(-1) as Piece).number;
    const thirds: (HeapReading | null)[] = [null, null, null];
    for (const { number, leastBytes, leastAt } of this.#pieces) {
      const third = Math.min(2, Math.floor((number - (newest - PIECES)) / THIRD));
      const known = thirds[third];
      if (Number.isFinite(leastBytes) && (!known || leastBytes < known.bytes))
        thirds[third] = { at: leastAt, bytes: leastBytes };
    }
    if (latest.collected) thirds[2] = { at: latest.at, bytes: latest.heapBytes };
    return thirds;
  }
}
