// Owns measuring side by side: every contender once per round, in an order that changes, so that the machine's moods hit all alike.

/** Something timed: does one unit of work. */
export interface Contender {
  readonly name: string;
  run(): Promise<void> | void;
}

/** Times of one contender, ms, sorted. */
export interface Timing {
  readonly name: string;
  readonly timesMs: readonly number[];
}

/**
 * Runs each contender once per round and times it.
 * @param pauseMs between two measurements, so that what one leaves behind does not burden the next
 */
export async function alternate(
  contenders: readonly Contender[],
  options: { readonly rounds: number; readonly warmup: number; readonly pauseMs: number },
): Promise<Timing[]> {
  const times = new Map<string, number[]>(contenders.map(({ name }) => [name, []]));
  for (let round = -options.warmup; round < options.rounds; round++) {
    const shift = Math.abs(round) % contenders.length;
    for (const contender of [...contenders.slice(shift), ...contenders.slice(0, shift)]) {
      const from = performance.now();
      await contender.run();
      const ms = performance.now() - from;
      if (round >= 0) times.get(contender.name)?.push(ms);
      if (options.pauseMs > 0) await new Promise((resolve) => setTimeout(resolve, options.pauseMs));
    }
  }
  return contenders.map(({ name }) => ({
    name,
    timesMs: (times.get(name) ?? []).sort((a, b) => a - b),
  }));
}

/** The value at a share (0..1) of a sorted list, by the nearest rank: so many of the values are at most as large. */
export function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}
