// Owns colour: which stream gets any, by terminal and NO_COLOR; nothing else in the CLI writes an escape sequence for it.

import { styleText } from 'node:util';

/** A text style of Node's `util.styleText`. */
export type Style = Parameters<typeof styleText>[0];

/** Paints text for one stream; plain when that stream is no terminal or NO_COLOR is set. */
export type Paint = (style: Style, text: string) => string;

/** The paint of a stream. */
export function paintFor(stream: NodeJS.WriteStream): Paint {
  return (style, text) => styleText(style, text, { stream, validateStream: true });
}

/** The width of the terminal in columns; undefined where the output goes to none. */
export function terminalColumns(): number | undefined {
  return process.stderr.columns ?? process.stdout.columns;
}
