// Owns a local server that answers as a chat service does: one answer after the other, as the test has them.

import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import { text } from 'node:stream/consumers';

/** What was sent to it. */
export interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly raw: string;
  readonly body: ReturnType<typeof JSON.parse>;
}

/** One answer. */
export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** The server. */
export class Remote implements AsyncDisposable {
  readonly received: Received[] = [];
  readonly url: string;
  /** What it answers after the answers it was started with: by default it takes everything. */
  usual: Reply = { status: 204 };
  readonly #server: Server;
  #wake = Promise.withResolvers<void>();

  private constructor(server: Server, replies: Reply[]) {
    this.#server = server;
    this.url = `http://127.0.0.1:${(server.address() as { port: number }).port}`;
    server.on('request', async (request, response) => {
      const raw = await text(request);
      const { url: path = '', headers } = request;
      this.received.push({ path, headers, raw, body: JSON.parse(raw) });
      const { status, headers: sent, body } = replies.shift() ?? this.usual;
      response.writeHead(status, sent).end(body);
      this.#wake.resolve();
      this.#wake = Promise.withResolvers();
    });
  }

  /** Starts one; these are its first answers. */
  static async start(...replies: Reply[]): Promise<Remote> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new Remote(server, replies);
  }

  /** Resolves once so much was sent to it. */
  async until(count: number): Promise<readonly Received[]> {
    while (this.received.length < count) await this.#wake.promise;
    return this.received;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
