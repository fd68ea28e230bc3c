// Owns what the worker tells the macro's side: answers, sleeps that are over, the abort, and when to look for the end.

import type { Decoder } from './decode.ts';
import type { Ending } from './ending.ts';
import type { OwnCopies } from './own-copies.ts';
import type { Requests } from './requests.ts';
import type { Texts } from './texts.ts';

/** One delivery, as JSON: an answer to a request (`id` with `value` or `error`), an abort with its message, or `finish`. */
export interface BridgeDelivery {
  readonly id?: number;
  readonly value?: string | null;
  readonly error?: {
    readonly name: string;
    readonly message: string;
    readonly code: string;
  } | null;
  readonly abort?: string;
  /** All that the last answer woke has run: the macro may be over. */
  readonly finish?: true;
}

/** Makes the function that takes the JSON of a {@link BridgeDelivery}. */
export function receiver(
  { ownValue, parse }: OwnCopies,
  { named }: Texts,
  { decodeText }: Decoder,
  { take }: Requests,
  { finishIfDone, finishSoon }: Ending,
  abort: (message: string) => void,
): (text: string) => void {
  return (text: string): void => {
    const message = parse(text) as object;
    const aborted = ownValue(message, 'abort');
    if (typeof aborted === 'string') {
      abort(aborted);
      return;
    }
    if (ownValue(message, 'finish') === true) {
      finishIfDone();
      return;
    }
    const entry = take(ownValue(message, 'id') as number);
    if (!entry) return;
    const error = ownValue(message, 'error') as NonNullable<BridgeDelivery['error']> | null;
    const value = ownValue(message, 'value') as string | null;
    try {
      if (error) entry.reject(named(error.name, error.message, error.code, entry.stack));
      else entry.resolve(value === null ? undefined : decodeText(value));
    } catch (failure) {
      entry.reject(failure);
    }
    finishSoon();
  };
}
