// Owns writing what comes in a stream: many small changes are one commit, soon. Whoever must know that his is on disk waits.

import type { HistoryDatabase } from './database.ts';

/** How long a change may wait for company (ms) when nobody waits for it. */
const SOON_MS = 50;
/** So many are written at once, whoever waits. */
const PENDING_MAX = 5_000;

interface Change {
  write(): void;
  /** Called once it is on disk. */
  written?: (() => void) | undefined;
}

/** The changes that are not written yet. */
export class Writes implements AsyncDisposable {
  readonly #database: HistoryDatabase;
  readonly #onFailed: (error: unknown, lost: number) => void;
  #pending: Change[] = [];
  #waiting: PromiseWithResolvers<void>[] = [];
  #timer: NodeJS.Timeout | NodeJS.Immediate | null = null;

  /** @param onFailed told where a commit failed, as on a full disk, and how many changes were lost by it */
  constructor(database: HistoryDatabase, onFailed: (error: unknown, lost: number) => void) {
    this.#database = database;
    this.#onFailed = onFailed;
  }

  /** Writes a change soon; nobody waits for it. @param written called once it is on disk; it may not throw */
  soon(change: () => void, written?: () => void): void {
    this.#pending.push({ write: change, written });
    if (this.#pending.length >= PENDING_MAX) this.#write();
    else this.#timer ??= setTimeout(() => this.#write(), SOON_MS).unref();
  }

  /**
   * Writes a change, with all others that wait, at the end of this turn; resolves once it is on disk.
   * @throws what the disk says; then nothing of it was written
   */
  now(change: () => void): Promise<void> {
    this.#pending.push({ write: change });
    return this.flush();
  }

  /** Resolves once everything so far is on disk. @throws what the disk says */
  flush(): Promise<void> {
    const waiter = Promise.withResolvers<void>();
    this.#waiting.push(waiter);
    if (this.#waiting.length === 1) setImmediate(() => this.#write());
    return waiter.promise;
  }

  /** Resolves once everything so far is on disk, or was refused there: what is read then is what there is. Never rejects. */
  async settled(): Promise<void> {
    await this.flush().catch(() => undefined);
  }

  /** Writes what is left. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.settled();
  }

  #write(): void {
    if (this.#timer) clearTimeout(this.#timer as NodeJS.Timeout);
    this.#timer = null;
    const changes = this.#pending;
    const waiting = this.#waiting;
    this.#pending = [];
    this.#waiting = [];
    try {
      if (changes.length > 0)
        this.#database.transaction(() => {
          for (const { write } of changes) write();
        });
    } catch (error) {
      this.#onFailed(error, changes.length);
      for (const { reject } of waiting) reject(error);
      return;
    }
    for (const { written } of changes) written?.();
    for (const { resolve } of waiting) resolve();
  }
}
