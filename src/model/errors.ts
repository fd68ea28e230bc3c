// Owns the errors Corral raises itself: one class, one catalogue of stable codes that docs/errors.md mirrors.

/** Every stable error code, and the exit code of the CLI that belongs to it (2 wrong input, 3 Corral is broken). */
export const ERROR_CODES = {
  'bad-usage': 2,
  'bad-limit': 2,
  'bad-input': 2,
  'bad-command': 2,
  'bad-config': 2,
  'bad-dump': 2,
  'bad-pattern': 2,
  'bad-state': 2,
  'bad-store': 2,
  'no-server': 2,
  'unreadable-file': 2,
  'unwritable-file': 2,
  'source-too-large': 2,
  'not-utf8': 2,
  closed: 2,
  'walls-missing': 2,
  'worker-start': 3,
  internal: 3,
} as const;

/** One of {@link ERROR_CODES}. */
export type ErrorCode = keyof typeof ERROR_CODES;

/** An error of Corral's own: `code` is stable, `message` says what is wrong with which value and what to do. */
export class CorralError extends Error {
  override readonly name = 'CorralError';
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }

  /** The exit code the CLI gives for this error. */
  get exitCode(): 2 | 3 {
    return ERROR_CODES[this.code];
  }
}

/** The message of anything thrown, an Error or not; bounded to 2,000 characters. */
export function toMessage(thrown: unknown): string {
  let text: string;
  try {
    text = String(thrown instanceof Error ? thrown.message : thrown);
  } catch {
    // An object without a prototype, or one that throws when it is looked at.
    text = 'something that is no error and has no text was thrown';
  }
  return text.length > 2000 ? `${text.slice(0, 2000)}…` : text;
}
