// Owns what a macro that ended by itself came to: its result, or what it threw. Both come from its side and are checked.

import { decodeValue, encodeValue, RESULT_BOUNDS } from '../model/value.ts';
import type { FromWorkerOf } from '../model/wire.ts';
import type { Ending } from './ending.ts';
import { cleanStack, placeOfError } from './place.ts';
import type { RealmPlan } from './realm-plan.ts';

/** The part of an ending that a macro decides itself. */
export type Outcome = Pick<Ending, 'message' | 'value' | 'error' | 'place'> & {
  readonly reason: 'completed' | 'failed';
};

/** Reads a macro's own end. A result that is not well formed is the macro's failure. */
export function toOutcome(done: FromWorkerOf<'done'>, realm: RealmPlan): Outcome {
  if (done.error) {
    const { name, message, stack } = done.error;
    const found = placeOfError(done.error, realm);
    const place = found && {
      file: realm.analysis.file,
      ...found,
      source: 'error' as const,
      operation: null,
    };
    return failed({ name, message, stack: cleanStack(stack, realm) }, place);
  }
  try {
    const value = decodeValue(done.value ?? '', RESULT_BOUNDS, 'the result');
    const encoded = encodeValue(value, RESULT_BOUNDS, 'the result');
    return {
      reason: 'completed',
      message: 'it completed',
      value: encoded,
      error: null,
      place: null,
    };
  } catch (error) {
    const { name, message } = error instanceof Error ? error : new Error(String(error));
    return failed({ name, message, stack: '' }, null);
  }
}

function failed(error: Outcome['error'], place: Outcome['place']): Outcome {
  return { reason: 'failed', message: 'it threw an error', value: null, error, place };
}
