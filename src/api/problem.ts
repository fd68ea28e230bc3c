// Owns how the API says what went wrong: RFC 9457 problem details, one closed set of types.

import { z } from 'zod';

/** Every problem, with its status and what it is called. */
export const PROBLEMS = {
  'bad-request': [400, 'The request is not as it should be'],
  'bad-input': [400, 'What was given does not fit'],
  unauthenticated: [401, 'A key is needed'],
  forbidden: [403, 'That is not allowed'],
  'not-found': [404, 'There is no such thing'],
  'method-not-allowed': [405, 'This cannot be done with it'],
  conflict: [409, 'That cannot be done as it is now'],
  'too-slow': [408, 'The request took too long'],
  'too-large': [413, 'The request is too large'],
  'wrong-type': [415, 'The content is of another type'],
  'idempotency-mismatch': [422, 'The same Idempotency-Key came with another request'],
  'too-many': [429, 'Too many at once'],
  'head-too-large': [431, 'The head of the request is too large'],
  internal: [500, 'Corral itself is broken'],
  unavailable: [503, 'Not now'],
  'disk-full': [507, 'The disk is full'],
} as const satisfies Record<string, readonly [number, string]>;

/** One of {@link PROBLEMS}. */
export type ProblemCode = keyof typeof PROBLEMS;

/** A problem as it is sent, `application/problem+json`. */
export const Problem = z.object({
  type: z.string().describe('where it is explained'),
  title: z.string(),
  status: z.int(),
  detail: z.string().describe('what is wrong here, and what to do'),
  code: z.enum(Object.keys(PROBLEMS) as [ProblemCode, ...ProblemCode[]]),
  instance: z.string().optional(),
  errors: z
    .array(z.object({ path: z.string(), message: z.string() }))
    .optional()
    .describe('each field that is wrong'),
  retryAfterMs: z.number().optional(),
});
export type Problem = z.infer<typeof Problem>;

const CHARS_MAX = 1_000;

/** Thrown by a route: becomes a problem. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  readonly code: ProblemCode;
  /** When to try again (ms); null when that does not help. */
  readonly retryAfterMs: number | null;
  readonly errors: Problem['errors'];

  constructor(
    code: ProblemCode,
    detail: string,
    rest: {
      readonly retryAfterMs?: number | null;
      readonly errors?: Problem['errors'];
      readonly cause?: unknown;
    } = {},
  ) {
    super(detail, { cause: rest.cause });
    this.code = code;
    this.retryAfterMs = rest.retryAfterMs ?? null;
    this.errors = rest.errors;
  }

  get status(): number {
    return PROBLEMS[this.code][0];
  }

  /** As it is sent. */
  toProblem(instance: string): Problem {
    const [status, title] = PROBLEMS[this.code];
    return {
      type: `/docs#${this.code}`,
      title,
      status,
      detail: this.message.slice(0, CHARS_MAX),
      code: this.code,
      instance: instance.slice(0, 200),
      ...(this.errors && { errors: this.errors }),
      ...(this.retryAfterMs !== null && { retryAfterMs: this.retryAfterMs }),
    };
  }
}
