// Owns how rules write large numbers.

import { formatCount } from '../../model/units.ts';

/** `1e+12` → `10^12`; others with separators, or as a power of ten when they are too long to read. */
export function countText(count: number): string {
  if (count === Number.POSITIVE_INFINITY) return 'endlessly many';
  const power = Math.log10(count);
  if (Number.isInteger(power) && power > 6) return `10^${power}`;
  return power < 16 ? formatCount(count) : `about 10^${Math.round(power)}`;
}
