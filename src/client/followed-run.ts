// Owns a run on a server as whoever follows it sees it: its events as they come, its end, and the wish to stop it.

import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import type { EndEvent, RunEvent, RunEventOf } from '../model/events.ts';
import { RUN_STATES, type RunState } from '../model/outcome.ts';
import { ServerError } from './server-error.ts';

type Listener = (event: RunEvent) => void;

/** One run that is followed; what it tells first is told after the current turn. */
export class FollowedRun {
  readonly id: string;
  /** Resolves with its end; rejects with a {@link ServerError} where the connection was lost before, and the run goes on. */
  readonly result: Promise<EndEvent>;
  readonly #listeners = new Map<string, Set<Listener>>();
  readonly #stop: (id: string) => Promise<unknown>;
  #state: RunState = 'queued';
  #macro = 'macro';

  private constructor(
    id: string,
    lines: AsyncIterator<string>,
    stop: (id: string) => Promise<unknown>,
  ) {
    this.id = id;
    this.#stop = stop;
    this.result = this.#read(lines);
    // Whoever follows only its events need not look at its result.
    this.result.catch(() => undefined);
  }

  /** Follows the run of an answer. @throws {ServerError} where the answer is none */
  static async open(
    response: Response,
    stop: (id: string) => Promise<unknown>,
  ): Promise<FollowedRun> {
    const body = Readable.fromWeb(response.body as ReadableStream);
    // The error of a lost connection is told by the lines that end without an end.
    body.on('error', () => undefined);
    const lines = createInterface({ input: body, crlfDelay: Number.POSITIVE_INFINITY });
    const iterator = lines[Symbol.asyncIterator]();
    const first = await nextLine(iterator);
    const accepted = first === null ? null : parseLine(first);
    if (accepted?.type !== 'accepted' || typeof accepted.id !== 'string')
      throw new ServerError('The server did not say whether it took the run.');
    return new FollowedRun(accepted.id, iterator, stop);
  }

  /** The macro's name, once it is known. */
  get macro(): string {
    return this.#macro;
  }

  get state(): RunState {
    return this.#state;
  }

  /** Calls a listener for every event of a type from now on; the returned function stops that. */
  on<Type extends RunEvent['type']>(
    type: Type,
    listener: (event: RunEventOf<Type>) => void,
  ): () => void {
    const set = this.#listeners.get(type) ?? new Set();
    this.#listeners.set(type, set);
    // Only events of this type reach this set.
    set.add(listener as Listener);
    return () => set.delete(listener as Listener);
  }

  /** Stops the run; resolves with its end. */
  async stop(): Promise<EndEvent> {
    // One that has just ended says so by its end.
    await this.#stop(this.id).catch((error: unknown) => {
      if (!(error instanceof ServerError) || error.problem !== 'conflict') throw error;
    });
    return this.result;
  }

  async #read(lines: AsyncIterator<string>): Promise<EndEvent> {
    // One turn later, so that listeners set right after it was opened hear everything.
    await new Promise(setImmediate);
    for (;;) {
      const line = await nextLine(lines);
      if (line === null) break;
      const event = parseLine(line) as RunEvent | null;
      if (event === null) continue;
      this.#note(event);
      for (const listener of this.#listeners.get(event.type) ?? []) listener(event);
      if (event.type === 'end') return event;
    }
    throw new ServerError(
      `The connection to the server was lost; what becomes of run ${this.id} can be asked of it: GET /api/runs/${this.id}.`,
    );
  }

  #note(event: RunEvent): void {
    if (event.type === 'admission') this.#macro = event.macro;
    if (event.type === 'state' && RUN_STATES.includes(event.state)) this.#state = event.state;
  }
}

/** The next line; null at the end, also where the connection broke off. */
async function nextLine(lines: AsyncIterator<string>): Promise<string | null> {
  const next = await lines.next().catch(() => null);
  return next === null || next.done ? null : next.value;
}

/** A line as an object with a type; null for a blank one, or what is none. */
function parseLine(line: string): { readonly type: unknown; readonly id?: unknown } | null {
  if (line.trim() === '') return null;
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && 'type' in value ? value : null;
  } catch {
    return null;
  }
}
