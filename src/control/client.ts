// Owns the watching side of a control socket: connects to one running Corral, asks, and hands out what it tells. What comes
// is checked like anything from outside; a Corral that breaks the protocol is left.

import { connect, type Socket } from 'node:net';
import {
  CONTROL_PROTOCOL,
  type ControlAsk,
  ControlTold,
  type ControlToldOf,
  TELL_BYTES_MAX,
} from '../model/control.ts';
import { toSystemReason } from '../model/errno.ts';
import { toMessage } from '../model/errors.ts';
import { LineReader } from './line-reader.ts';

/** An ask without its number. */
export type Ask = ControlAsk extends infer Each
  ? Each extends ControlAsk
    ? Omit<Each, 'id'>
    : never
  : never;

/** What came of an ask. */
export type Answer = Pick<ControlToldOf<'answer'>, 'ok' | 'message'>;

/** How a connection ended. */
export interface Closing {
  /** One phrase. */
  readonly why: string;
  /** True when there is nobody any more; false when somebody is there who is not to be talked to. */
  readonly isGone: boolean;
}

/** How long a Corral may take to let somebody in, and to do what it was asked (ms). */
const HELLO_MS = 5_000;
const ANSWER_MS = 15_000;
/** What the system says where nobody listens any more. */
const GONE: ReadonlySet<string> = new Set(['ECONNREFUSED', 'ECONNRESET', 'ENOENT', 'EPIPE']);

/** A connection to one running Corral. */
export class ControlClient implements Disposable {
  /** Who is there; rejects when nobody lets us in, or speaks another protocol. */
  readonly hello: Promise<ControlToldOf<'hello'>>;
  /** Resolves once the connection is over. */
  readonly closed: Promise<Closing>;
  readonly #socket: Socket;
  readonly #reader = new LineReader(TELL_BYTES_MAX);
  readonly #open = new Map<number, (answer: Answer) => void>();
  readonly #onTold: (told: ControlTold) => void;
  readonly #hello = Promise.withResolvers<ControlToldOf<'hello'>>();
  #asked = 0;
  #closing: Closing | null = null;

  /** @param onTold called for everything that is told but answers */
  constructor(target: string, onTold: (told: ControlTold) => void = () => undefined) {
    this.#onTold = onTold;
    this.#socket = connect(target);
    this.hello = this.#hello.promise;
    this.hello.catch(() => undefined);
    const timer = setTimeout(() => this.#leave('it does not answer'), HELLO_MS);
    this.hello.then(() => clearTimeout(timer)).catch(() => clearTimeout(timer));
    this.#socket.on('data', (chunk: Buffer) => this.#read(chunk));
    this.#socket.on('error', (error: NodeJS.ErrnoException) =>
      this.#leave(toSystemReason(error), GONE.has(error.code ?? '')),
    );
    const closed = Promise.withResolvers<Closing>();
    this.closed = closed.promise;
    this.#socket.once('close', () => {
      const closing = this.#closing ?? { why: 'it has ended', isGone: true };
      this.#hello.reject(new Error(closing.why));
      for (const answer of this.#open.values()) answer({ ok: false, message: closing.why });
      this.#open.clear();
      closed.resolve(closing);
    });
  }

  /** Asks, and resolves with what came of it. Never rejects. */
  ask(ask: Ask): Promise<Answer> {
    if (this.#socket.destroyed) return Promise.resolve({ ok: false, message: 'it has ended' });
    this.#asked += 1;
    const id = this.#asked;
    const { promise, resolve } = Promise.withResolvers<Answer>();
    const timer = setTimeout(() => {
      this.#open.delete(id);
      resolve({ ok: false, message: `no answer within ${ANSWER_MS / 1000} s` });
    }, ANSWER_MS);
    this.#open.set(id, (answer) => {
      clearTimeout(timer);
      resolve(answer);
    });
    this.#socket.write(`${JSON.stringify({ ...ask, id })}\n`);
    return promise;
  }

  [Symbol.dispose](): void {
    this.#socket.destroy();
  }

  #leave(why: string, isGone = false): void {
    this.#closing ??= { why, isGone };
    this.#socket.destroy();
  }

  #read(chunk: Buffer): void {
    try {
      for (const value of this.#reader.push(chunk)) this.#take(value);
    } catch (error) {
      this.#leave(toMessage(error));
    }
  }

  #take(value: unknown): void {
    const { success, data: told } = ControlTold.safeParse(value);
    if (!success) throw new Error('it says what this version does not understand');
    if (told.type === 'hello') {
      if (told.protocol !== CONTROL_PROTOCOL)
        throw new Error(`it speaks version ${told.protocol} of the protocol`);
      this.#hello.resolve(told);
    }
    if (told.type !== 'answer') this.#onTold(told);
    else if (told.id === null) this.#leave(told.message);
    else {
      this.#open.get(told.id)?.(told);
      this.#open.delete(told.id);
    }
  }
}
