// Owns writing what comes in a stream: many small changes are one commit, soon. Whoever must know that his is on disk waits.
// What may not get lost on a full disk waits here until the disk takes it.

import type { HistoryDatabase } from './database.ts';
import { isRefusedByDisk } from './disk-refusal.ts';

/** How long a change may wait for company (ms) when nobody waits for it. */
const SOON_MS = 50;
/** So many are written at once, whoever waits. */
const PENDING_MAX = 5_000;
/** How soon what the disk has refused is written again (ms), and how much of it is kept. */
const AGAIN_MS = 2_000;
const REFUSED_MAX = 10_000;
/** So long after a refusal the disk counts as full (ms): it may take little things, and not the next large one. */
const DISTRUST_MS = 5_000;
/** The disk is tried by a write of its own so often at most (ms). */
const TRY_EVERY_MS = 1_000;

interface Change {
  write(): void;
  /** Called once it is on disk. */
  written?: (() => void) | undefined;
  /** True for one that is written again where the disk refuses it. */
  readonly isSure: boolean;
}

/** The changes that are not written yet. */
export class Writes implements AsyncDisposable {
  readonly #database: HistoryDatabase;
  readonly #onFailed: (error: unknown, lost: number) => void;
  #pending: Change[] = [];
  #waiting: PromiseWithResolvers<void>[] = [];
  #timer: NodeJS.Timeout | NodeJS.Immediate | null = null;
  /** What the disk has refused, in order. */
  #refused: Change[] = [];
  #again: NodeJS.Timeout | null = null;
  #refusedAt = Number.NEGATIVE_INFINITY;
  #triedAt = Number.NEGATIVE_INFINITY;

  /** @param onFailed told where a commit failed, as on a full disk, and how many changes were lost by it */
  constructor(database: HistoryDatabase, onFailed: (error: unknown, lost: number) => void) {
    this.#database = database;
    this.#onFailed = onFailed;
  }

  /** True where the disk takes what is written, as far as is known: tries it, where nobody has lately. */
  get taken(): boolean {
    const now = performance.now();
    if (now - this.#refusedAt < DISTRUST_MS) return false;
    if (now - this.#triedAt < TRY_EVERY_MS) return true;
    this.#triedAt = now;
    return this.#commit([{ write: () => this.#database.touch(), isSure: false }]) === null;
  }

  /** Writes a change soon; nobody waits for it. @param written called once it is on disk; it may not throw */
  soon(change: () => void, written?: () => void): void {
    this.#add({ write: change, written, isSure: false });
  }

  /** The same for one that may not get lost: what the disk refuses is written once it takes it again. */
  surely(change: () => void, written?: () => void): void {
    const sure = { write: change, written, isSure: true };
    // In its order, behind what waits already.
    if (this.#refused.length > 0) this.#keep([sure]);
    else this.#add(sure);
  }

  /**
   * Writes a change, with all others that wait, at the end of this turn; resolves once it is on disk.
   * @throws what the disk says; then nothing of it was written
   */
  now(change: () => void): Promise<void> {
    this.#pending.push({ write: change, isSure: false });
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
    this.#writeRefused();
    if (this.#again) clearTimeout(this.#again);
  }

  #add(change: Change): void {
    this.#pending.push(change);
    if (this.#pending.length >= PENDING_MAX) this.#write();
    else this.#timer ??= setTimeout(() => this.#write(), SOON_MS).unref();
  }

  #write(): void {
    if (this.#timer) clearTimeout(this.#timer as NodeJS.Timeout);
    this.#timer = null;
    const changes = this.#pending;
    const waiting = this.#waiting;
    this.#pending = [];
    this.#waiting = [];
    const failed = changes.length === 0 ? null : this.#commit(changes);
    if (!failed) {
      for (const { resolve } of waiting) resolve();
      return;
    }
    const sure = isRefusedByDisk(failed.error) ? changes.filter(({ isSure }) => isSure) : [];
    const kept = this.#keep(sure);
    this.#onFailed(failed.error, changes.length - kept);
    for (const { reject } of waiting) reject(failed.error);
  }

  /** Keeps what the disk has refused, as much as may be. @returns how many of them */
  #keep(changes: readonly Change[]): number {
    const kept = changes.slice(0, REFUSED_MAX - this.#refused.length);
    this.#refused.push(...kept);
    if (this.#refused.length > 0)
      this.#again ??= setTimeout(() => this.#writeRefused(), AGAIN_MS).unref();
    return kept.length;
  }

  #writeRefused(): void {
    this.#again = null;
    const changes = this.#refused;
    this.#refused = [];
    const failed = changes.length === 0 ? null : this.#commit(changes);
    if (!failed) return;
    if (isRefusedByDisk(failed.error)) this.#keep(changes);
    else this.#onFailed(failed.error, changes.length);
  }

  /** Writes changes in one commit, and tells whoever wants to know of his; gives what failed, null where nothing did. */
  #commit(changes: readonly Change[]): { readonly error: unknown } | null {
    try {
      this.#database.transaction(() => {
        for (const { write } of changes) write();
      });
    } catch (error) {
      if (isRefusedByDisk(error)) this.#refusedAt = performance.now();
      return { error };
    }
    for (const { written } of changes) written?.();
    return null;
  }
}
