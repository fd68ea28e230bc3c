// Owns everything a macro waits for in the bridge: what went out, what came back, and how much may still go out.

import type { Encoder } from './encode.ts';
import type { Callback, OwnCopies } from './own-copies.ts';
import type { Texts } from './texts.ts';

/** Fire and forget, from the isolate to the worker: 3.7 µs. */
export type Post = (kind: string, ...args: readonly unknown[]) => void;

/** What {@link requests} gives. */
export type Requests = ReturnType<typeof requests>;

/** What a request is told when it is over. */
interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
  readonly sleep: boolean;
  /** Where the macro asked, so that a failure can say so. */
  readonly stack: string;
}

/** Makes the functions that ask the worker for something and take its answers. */
export function requests(own: OwnCopies, texts: Texts, { encodeCrossing }: Encoder, post: Post) {
  const { keys, now, record, NativePromise, NativeNumber, NativeRangeError } = own;
  const { textOf } = texts;
  const captureStackTrace = own.captureStackTrace as (holder: object, above: Callback) => void;
  const WAITING_MAX = 10_000;
  const waiting = record() as Record<number, Waiting>;
  let nextId = 1;
  let waitingCount = 0;
  let asksOpen = 0;
  let commandsLeft = 0;

  /** The stack is formatted by `Error.prepareStackTrace`, which may be the macro's: anything can come of it. */
  const stackNow = (): string => {
    try {
      const holder = record();
      captureStackTrace(holder, stackNow as Callback);
      return textOf(holder.stack, 2000);
    } catch {
      return '';
    }
  };
  const refuse = (error: unknown): Promise<never> =>
    new NativePromise((_, reject) => reject(error));
  /** Sends a request; `convert` turns its answer into what the macro gets. Counted only once it is out. */
  const request = (
    kind: string,
    name: unknown,
    detail: unknown,
    convert: ((value: unknown) => unknown) | null = null,
  ): Promise<unknown> => {
    if (waitingCount >= WAITING_MAX)
      throw new NativeRangeError(
        `more than ${WAITING_MAX} commands and sleeps are pending at once`,
      );
    const sleep = kind === 'sleep';
    const stack = sleep ? '' : stackNow();
    const made: { entry: Waiting | null } = { entry: null };
    const promise = new NativePromise((resolve, reject) => {
      const convertThen = (value: unknown) => resolve(convert === null ? value : convert(value));
      made.entry = { resolve: convertThen, reject, sleep, stack };
    });
    // At the end of the stack the promise was rejected before it could be kept.
    if (made.entry === null) return promise;
    const id = nextId++;
    post(kind, id, name, detail, stack);
    waiting[id] = made.entry;
    waitingCount++;
    if (!sleep) asksOpen++;
    return promise;
  };

  const sleep = (ms: unknown): Promise<unknown> => {
    const time = NativeNumber(ms);
    // Written so that NaN is refused too.
    if (!(time >= 0))
      return refuse(new NativeRangeError('sleep(ms) takes a number of milliseconds, 0 or more'));
    try {
      return request('sleep', time > 2_147_483_647 ? 2_147_483_647 : time, now());
    } catch (error) {
      return refuse(error);
    }
  };
  /** Asks the host for something: a command, a slash line, state, another macro. */
  const ask = (
    kind: 'command' | 'slash' | 'state' | 'call',
    name: string,
    args: unknown,
    convert: ((value: unknown) => unknown) | null = null,
  ): Promise<unknown> => {
    const counted = kind === 'command' || kind === 'slash';
    try {
      const text = encodeCrossing(args, name);
      // One more than allowed goes out, so that the supervisor sees the limit passed; the rest never leaves.
      if (counted && commandsLeft < 0) return new NativePromise(() => {});
      const promise = request(kind, name, text, convert);
      if (counted) commandsLeft--;
      return promise;
    } catch (error) {
      return refuse(error);
    }
  };

  /** Forgets a request and gives what waits for it; undefined for one that nobody waits for any more. */
  const take = (id: number): Waiting | undefined => {
    const entry = waiting[id];
    if (entry === undefined) return undefined;
    delete waiting[id];
    waitingCount--;
    if (!entry.sleep) asksOpen--;
    return entry;
  };
  /** Only sleeps are cut short: a command under way is answered by its host. */
  const rejectSleeps = (reason: unknown): void => {
    const ids = keys(waiting);
    for (let i = 0; i < ids.length; i++) {
      const id = NativeNumber(ids[i]);
      if (waiting[id]?.sleep) take(id)?.reject(reason);
    }
  };

  return {
    ask,
    refuse,
    rejectSleeps,
    sleep,
    stackNow,
    take,
    /** True while the host has yet to answer something. */
    isAsking: () => asksOpen > 0,
    allow: (commands: number): void => {
      commandsLeft = commands;
    },
  };
}
