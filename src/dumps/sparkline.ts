// Owns the tiny one-line charts of a summary.

const BLOCKS = '▁▂▃▄▅▆▇█';

/** A point of a curve: ms since the run started, and a value. */
export interface Point {
  readonly at: number;
  readonly value: number;
}

/** A curve in one line, lowest to highest block, `max` being the highest; '' when there are fewer than two points. */
export function sparkline(points: readonly Point[], max: number, cells: number): string {
  if (points.length < 2 || !(max > 0)) return '';
  return resample(points, Math.min(cells, points.length))
    .map((value) => {
      const step = Math.floor((Math.max(0, value ?? 0) / max) * BLOCKS.length);
      return BLOCKS[Math.min(BLOCKS.length - 1, step)];
    })
    .join('');
}

/**
 * Spreads points over cells of equal time, from 0 to `endMs` (default: the last point): the highest of each cell, between
 * two points a straight line, before the first the first, after the last null.
 */
export function resample(
  points: readonly Point[],
  cells: number,
  endMs: number = points.at(-1)?.at ?? 0,
): (number | null)[] {
  const values: (number | null)[] = new Array(cells).fill(null);
  const cellOf = (at: number) => {
    const cell = endMs > 0 ? Math.floor((at / endMs) * cells) : 0;
    return Math.min(cells - 1, Math.max(0, cell));
  };
  for (const { at, value } of points) {
    const cell = cellOf(at);
    values[cell] = Math.max(values[cell] ?? value, value);
  }
  fillGaps(values);
  return values;
}

function fillGaps(values: (number | null)[]): void {
  let from = -1;
  values.forEach((value, to) => {
    if (value === null) return;
    const start = from < 0 ? value : (values[from] ?? value);
    for (let cell = from + 1; cell < to; cell++)
      values[cell] = start + ((value - start) * (cell - from)) / (to - from);
    from = to;
  });
}

/** How busy a run was between one sample and the next, 0 to 1 (1 is one core), from CPU used so far. */
export function toBusyness(samples: readonly { at: number; cpuMs: number }[]): Point[] {
  const points: Point[] = [];
  let before = { at: 0, cpuMs: 0 };
  for (const sample of samples) {
    const ms = sample.at - before.at;
    if (ms <= 0) continue;
    const share = (sample.cpuMs - before.cpuMs) / ms;
    points.push({ at: sample.at, value: Math.min(1, Math.max(0, share)) });
    before = sample;
  }
  return points;
}
