// Owns the connections of `corral top`: finds the running Corrals of a folder, keeps what each last told, and asks them.

import { type Answer, type Ask, type Closing, ControlClient } from '../../control/client.ts';
import { type ControlSocket, listSockets } from '../../control/sockets.ts';
import type { ControlSnapshot, ControlTold, ControlToldOf } from '../../model/control.ts';
import { toSystemReason } from '../../model/errno.ts';
import { CorralError } from '../../model/errors.ts';
import type { CorralView, EventView } from './view.ts';

/** How {@link Corrals} watches. */
export interface CorralsOptions {
  /** How often each tells what it does (ms). */
  readonly everyMs: number;
  /** Events of the past asked of each. */
  readonly recent: number;
  /** Called when anything has changed. */
  onChange(): void;
  /** Called for everything that is told. */
  onTold?(told: ControlTold, pid: number): void;
}

const EVENTS_MAX = 200;
/** A Corral that has told nothing for so long (ms, and three times as long as it should have) is said to be silent. */
const SILENT_MS = 5_000;
/** One that was not to be talked to is tried again after so long (ms). */
const AGAIN_MS = 10_000;

interface Watched {
  readonly socket: ControlSocket;
  readonly client: ControlClient;
  snapshot: ControlSnapshot | null;
  heardAt: number;
  /** Settled once it has told a snapshot, or is left. */
  readonly told: PromiseWithResolvers<void>;
}

/** One that is there and was not to be talked to. */
interface Shunned {
  readonly socket: ControlSocket;
  readonly why: string;
  readonly at: number;
}

/** The Corrals of one folder. */
export class Corrals implements Disposable {
  readonly #dir: string;
  readonly #options: CorralsOptions;
  readonly #watched = new Map<string, Watched>();
  readonly #shunned = new Map<string, Shunned>();
  #events: readonly EventView[] = [];

  constructor(dir: string, options: CorralsOptions) {
    this.#dir = dir;
    this.#options = options;
  }

  /** As they are known now, by pid. */
  get views(): readonly CorralView[] {
    const silentMs = Math.max(SILENT_MS, 3 * this.#options.everyMs);
    const watched = [...this.#watched.values()].map(({ socket, snapshot, heardAt }): CorralView => {
      const isSilent = performance.now() - heardAt > silentMs;
      const problem = isSilent ? 'it has told nothing for a while' : null;
      return { path: socket.path, pid: socket.pid, snapshot, problem };
    });
    const shunned = [...this.#shunned.values()]
      .filter(({ socket }) => !this.#watched.has(socket.path))
      .map(({ socket: { path, pid }, why }) => ({ path, pid, snapshot: null, problem: why }));
    return [...watched, ...shunned].sort((a, b) => a.pid - b.pid);
  }

  /** What they told of, oldest first. */
  get events(): readonly EventView[] {
    return this.#events;
  }

  /** Looks for Corrals that were not there before. @throws {CorralError} `unreadable-file` */
  async look(): Promise<void> {
    try {
      const sockets = await listSockets(this.#dir);
      const now = performance.now();
      for (const [path, { at }] of this.#shunned)
        if (now - at > AGAIN_MS || !sockets.some((socket) => socket.path === path))
          this.#shunned.delete(path);
      for (const socket of sockets)
        if (!this.#watched.has(socket.path) && !this.#shunned.has(socket.path)) this.#watch(socket);
    } catch (error) {
      throw new CorralError(
        'unreadable-file',
        `Cannot look for running Corrals in ${this.#dir}: ${toSystemReason(error)}.`,
        { cause: error },
      );
    }
  }

  /** Resolves once each that is known has told a snapshot, or has gone. */
  async told(): Promise<void> {
    await Promise.all([...this.#watched.values()].map(({ told }) => told.promise));
  }

  /** Asks one Corral. Never rejects. */
  async ask(path: string, ask: Ask): Promise<Answer> {
    const watched = this.#watched.get(path);
    return watched ? watched.client.ask(ask) : { ok: false, message: 'that Corral has ended' };
  }

  /** Asks all of them; gives what went wrong with one, or what the last one said, and whose word it is. */
  async askAll(ask: Ask): Promise<Answer> {
    const asked = [...this.#watched].map(async ([path, { socket }]) => {
      const { ok, message } = await this.ask(path, ask);
      return { ok, message, pid: socket.pid };
    });
    const answers = await Promise.all(asked);
    const told = answers.find(({ ok }) => !ok) ?? answers.at(-1);
    if (!told) return { ok: false, message: 'no Corral is running' };
    const { ok, message, pid } = told;
    const who = ok && answers.length > 1 ? `${answers.length} Corrals, each` : `Corral ${pid}`;
    return { ok, message: `${who}: ${message}` };
  }

  [Symbol.dispose](): void {
    for (const { client } of this.#watched.values()) client[Symbol.dispose]();
  }

  #watch(socket: ControlSocket): void {
    const client = new ControlClient(socket.target, (told) => this.#take(watched, told));
    const watched: Watched = {
      socket,
      client,
      snapshot: null,
      heardAt: performance.now(),
      told: Promise.withResolvers(),
    };
    this.#watched.set(socket.path, watched);
    const { everyMs, recent } = this.#options;
    client.hello
      .then(() => client.ask({ ask: 'watch', everyMs, recent, samples: false }))
      // Why nobody let us in is told by `closed`.
      .catch(() => undefined);
    client.closed.then((closing) => this.#left(watched, closing)).catch(() => undefined);
  }

  #left({ socket, told }: Watched, { why, isGone }: Closing): void {
    told.resolve();
    this.#watched.delete(socket.path);
    if (!isGone) this.#shunned.set(socket.path, { socket, why, at: performance.now() });
    this.#options.onChange();
  }

  #take(watched: Watched, told: ControlTold): void {
    const { socket } = watched;
    watched.heardAt = performance.now();
    if (told.type === 'snapshot') {
      watched.snapshot = told.snapshot;
      watched.told.resolve();
    }
    if (told.type === 'feed' && !isRoutine(told)) this.#note(told, socket.pid);
    this.#options.onTold?.(told, socket.pid);
    this.#options.onChange();
  }

  #note({ level, text, event: { time } }: ControlToldOf<'feed'>, pid: number): void {
    // Several Corrals tell of their past one after the other.
    this.#events = [...this.#events, { level, text, time, pid }]
      .sort((a, b) => a.time - b.time)
      .slice(-EVENTS_MAX);
  }
}

/** What the list of runs shows anyway, for each of them: that it begins, goes on, is about to end. */
function isRoutine({ event }: ControlToldOf<'feed'>): boolean {
  return event.type === 'run' && event.state !== 'ended' && event.state !== 'paused';
}
