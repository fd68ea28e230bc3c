// Owns which names sound as if what they name were a secret, to be masked wherever it would be shown. Names only: never values.

const SOUNDS_SECRET =
  /pass(word|phrase|wd)?|pwd|secret|token|bearer|jwt|auth|credential|cookie|(api|access|private)[_-]?key|session[_-]?id/i;
/** A word of its own, also within `userPin` and `pin_code`: `spin`, `ping` and `pinned` are no secrets. */
const PIN_WORD = /(?<![A-Za-z])pin(?![a-z])|Pin(?![a-z])|(?<![A-Za-z])PIN(?![A-Za-z])/;

/** Stands for a value that is not shown. */
export const MASKED = '(masked)';

/** True for a name such as `password` or `apiKey`. */
export function isSecretName(name: string): boolean {
  return SOUNDS_SECRET.test(name) || PIN_WORD.test(name);
}
