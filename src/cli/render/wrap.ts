// Owns breaking prose into lines that fit a terminal.

import { displayWidth } from '../../model/display-width.ts';

/**
 * Breaks a text at blanks, never inside a word.
 * @param columns the widest a line may get
 */
export function wrap(text: string, columns: number): string[] {
  const lines: string[] = [];
  let line = '';
  let used = 0;
  for (const word of text.split(' ')) {
    const width = displayWidth(word);
    if (line !== '' && used + 1 + width > columns) {
      lines.push(line);
      line = word;
      used = width;
    } else {
      used += line === '' ? width : 1 + width;
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}
