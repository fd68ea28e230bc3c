// Owns fitting text into so many columns of a terminal, wide letters counted as two.

import { displayWidth } from '../../model/display-width.ts';

/** Cuts a text to at most so many columns, `…` at its end where something is missing. */
export function cut(text: string, columns: number): string {
  if (displayWidth(text) <= columns) return text;
  let kept = '';
  let left = columns - 1;
  for (const char of text) {
    left -= displayWidth(char);
    if (left < 0) break;
    kept += char;
  }
  return columns < 1 ? '' : `${kept}…`;
}

/** A text in exactly so many columns. */
export function cell(text: string, columns: number, align: 'left' | 'right' = 'left'): string {
  const shown = cut(text, columns);
  const blank = ' '.repeat(Math.max(0, columns - displayWidth(shown)));
  return align === 'left' ? shown + blank : blank + shown;
}

/** A bar of so many columns, filled by a share from 0 to 1; anything above nothing shows. */
export function bar(share: number, columns: number): string {
  const bounded = Math.min(1, Math.max(0, Number.isFinite(share) ? share : 0));
  const least = Math.min(1, columns);
  const filled = bounded === 0 ? 0 : Math.max(least, Math.round(bounded * columns));
  return '▰'.repeat(filled) + '▱'.repeat(columns - filled);
}
