// Owns the door for Chrome's DevTools: a WebSocket on the loopback address that one debugger may use once.

import { randomBytes, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import {
  DEBUG_MESSAGE_CHARS_MAX,
  type DebugDoor,
  type DebuggedRun,
  type DebuggerSide,
} from '../model/debugging.ts';
import { CorralError } from '../model/errors.ts';

/** A door for one debugger of one run: give it to `start` as `debug`. Closing it lets a held macro go on. */
export interface Devtools extends DebugDoor, AsyncDisposable {
  readonly port: number;
  /** What a debugger connects to: `ws://127.0.0.1:…`. Whoever knows it can do all the macro can, once. */
  readonly webSocketUrl: string;
  /** The same as an address for Chrome. */
  readonly chromeUrl: string;
  /** Resolves once a debugger has come in. */
  readonly entered: Promise<void>;
  close(): Promise<void>;
}

const LOOPBACK = '127.0.0.1';
const TOKEN_BYTES = 24;
/** Nobody needs more at once, and each costs a descriptor. */
const CONNECTIONS_MAX = 16;
/** Whoever connects says what it wants within this time (ms). */
const REQUEST_MS = 5_000;
/** A debugger that stops reading may not make this process hold more than this (bytes). */
const UNREAD_BYTES_MAX = 64 * 1024 * 1024;
/** DevTools says some 30 things before it waits for an answer. */
const EARLY_MAX = 200;
/** How long a debugger may take to say goodbye (ms). */
const GOODBYE_MS = 500;
const GOING_AWAY = 1001;
const UNSUPPORTED_DATA = 1003;
const TRY_AGAIN_LATER = 1013;

/**
 * Opens the door.
 * @param port 0 for any that is free
 * @throws {CorralError} `bad-usage` when the port is taken or not allowed
 */
export async function openEndpoint(port: number): Promise<Devtools> {
  const server = createServer({ headersTimeout: REQUEST_MS, requestTimeout: REQUEST_MS });
  server.maxConnections = CONNECTIONS_MAX;
  await listen(server, port);
  return new Endpoint(server);
}

function listen(server: Server, port: number): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', (error: NodeJS.ErrnoException) => {
    const why = error.code === 'EADDRINUSE' ? 'it is in use' : error.message;
    reject(
      new CorralError(
        'bad-usage',
        `Cannot open port ${port} for a debugger: ${why}; choose another one, or 0 for any.`,
        { cause: error },
      ),
    );
  });
  server.listen({ host: LOOPBACK, port, exclusive: true }, resolve);
  return promise;
}

class Endpoint implements Devtools {
  readonly port: number;
  readonly entered: Promise<void>;
  readonly #server: Server;
  readonly #token = randomBytes(TOKEN_BYTES).toString('base64url');
  readonly #sockets = new WebSocketServer({
    noServer: true,
    maxPayload: DEBUG_MESSAGE_CHARS_MAX,
    perMessageDeflate: false,
  });
  readonly #entered = Promise.withResolvers<void>();
  #isUsed = false;
  #socket: WebSocket | null = null;
  #run: DebuggedRun | null = null;
  /** What it said before the run was there. */
  readonly #early: (string | null)[] = [];
  #earlyChars = 0;
  #closed: Promise<void> | null = null;

  constructor(server: Server) {
    this.#server = server;
    this.port = (server.address() as AddressInfo).port;
    this.entered = this.#entered.promise;
    server.on('upgrade', (request: IncomingMessage, stream: Duplex, head: Buffer) => {
      // What goes wrong with one connection concerns nobody else.
      stream.on('error', () => stream.destroy());
      const refusal = this.#refusal(request);
      if (refusal) refuse(stream, refusal);
      else this.#letIn(request, stream, head);
    });
    server.on('request', (_request, response) => {
      response.writeHead(426, { 'content-type': 'text/plain', connection: 'close' });
      response.end(
        'A debugger connects here by WebSocket, with the address that Corral printed.\n',
      );
    });
  }

  get webSocketUrl(): string {
    return `ws://${this.#address}`;
  }

  get chromeUrl(): string {
    return `devtools://devtools/bundled/js_app.html?v8only=true&ws=${this.#address}`;
  }

  get #address(): string {
    return `${LOOPBACK}:${this.port}/${this.#token}`;
  }

  connect(run: DebuggedRun): DebuggerSide {
    if (this.#run)
      throw new CorralError('bad-usage', 'A door for a debugger serves one run; open another.');
    this.#run = run;
    for (const message of this.#early.splice(0)) run.tell(message);
    return {
      hear: (message) => this.#say(message),
      end: () => void this.close(),
    };
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    this.#isUsed = true;
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    const socket = this.#socket;
    if (socket && socket.readyState !== socket.CLOSED) {
      const gone = new Promise((resolve) => socket.once('close', resolve));
      socket.close(GOING_AWAY, 'the run is over');
      const late = setTimeout(() => socket.terminate(), GOODBYE_MS);
      await gone;
      clearTimeout(late);
    }
    this.#server.closeAllConnections();
    await closed;
  }

  /** Why a connection is refused, as an HTTP status line's end; null when it is the one that is awaited. */
  #refusal({ url = '', headers }: IncomingMessage): string | null {
    // A web page that has this machine's name point here (DNS rebinding) sends its own; a page's script names its origin.
    const isHost = [`${LOOPBACK}:${this.port}`, `localhost:${this.port}`].includes(
      headers.host ?? '',
    );
    const isOrigin = headers.origin === undefined || /^devtools:\/\//.test(headers.origin);
    if (!isHost || !isOrigin) return '403 Forbidden';
    const [given, awaited] = [Buffer.from(url), Buffer.from(`/${this.#token}`)];
    if (given.length !== awaited.length || !timingSafeEqual(given, awaited)) return '404 Not Found';
    return this.#isUsed ? '410 Gone' : null;
  }

  #letIn(request: IncomingMessage, stream: Duplex, head: Buffer): void {
    this.#sockets.handleUpgrade(request, stream, head, (socket) => {
      // Only now: a handshake that fails does not use the token up, and only one succeeds.
      if (this.#isUsed) return socket.close(GOING_AWAY);
      this.#isUsed = true;
      this.#socket = socket;
      this.#entered.resolve();
      socket.on('message', (data: Buffer, isBinary) => {
        if (isBinary) socket.close(UNSUPPORTED_DATA, 'messages are text');
        else this.#hear(data.toString('utf8'));
      });
      // Too large, or no WebSocket at all: what follows is `close`.
      socket.on('error', () => socket.terminate());
      socket.on('close', () => this.#hear(null));
    });
  }

  #hear(message: string | null): void {
    if (this.#run) {
      this.#run.tell(message);
      return;
    }
    this.#earlyChars += message?.length ?? 0;
    if (this.#early.length < EARLY_MAX && this.#earlyChars <= DEBUG_MESSAGE_CHARS_MAX)
      this.#early.push(message);
    else this.#socket?.close(TRY_AGAIN_LATER, 'the run has not begun');
  }

  #say(message: string): void {
    const socket = this.#socket;
    if (!socket || socket.readyState !== socket.OPEN) return;
    socket.send(message);
    if (socket.bufferedAmount > UNREAD_BYTES_MAX) socket.terminate();
  }
}

function refuse(stream: Duplex, status: string): void {
  stream.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
