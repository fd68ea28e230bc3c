// Owns what is handed in to be run, by whom, and what is said to that.

import type { Run } from '../corral.ts';
import type { LimitName } from '../model/limits.ts';
import type { TraceParent } from './tracing.ts';

/** What is submitted: a text, or a macro of the library. */
export interface Submission {
  /** With a macro: what its text has to be still. */
  readonly source?: string | undefined;
  readonly macro?: string | undefined;
  /** What the library calls it, of a text that was taken from there. */
  readonly name?: string | undefined;
  /** Of the library's macro; its newest by default. */
  readonly version?: number | undefined;
  readonly input?: unknown;
  readonly limits?: Partial<Record<LimitName, string | number>> | undefined;
  readonly seed?: number | undefined;
  readonly priority?: number | undefined;
  readonly file?: string | undefined;
  readonly lint?: boolean | undefined;
  /** The run that this one is once more. */
  readonly retryOf?: string | undefined;
}

/** What is kept of a submission beside its text. */
export interface KeptSubmission extends Omit<Submission, 'source'> {
  /** A key's id, or `local`; an older Corral kept none. */
  readonly by?: string | undefined;
}

/** Who submits. */
export interface Submitter {
  readonly owner: string;
  /** A key's id, or `local`. */
  readonly by: string;
  /** Sent again with the same request, it is the same run. */
  readonly idempotencyKey?: string | undefined;
  /** The span of the request that it came with. */
  readonly trace?: TraceParent | undefined;
  /** Called with a new run before it tells anything: even what it tells first is heard. */
  readonly begun?: ((run: Run) => void) | undefined;
}

/** What was taken: a new run, or the one of an earlier request with the same key. */
export interface Taken {
  readonly id: string;
  readonly isNew: boolean;
}
