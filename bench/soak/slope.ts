// Owns telling growth from noise: the slope of readings over time.

/** One reading. */
export interface Reading {
  /** ms. */
  readonly at: number;
  /** Bytes. */
  readonly bytes: number;
}

/**
 * The slope of readings in bytes a minute: the median of the slopes between all pairs (Theil 1950, Sen 1968), which a few
 * high readings between two collections do not move. 0 for fewer than three.
 */
export function bytesPerMinute(readings: readonly Reading[]): number {
  if (readings.length < 3) return 0;
  const slopes: number[] = [];
  for (const [index, from] of readings.entries())
    for (const to of readings.slice(index + 1))
      if (to.at > from.at) slopes.push(((to.bytes - from.bytes) / (to.at - from.at)) * 60_000);
  slopes.sort((a, b) => a - b);
  return slopes[Math.floor(slopes.length / 2)] ?? 0;
}
