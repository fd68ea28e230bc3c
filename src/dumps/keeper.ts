// Owns how long crash dumps are kept: after each new one it removes the oldest beyond a number, an age or a size. It removes
// nothing that is not a dump of ours, and follows no link.

import { unlink } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { toSystemReason } from '../model/errno.ts';
import type { KeepLimits } from './keep-limits.ts';
import { dumpBytes, type Kept, listDumpFiles, listKept, listOldDrafts, toExcess } from './kept.ts';

/** A folder is looked through again after so many dumps of our own: others may write into it too. */
const LOOK_AFTER = 200;
/** As long as a run's end waits for old dumps to be removed (ms). */
const WAIT_MS = 200;

/** Keeps one folder of dumps within its limits. */
export class DumpKeeper {
  readonly #dir: string;
  readonly #limits: KeepLimits;
  /** Oldest first; null until the folder was looked through. */
  #kept: Kept[] | null = null;
  #sinceLook = 0;
  #work: Promise<void> = Promise.resolve();
  /** What went wrong after its run had ended. */
  #untold: string | null = null;

  constructor(dir: string, limits: KeepLimits) {
    this.#dir = dir;
    this.#limits = limits;
  }

  /**
   * To be told of each dump that was written; it is never the one that is removed. Resolves when all is removed that has to
   * be, or soon where that takes longer: nobody's end waits for thousands of old files. Never rejects.
   * @param onProblem told why something could not be removed, at this dump or, where it was known too late, at the one before
   */
  async written(stamp: string, onProblem: (why: string) => void): Promise<void> {
    let isHeard = true;
    if (this.#untold !== null) onProblem(this.#untold);
    this.#untold = null;
    this.#work = this.#work
      .then(() => this.#tidy(stamp))
      .catch((error: unknown) => {
        this.#kept = null;
        const why = `Old crash dumps in ${this.#dir} cannot be removed: ${toSystemReason(error)}; remove them yourself.`;
        if (isHeard) onProblem(why);
        else this.#untold = why;
      });
    const done = new AbortController();
    const late = sleep(WAIT_MS, undefined, { signal: done.signal }).catch(() => undefined);
    await Promise.race([this.#work, late]);
    isHeard = false;
    done.abort();
  }

  /** Resolves when nothing is being removed any more. */
  async idle(): Promise<void> {
    await this.#work;
  }

  async #tidy(newest: string): Promise<void> {
    const now = Date.now();
    const kept = await this.#known(newest, now);
    for (const excess of toExcess(kept, this.#limits, { now, newest })) {
      await this.#remove(excess.stamp);
      kept.splice(kept.indexOf(excess), 1);
    }
  }

  async #known(newest: string, now: number): Promise<Kept[]> {
    this.#sinceLook += 1;
    if (this.#kept !== null && this.#sinceLook <= LOOK_AFTER) {
      this.#kept.push({ stamp: newest, bytes: await dumpBytes(this.#dir, newest) });
      return this.#kept;
    }
    this.#kept = await listKept(this.#dir, now);
    this.#sinceLook = 1;
    for (const { path } of await listOldDrafts(this.#dir, now)) await remove(path);
    return this.#kept;
  }

  async #remove(stamp: string): Promise<void> {
    for (const { path } of await listDumpFiles(this.#dir, stamp)) await remove(path);
  }
}

async function remove(path: string): Promise<void> {
  try {
    await unlink(path);
  } catch (error) {
    // Another Corral keeps this folder too.
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}
