// Owns one inspector session of one isolate: requests by number, their answers, and an end that does not crash the process.

import type ivm from 'isolated-vm';

interface Reply {
  readonly id?: number;
  readonly result?: Record<string, unknown>;
  readonly error?: { readonly message: string };
  readonly method?: string;
  readonly params?: Record<string, unknown>;
}

/** Takes what the isolate says unasked. */
export type OnNotification = (method: string, params: Record<string, unknown>) => void;

/** Keep it referenced as long as its isolate lives: a collected session crashes the process. */
export class Session {
  readonly #isolate: ivm.Isolate;
  readonly #session: ivm.InspectorSession;
  readonly #onNotification: OnNotification;
  readonly #waiting = new Map<number, (reply: Reply) => void>();
  #onAnswer: (() => void) | null = null;
  #id = 0;
  #dialogues = 0;
  #closed = false;

  constructor(isolate: ivm.Isolate, onNotification: OnNotification) {
    this.#isolate = isolate;
    this.#onNotification = onNotification;
    this.#session = isolate.createInspectorSession();
    this.#session.onResponse = (_id: number, text: string) => this.#take(text);
    this.#session.onNotification = (text: string) => this.#take(text);
  }

  /** Asks the isolate something. @throws {Error} what it says against it, or that the session is closed */
  send(method: string, params: Record<string, unknown> = {}): Promise<Record<string, unknown>> {
    // A message to an isolate that is gone aborts the process.
    if (this.#closed || this.#isolate.isDisposed)
      return Promise.reject(new Error('the inspector session is closed'));
    const id = ++this.#id;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, (reply) => {
        if (reply.error) reject(new Error(reply.error.message));
        else resolve(reply.result ?? {});
      });
      this.#session.dispatchProtocolMessage(JSON.stringify({ id, method, params }));
    });
  }

  /**
   * Several requests of which one follows from the answer to another: they count as in flight from the first to the last, so
   * that the isolate is not disposed of in between.
   */
  async dialogue<Result>(talk: () => Promise<Result>): Promise<Result> {
    this.#dialogues += 1;
    try {
      return await talk();
    } finally {
      this.#dialogues -= 1;
      this.#onAnswer?.();
    }
  }

  /** Requests that have not been answered, and dialogues that go on. */
  get inFlight(): number {
    return this.#waiting.size + this.#dialogues;
  }

  /** Resolves with the next answer, or end of a dialogue. */
  nextAnswer(): Promise<void> {
    return new Promise((resolve) => {
      this.#onAnswer = resolve;
    });
  }

  /** Ends the session. Must come before the isolate's disposal, and never after the isolate is gone (that hangs). */
  close(): void {
    this.#closed = true;
    this.#session.dispose();
  }

  /** Gives up the session without touching it: for an isolate that is already gone. */
  abandon(): void {
    this.#closed = true;
  }

  #take(text: string): void {
    const reply = JSON.parse(text) as Reply;
    if (reply.id === undefined) {
      if (reply.method !== undefined) this.#onNotification(reply.method, reply.params ?? {});
      return;
    }
    const resolve = this.#waiting.get(reply.id);
    this.#waiting.delete(reply.id);
    resolve?.(reply);
    this.#onAnswer?.();
  }
}

/**
 * A reading cut off by the isolate's end has nobody left to tell; the end itself is reported elsewhere. A slip of our own is
 * handed on, and ends the worker: without readings nothing would hold the macro to its limits. Only for what a macro
 * cannot make fail as it likes.
 */
export function ignoreGone(error: unknown): null {
  if (error instanceof TypeError || error instanceof ReferenceError) throw error;
  return null;
}

/** A request cut off by the session's end has nobody left to tell. */
export function ignoreClosed(): void {
  // Deliberately empty.
}
