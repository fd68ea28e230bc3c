// Owns making hostile text harmless before a terminal, a log or a text file shows it: no control, no bidi, no flood.

// Controls, lone surrogates, line and paragraph separators, and all that shows nothing or turns text around: zero-width and
// bidirectional marks, blank letters, tag characters. Only the selectors that emoji and accents need stay.
const UNSAFE =
  /[[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Cf}\p{Default_Ignorable_Code_Point}]--[\u{fe00}-\u{fe0f}]]/gv;

const SHORT: Record<string, string> = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '\u001b': '\\x1b' };

/** How {@link safeText} treats its text. */
export interface SafeTextOptions {
  /** The most UTF-16 code units kept; the rest becomes `… (+N)`. Default 2,000. */
  readonly charsMax?: number;
  /** Keep line breaks and tabs as they are. Default false: everything ends up on one line. */
  readonly multiline?: boolean;
}

/** Text from a macro, made safe to show: controls and invisible marks are written as escapes, the length is bounded. */
export function safeText(text: string, options: SafeTextOptions = {}): string {
  const { charsMax = 2000, multiline = false } = options;
  const kept = text.length > charsMax ? text.slice(0, charsMax) : text;
  const escaped = kept.replace(UNSAFE, (char) => {
    if (multiline && (char === '\n' || char === '\t')) return char;
    return SHORT[char] ?? `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`;
  });
  return text.length > charsMax ? `${escaped}… (+${text.length - charsMax} characters)` : escaped;
}
