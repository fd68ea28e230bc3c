// Owns what a server is made of: a corral, its history, and submissions that join the two; opening it and closing it.

import type { Corral, FeedEvent } from '../corral.ts';
import type { History } from '../store/history/history.ts';
import { recordFeed } from './recorder.ts';
import { Submissions } from './submissions.ts';

type Listener = (event: FeedEvent) => void;

/** What a server is made of. */
export class Service implements AsyncDisposable {
  readonly corral: Corral;
  readonly history: History;
  readonly submissions: Submissions;
  /** The folder of crash dumps. */
  readonly dumpDir: string;
  /** ms since 1970. */
  readonly startedAt = Date.now();
  readonly #listeners = new Set<Listener>();
  readonly #feed: Disposable;
  #draining = false;

  constructor(corral: Corral, history: History, dumpDir: string) {
    this.dumpDir = dumpDir;
    this.corral = corral;
    this.history = history;
    this.submissions = new Submissions(corral, history);
    this.#feed = recordFeed(corral, history, (event) => {
      for (const listener of this.#listeners) listener(event);
    });
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

  /** Takes nothing more. */
  drain(): void {
    this.#draining = true;
  }

  /** Stops what runs and writes everything down; the corral and the history are closed with it. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#draining = true;
    await this.corral.close();
    await this.submissions.settled();
    this.#feed[Symbol.dispose]();
    await this.history[Symbol.asyncDispose]();
  }
}
