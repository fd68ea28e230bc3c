// Owns what a macro may write in all, and its log lines.

import type { OwnCopies } from './own-copies.ts';
import type { Post, Requests } from './requests.ts';
import type { Texts } from './texts.ts';

/** What {@link output} gives. */
export type Output = ReturnType<typeof output>;

/** Makes `log` and `console`, and the count of what is left for them and for the result. */
export function output(
  own: OwnCopies,
  { cut, preview }: Texts,
  { stackNow }: Requests,
  post: Post,
) {
  const { define, freeze, keys } = own;
  const LINE_CHARS = 16_384;
  const VALUE_CHARS = 8_192;
  let left = 0;

  const writer =
    (level: string) =>
    (...values: unknown[]): void => {
      if (left <= 0) return;
      let text = '';
      for (let i = 0; i < values.length && text.length < LINE_CHARS; i++)
        text += (i > 0 ? ' ' : '') + preview(values[i], 3, VALUE_CHARS);
      text = cut(text, LINE_CHARS);
      left -= text.length + 16;
      post('log', level, text);
      if (left <= 0) post('overflow', stackNow());
    };
  const levels = {
    debug: freeze(writer('debug')),
    info: freeze(writer('info')),
    log: freeze(writer('info')),
    warn: freeze(writer('warn')),
    error: freeze(writer('error')),
    trace: freeze(writer('debug')),
  };
  // `log('…')` is what everybody writes first: it is `log.info`.
  const log = writer('info');
  const names = keys(levels) as (keyof typeof levels)[];
  for (let i = 0; i < names.length; i++) {
    const name = names[i] as keyof typeof levels;
    define(log, name, levels[name], false);
  }
  return {
    log: freeze(log),
    console: freeze(levels),
    /** UTF-16 code units that may still be written. */
    left: () => left,
    allow: (chars: number): void => {
      left = chars;
    },
  };
}
