// Owns one connection to a running Corral: reads what is asked, checks it, answers, and tells what is watched. Whoever breaks
// the protocol, asks for too much at once or reads too slowly is cut off; nothing they do reaches further than that.

import type { Socket } from 'node:net';
import { ASK_BYTES_MAX, ControlAsk, type ControlTold } from '../model/control.ts';
import { toMessage } from '../model/errors.ts';
import type { FeedEvent } from '../model/feed.ts';
import { toFeedLine } from '../model/feed-line.ts';
import { carryOut } from './deeds.ts';
import { LineReader } from './line-reader.ts';
import type { Steered } from './steered.ts';

/** What a session needs of its server. */
export interface SessionHost {
  readonly corral: Steered;
  /** The snapshot of now as a line. */
  snapshotLine(): string;
  /** Calls a listener for each reading of each run; the returned function stops that. */
  onSample(listener: (told: ControlTold) => void): () => void;
}

/** Asks that may be open at once. */
const OPEN_ASKS_MAX = 32;
/** Snapshots and samples are left out while so much waits to be read (bytes) … */
const SKIP_BYTES = 64 * 1024;
/** … and who lets so much wait is cut off. */
const CUT_OFF_BYTES = 2 * 1024 * 1024;
/** How long the other side may take to read the last of it (ms). */
const GOODBYE_MS = 500;

/** One connection. */
export class Session {
  readonly #socket: Socket;
  readonly #host: SessionHost;
  readonly #reader = new LineReader(ASK_BYTES_MAX);
  readonly #unwatch: (() => void)[] = [];
  #open = 0;

  constructor(socket: Socket, host: SessionHost) {
    this.#socket = socket;
    this.#host = host;
    socket.on('data', (chunk: Buffer) => this.#read(chunk));
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.#stopWatching());
    // Nobody who looks on keeps a Corral alive.
    socket.unref();
  }

  /** Tells something. What may be left out is, while the other side is slow. */
  tell(told: ControlTold, mayBeLeftOut = false): void {
    this.#write(`${JSON.stringify(told)}\n`, mayBeLeftOut);
  }

  /** Ends the connection once what was told is on its way. */
  end(): void {
    this.#stopWatching();
    this.#socket.destroySoon();
    setTimeout(() => this.#socket.destroy(), GOODBYE_MS).unref();
  }

  #write(line: string, mayBeLeftOut: boolean): void {
    const { destroyed, writable, writableLength } = this.#socket;
    if (destroyed || !writable) return;
    if (mayBeLeftOut && writableLength > SKIP_BYTES) return;
    if (writableLength > CUT_OFF_BYTES) this.#socket.destroy();
    else this.#socket.write(line);
  }

  #read(chunk: Buffer): void {
    try {
      for (const value of this.#reader.push(chunk)) {
        const ask = ControlAsk.safeParse(value);
        if (!ask.success) throw new Error('that is no ask of this protocol; see docs/control.md');
        if (this.#open >= OPEN_ASKS_MAX) throw new Error('too much was asked at once');
        this.#take(ask.data);
      }
    } catch (error) {
      this.#refuse(toMessage(error));
    }
  }

  #refuse(message: string): void {
    this.tell({ type: 'answer', id: null, ok: false, message });
    this.#socket.removeAllListeners('data');
    this.#socket.pause();
    this.end();
  }

  #take(ask: ControlAsk): void {
    if (ask.ask === 'watch') this.#watch(ask);
    if (ask.ask === 'snapshot') this.#write(this.#host.snapshotLine(), false);
    if (ask.ask === 'watch' || ask.ask === 'snapshot') {
      this.tell({ type: 'answer', id: ask.id, ok: true, message: 'here it is' });
      return;
    }
    this.#open += 1;
    carryOut(ask, this.#host.corral)
      .catch((error: unknown) => ({ ok: false, message: toMessage(error) }))
      .then(({ ok, message }) => {
        this.#open -= 1;
        this.tell({ type: 'answer', id: ask.id, ok, message });
      })
      .catch(() => this.#socket.destroy());
  }

  /** A second one takes the place of the first. */
  #watch({ everyMs, recent, samples }: Extract<ControlAsk, { ask: 'watch' }>): void {
    this.#stopWatching();
    const { corral } = this.#host;
    if (recent > 0) for (const event of corral.feed.slice(-recent)) this.#tellOf(event);
    this.#write(this.#host.snapshotLine(), false);
    const timer = setInterval(() => this.#write(this.#host.snapshotLine(), true), everyMs).unref();
    this.#unwatch.push(
      () => clearInterval(timer),
      corral.onFeed((event) => this.#tellOf(event)),
    );
    if (samples) this.#unwatch.push(this.#host.onSample((told) => this.tell(told, true)));
  }

  #stopWatching(): void {
    for (const stop of this.#unwatch.splice(0)) stop();
  }

  #tellOf(event: FeedEvent): void {
    this.tell({ type: 'feed', ...toFeedLine(event), event: { ...event } });
  }
}
