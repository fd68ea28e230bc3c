// Owns a pattern file's text to start from: whole and fine, until a test changes a line of it.

/** A pattern that is fine. */
export const PATTERN_TEXT = `id: shout-spam
title: Shouting
risk: high
confidence: high
action: pause
maxOccurrences: 3
timeWindowMs: 2000
effects:
  - Everybody is annoyed
recovery:
  autoResumeAfterMs: 1000
  advice: Shout less.
match:
  command:
    category: chat
  static:
    ratePerWindowAtLeast: 4
message: "up to {{count}} {{command}} in {{window}}"
tests:
  invalid:
    - "for (;;) await chat.shout();"
  valid:
    - "await chat.shout();"
`;

/** {@link PATTERN_TEXT} with one piece of it replaced; throws when that piece is not there. */
export function patternText(from: string, to: string): string {
  if (!PATTERN_TEXT.includes(from)) throw new Error(`the pattern has no ${from}`);
  return PATTERN_TEXT.replace(from, () => to);
}
