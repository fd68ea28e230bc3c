// Owns which problem an error is told as: those of routes, of submissions, of the schemas, and Fastify's own.

import type { FastifyError } from 'fastify';
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod';
import { CorralError } from '../corral.ts';
import { SubmissionError } from '../service/submission-error.ts';
import { isRefusedByDisk } from '../store/history/disk-refusal.ts';
import { ProblemError } from './problem.ts';

const SUBMISSION_PROBLEM = {
  'not-found': 'not-found',
  disabled: 'conflict',
  'idempotency-mismatch': 'idempotency-mismatch',
  'bad-input': 'bad-input',
  'disk-full': 'disk-full',
  quota: 'too-many',
  busy: 'unavailable',
} as const;

/** Fastify tells both alike, and the second is refused for good reason. */
const NO_JSON =
  'The body is not valid JSON, or has a key that nobody may send (`__proto__`, or `constructor` with `prototype`).';
const WRONG_TYPE =
  'Send JSON, and say so: `content-type: application/json`. (A file is uploaded as `multipart/form-data`.)';
/** zod's words for a word in the address where a number belongs. */
const NAN = 'Invalid input: expected number, received NaN';
/** When a full disk may have room again (ms). */
const DISK_AGAIN_MS = 60_000;

/** An error as a problem; what nobody foresaw is `internal`, and says nothing of itself. */
export function toProblemError(thrown: unknown): ProblemError {
  const error = thrown as FastifyError;
  if (error instanceof ProblemError) return error;
  if (error instanceof SubmissionError) {
    const { retryAfterMs, cause } = error;
    return new ProblemError(SUBMISSION_PROBLEM[error.code], error.message, { retryAfterMs, cause });
  }
  if (thrown instanceof CorralError && thrown.exitCode === 2) {
    const code = thrown.code === 'bad-input' ? 'bad-input' : 'bad-request';
    return new ProblemError(code, thrown.message, { cause: thrown });
  }
  if (isRefusedByDisk(thrown))
    return new ProblemError(
      'disk-full',
      'The disk takes nothing at the moment; make room, and try again.',
      {
        retryAfterMs: DISK_AGAIN_MS,
        cause: thrown,
      },
    );
  if (hasZodFastifySchemaValidationErrors(error)) {
    const errors = error.validation.slice(0, 10).map(({ instancePath, message }) => ({
      path: instancePath.slice(0, 200),
      message: (message ?? 'is wrong').replace(NAN, 'must be a number').slice(0, 300),
    }));
    const told = errors.map(({ path, message }) => `${path || '/'}: ${message}`).join('; ');
    return new ProblemError('bad-request', told, { errors, cause: error });
  }
  if (error.code === 'FST_ERR_CTP_INVALID_JSON_BODY')
    return new ProblemError('bad-request', NO_JSON, { cause: error });
  const status = error.statusCode ?? 500;
  if (status === 413) return new ProblemError('too-large', error.message, { cause: error });
  if (status === 415) return new ProblemError('wrong-type', WRONG_TYPE, { cause: error });
  if (status >= 400 && status < 500)
    return new ProblemError('bad-request', error.message, { cause: error });
  return new ProblemError('internal', 'Something went wrong in Corral; its log says what.', {
    cause: error,
  });
}
