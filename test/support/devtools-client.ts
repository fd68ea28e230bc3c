// Owns a debugger as a test plays it: a real WebSocket client that speaks Chrome's DevTools protocol.

import { once } from 'node:events';
import { WebSocket } from 'ws';

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: Record<string, unknown>;
  readonly result?: Record<string, unknown>;
  readonly error?: { readonly code: number; readonly message: string };
}

/** Where a macro is held; line and column are 0-based. */
export interface Stop {
  readonly reason: string;
  readonly callFrames: readonly {
    readonly callFrameId: string;
    readonly functionName: string;
    readonly location: {
      readonly scriptId: string;
      readonly lineNumber: number;
      readonly columnNumber: number;
    };
  }[];
}

/** One debugger. */
export class DevtoolsClient implements Disposable {
  /** Everything that came unasked. */
  readonly notices: Message[] = [];
  readonly socket: WebSocket;
  readonly #answers = new Map<number, (message: Message) => void>();
  readonly #awaited: { method: string; resolve: (params: unknown) => void }[] = [];
  #id = 0;

  constructor(url: string, headers: Record<string, string> = {}) {
    this.socket = new WebSocket(url, { headers });
    this.socket.setMaxListeners(0);
    this.socket.on('error', () => undefined);
    this.socket.on('message', (data: Buffer) => this.#take(JSON.parse(data.toString())));
  }

  /** Connects; with `begin`, as DevTools does: enables what it needs, then lets the macro begin. */
  static async connect(url: string): Promise<DevtoolsClient> {
    const client = new DevtoolsClient(url);
    await once(client.socket, 'open');
    return client;
  }

  /** Lets the macro begin, and gives where it is held first. */
  async begin(): Promise<Stop> {
    await this.ask('Runtime.enable');
    await this.ask('Debugger.enable');
    const stop = this.next<Stop>('Debugger.paused');
    await this.ask('Runtime.runIfWaitingForDebugger');
    return stop;
  }

  /** Asks for something; `{}` when the run is over before it could answer. @throws {Error} the answer's error */
  async ask(
    method: string,
    params: Record<string, unknown> = {},
  ): Promise<Record<string, unknown>> {
    const id = ++this.#id;
    const answer = new Promise<Message>((resolve) => {
      this.#answers.set(id, resolve);
      this.socket.once('close', () => resolve({}));
    });
    this.socket.send(JSON.stringify({ id, method, params }));
    const { result, error } = await answer;
    if (error) throw new Error(`${error.code}: ${error.message}`);
    return result ?? {};
  }

  /** Says something that makes the macro go on, and gives where it is held next. */
  async until(method: string, params?: Record<string, unknown>): Promise<Stop> {
    const stop = this.next<Stop>('Debugger.paused');
    await this.ask(method, params);
    return stop;
  }

  /** What an expression is in the topmost frame of a stop. */
  async valueIn(stop: Stop, expression: string): Promise<unknown> {
    const callFrameId = stop.callFrames[0]?.callFrameId;
    const { result } = await this.ask('Debugger.evaluateOnCallFrame', {
      callFrameId,
      expression,
      returnByValue: true,
    });
    return (result as { value?: unknown }).value;
  }

  /** The parameters of the next notice of a kind. */
  next<Params>(method: string): Promise<Params> {
    return new Promise((resolve) => {
      this.#awaited.push({ method, resolve: resolve as (params: unknown) => void });
    });
  }

  [Symbol.dispose](): void {
    this.socket.terminate();
  }

  #take(message: Message): void {
    if (message.id !== undefined) this.#answers.get(message.id)?.(message);
    if (message.method === undefined) return;
    this.notices.push(message);
    const at = this.#awaited.findIndex(({ method }) => method === message.method);
    if (at >= 0) this.#awaited.splice(at, 1)[0]?.resolve(message.params);
  }
}
