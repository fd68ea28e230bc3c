// Owns what a server is made of: a corral, its history, and submissions that join the two; opening it and closing it.

import type {
  Command,
  Corral,
  DrainOptions,
  DrainReport,
  FeedEvent,
  FeedPayload,
} from '../corral.ts';
import type { GuardLevel } from '../model/guard.ts';
import type { Pattern } from '../model/pattern.ts';
import type { History } from '../store/history/history.ts';
import { keepHouse } from './house-keeping.ts';
import { PatternShelf } from './pattern-shelf.ts';
import { eventKeeper } from './recorder.ts';
import { Replays } from './replays.ts';
import { Submissions } from './submissions.ts';

/** The parts. */
export interface ServiceParts {
  readonly corral: Corral;
  readonly history: History;
  readonly dumpDir: string;
  /** Those of files. */
  readonly patterns: readonly Pattern[];
  readonly commands: readonly Command[];
  /** What the configuration says. */
  readonly level: GuardLevel;
  /** Let go of last of all. */
  readonly lock: Disposable;
}

type Listener = (event: FeedEvent) => void;

/** What a server is made of. */
export class Service implements AsyncDisposable {
  readonly corral: Corral;
  readonly history: History;
  readonly submissions: Submissions;
  readonly replays: Replays;
  /** The folder of crash dumps. */
  readonly dumpDir: string;
  /** What runs are watched for. */
  readonly patterns: PatternShelf;
  /** What macros may tell the host. */
  readonly commands: readonly Command[];
  readonly #lock: Disposable;
  /** ms since 1970. */
  readonly startedAt = Date.now();
  readonly #listeners = new Set<Listener>();
  readonly #leave: () => void;
  #draining = false;

  constructor({ corral, history, dumpDir, patterns, commands, level, lock }: ServiceParts) {
    this.dumpDir = dumpDir;
    this.patterns = new PatternShelf(corral, patterns, history.patterns);
    this.commands = commands;
    this.#lock = lock;
    this.corral = corral;
    this.history = history;
    const keep = eventKeeper(history, (event) => {
      for (const listener of this.#listeners) listener(event);
    });
    this.submissions = new Submissions(corral, history, keep);
    this.replays = new Replays(corral, this.submissions);
    this.#leave = corral.onFeed(({ id: _, time, ...payload }) => {
      const event = payload as FeedPayload;
      if (!this.#isLeft(event)) keep(time, event);
      keepHouse(history, corral, level, event);
    });
  }

  /** What waits while the server closes is refused here, but has not ended: the next server begins it. */
  #isLeft(event: FeedPayload): boolean {
    return this.#draining && event.type === 'run' && event.reason === 'refused';
  }

  /** Calls a listener with every event that has been kept from now on; the returned function stops that. It may not throw. */
  onEvent(listener: Listener): () => void {
    const own: Listener = (event) => listener(event);
    this.#listeners.add(own);
    return () => this.#listeners.delete(own);
  }

  /** How many listen. */
  get listeners(): number {
    return this.#listeners.size;
  }

  /** True once it is being closed: nothing more is taken. */
  get draining(): boolean {
    return this.#draining;
  }

  /**
   * Takes nothing more, and lets what runs come to its end. What has not begun stays on disk: the next server begins it.
   * Resolves when no run is left.
   */
  async drain(options: DrainOptions = {}): Promise<DrainReport> {
    this.#draining = true;
    return await this.corral.drain(options);
  }

  /** Stops what runs and writes everything down; the corral and the history are closed with it. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#draining = true;
    this.replays[Symbol.dispose]();
    await this.corral.close();
    await this.submissions.settled();
    this.#leave();
    await this.history[Symbol.asyncDispose]();
    this.#lock[Symbol.dispose]();
  }
}
