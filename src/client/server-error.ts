// Owns what a client throws: a server that cannot be reached, or the problem with which one has refused.

import { z } from 'zod';
import { toSystemReason } from '../model/errno.ts';
import { CorralError, toMessage } from '../model/errors.ts';
import { safeText } from '../model/safe-text.ts';

/** The parts of a problem (RFC 9457) that a client needs. */
const Problem = z.looseObject({
  code: z.string().max(100),
  detail: z.string().max(2_000),
  status: z.int(),
  retryAfterMs: z.number().optional(),
});

/** A server could not be reached, or refused what was asked. */
export class ServerError extends CorralError {
  /** The HTTP status; null where there was no answer. */
  readonly status: number | null;
  /** The problem's own code (`not-found`, `quota` …); null where the answer was none of Corral's. */
  readonly problem: string | null;
  /** When to try again (ms); null where that is not known. */
  readonly retryAfterMs: number | null;

  constructor(
    message: string,
    about: {
      readonly status?: number;
      readonly problem?: string;
      readonly retryAfterMs?: number | undefined;
      readonly cause?: unknown;
    } = {},
  ) {
    super('no-server', message, { cause: about.cause });
    this.status = about.status ?? null;
    this.problem = about.problem ?? null;
    this.retryAfterMs = about.retryAfterMs ?? null;
  }
}

/** What is thrown where no answer came, or one that nobody understands. */
export function unreachable(url: string, error: unknown): ServerError {
  // `fetch failed` says nothing; its cause does.
  const cause = error instanceof Error && error.cause ? error.cause : error;
  const why = cause instanceof Error ? toSystemReason(cause) : toMessage(cause);
  return new ServerError(`Cannot reach a Corral at ${safeText(url)}: ${safeText(why)}.`, {
    cause: error,
  });
}

/** What is thrown for an answer that is no success. */
export async function toServerError(response: Response, url: string): Promise<ServerError> {
  const { status } = response;
  const parsed = Problem.safeParse(await response.json().catch(() => null));
  if (!parsed.success)
    return new ServerError(
      `${safeText(url)} answered with status ${status}, and not as a Corral does.`,
      { status },
    );
  const { code, detail, retryAfterMs } = parsed.data;
  return new ServerError(safeText(detail), { status, problem: code, retryAfterMs });
}
