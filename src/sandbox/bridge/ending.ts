// Owns when a macro is over by itself: its body has returned, its asks are answered, its `every`s are stopped.

import type { Encoder } from './encode.ts';
import type { Output } from './output.ts';
import type { OwnCopies } from './own-copies.ts';
import type { Post, Requests } from './requests.ts';
import type { Texts } from './texts.ts';

/** What {@link ending} gives. */
export type Ending = ReturnType<typeof ending>;

/** Makes the functions that run the body and report its end, once. */
export function ending(
  { pin }: OwnCopies,
  { describeThrown }: Texts,
  { encodeResult }: Encoder,
  { isAsking }: Requests,
  { left }: Output,
  post: Post,
) {
  let held = 0;
  let ended = false;
  let result: { readonly value: unknown } | null = null;

  const fault = (error: unknown): void => {
    if (ended) return;
    ended = true;
    const { name, message, stack } = describeThrown(error);
    post('fault', name, message, stack);
  };
  const isDone = (): boolean => !ended && result !== null && held === 0 && !isAsking();
  const finishIfDone = (): void => {
    if (!isDone()) return;
    try {
      // Getters of the result run in here, and may come back to this very function.
      const { value } = result as { readonly value: unknown };
      result = null;
      const text = encodeResult(value, left());
      if (ended) return;
      ended = true;
      if (text === null) post('tooLong');
      else post('done', text);
    } catch (error) {
      fault(error);
    }
  };
  /** Runs the macro; never rejects: it reports every error itself. */
  const run = async (body: () => Promise<unknown>): Promise<void> => {
    try {
      result = { value: await pin(body()) };
    } catch (error) {
      fault(error);
      return;
    }
    finishIfDone();
  };
  return {
    run,
    fault,
    finishIfDone,
    /** After an answer: what the macro does with it comes first, so the worker calls back once that has run. */
    finishSoon: (): void => {
      if (isDone()) post('settled');
    },
    /** Keeps the macro from ending until {@link release}. */
    hold: (): void => {
      held++;
    },
    release: (): void => {
      held--;
      finishIfDone();
    },
  };
}
