// Owns guessing which name was meant by a misspelt one.

import { distance } from 'fastest-levenshtein';

/** Which of some names a misspelt one means, or null; case, hyphens and underscores are no difference. */
export function closestName(name: string, names: readonly string[]): string | null {
  const plain = (text: string) => text.slice(0, 60).replace(/[-_]/g, '').toLowerCase();
  const ranked = names
    .map((each) => ({ each, far: distance(plain(name), plain(each)) }))
    .sort((a, b) => a.far - b.far);
  const [first] = ranked;
  return first && first.far <= 3 && first.far < plain(first.each).length ? first.each : null;
}
