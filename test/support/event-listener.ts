// Owns a listener of `/api/events` for tests: reads what is sent to it as an EventSource does, and only when it is asked to.

import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** One event as it was sent. */
export interface SentEvent {
  readonly id: number;
  readonly type: string;
  readonly data: ReturnType<typeof JSON.parse>;
}

/** Listens until it is disposed of. */
export class EventListener implements Disposable {
  readonly events: SentEvent[] = [];
  readonly socket: Socket;
  #text = '';
  #wake = Promise.withResolvers<void>();

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.setEncoding('utf8');
    socket.on('data', (chunk) => this.#read(String(chunk)));
    socket.on('error', () => undefined);
    socket.on('close', () => this.#wake.resolve());
  }

  /** Opens a stream; resolves once the server has begun to answer. */
  static async open(
    url: string,
    { query = '', lastId }: { readonly query?: string; readonly lastId?: number } = {},
  ): Promise<EventListener> {
    const { port, host } = new URL(url);
    const listener = new EventListener(connect(Number(port), '127.0.0.1'));
    const last = lastId === undefined ? '' : `Last-Event-ID: ${lastId}\r\n`;
    listener.socket.write(`GET /api/events${query} HTTP/1.1\r\nHost: ${host}\r\n${last}\r\n`);
    await once(listener.socket, 'data');
    return listener;
  }

  /** Resolves with the first event that fits, of those so far and those to come. */
  async first(fits: (event: SentEvent) => boolean): Promise<SentEvent> {
    for (;;) {
      const found = this.events.find(fits);
      if (found) return found;
      if (this.socket.destroyed) throw new Error('the stream was closed before such an event');
      await this.#wake.promise;
    }
  }

  [Symbol.dispose](): void {
    this.socket.destroy();
  }

  #read(chunk: string): void {
    // The lines of HTTP's chunks hold no event.
    this.#text += chunk;
    for (;;) {
      const found = /id: (\d+)\nevent: ([\w-]+)\ndata: (.*)\n\n/.exec(this.#text);
      if (!found) break;
      this.#text = this.#text.slice(found.index + found[0].length);
      this.events.push({
        id: Number(found[1]),
        type: found[2] ?? '',
        data: JSON.parse(found[3] ?? ''),
      });
    }
    this.#wake.resolve();
    this.#wake = Promise.withResolvers();
  }
}
