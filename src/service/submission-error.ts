// Owns why a submission was not taken: one closed set of codes, each with when to come back where that helps.

/** Why something was not taken. */
export class SubmissionError extends Error {
  override readonly name = 'SubmissionError';
  readonly code:
    | 'not-found'
    | 'disabled'
    | 'idempotency-mismatch'
    | 'bad-input'
    | 'disk-full'
    | 'quota'
    | 'busy';
  readonly retryAfterMs: number | null;

  constructor(
    code: SubmissionError['code'],
    message: string,
    options: { readonly retryAfterMs?: number; readonly cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.code = code;
    this.retryAfterMs = options.retryAfterMs ?? null;
  }
}
