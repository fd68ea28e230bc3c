// Owns how long crash dumps are kept: after each new one it removes the oldest beyond a number, an age or a size. It removes
// nothing that is not a dump of ours, and follows no link.

import { lstat, readdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { toSystemReason } from '../model/errno.ts';
import { dumpFileNames, listDumps, toDumpTime } from './list.ts';

/** What is kept; what goes beyond any of them is removed, the oldest first. */
export interface KeepLimits {
  /** Dumps. */
  readonly count: number;
  /** ms since the end of the run. */
  readonly ageMs: number;
  /** Bytes of all files of all dumps. */
  readonly bytes: number;
}

const DAY_MS = 24 * 60 * 60_000;
/** What is kept unless somebody says otherwise: 1,000 dumps, 30 days, 1 GB. */
export const KEEP_DEFAULT: KeepLimits = { count: 1_000, ageMs: 30 * DAY_MS, bytes: 2 ** 30 };

/** A folder is looked through again after so many dumps of our own: others may write into it too. */
const LOOK_AFTER = 200;
/** A dump from so far ahead (ms) was named by a clock that was wrong: it counts as the oldest. */
const AHEAD_MS = DAY_MS;
const DRAFT = /^corral-crash-(?:dump|summary)-.*\.[0-9a-f]{8}\.tmp$/;
/** A draft this old (ms) is of a process that was killed while it wrote. */
const DRAFT_AGE_MS = 60 * 60_000;

/** As long as a run's end waits for old dumps to be removed (ms). */
const WAIT_MS = 200;
/** So many files are asked for their size at once. */
const AT_ONCE = 64;

interface Kept {
  readonly stamp: string;
  readonly bytes: number;
}

/** Keeps one folder of dumps within its limits. */
export class DumpKeeper {
  readonly #dir: string;
  readonly #limits: KeepLimits;
  /** Oldest first; null until the folder was looked through. */
  #kept: Kept[] | null = null;
  #bytes = 0;
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
    if (this.#kept === null || this.#sinceLook >= LOOK_AFTER) await this.#look(now);
    else {
      const bytes = await this.#sizeOf(newest);
      this.#kept.push({ stamp: newest, bytes });
      this.#bytes += bytes;
    }
    this.#sinceLook += 1;
    const kept = this.#kept ?? [];
    const { count, ageMs, bytes } = this.#limits;
    const isTooMuch = (oldest: Kept) =>
      kept.length > count ||
      this.#bytes > bytes ||
      now - (toDumpTime(oldest.stamp) ?? now) > ageMs ||
      isAhead(oldest.stamp, now);
    for (let at = 0; at < kept.length; ) {
      const oldest = kept[at] as Kept;
      if (!isTooMuch(oldest)) break;
      if (oldest.stamp === newest) at += 1;
      else {
        await this.#remove(oldest.stamp);
        kept.splice(at, 1);
        this.#bytes -= oldest.bytes;
      }
    }
  }

  async #look(now: number): Promise<void> {
    const stamps = await listDumps(this.#dir);
    const there = new Set(await readdir(this.#dir));
    const kept: Kept[] = [];
    for (let at = 0; at < stamps.length; at += AT_ONCE) {
      const some = stamps.slice(at, at + AT_ONCE).map(async (stamp) => {
        return { stamp, bytes: await this.#sizeOf(stamp, there) };
      });
      kept.push(...(await Promise.all(some)));
    }
    // Those of a clock that was wrong come first.
    const order = Number.MAX_SAFE_INTEGER;
    const rank = ({ stamp }: Kept) =>
      isAhead(stamp, now) ? -order : (toDumpTime(stamp) ?? -order);
    this.#kept = kept.sort((a, b) => rank(a) - rank(b));
    this.#bytes = kept.reduce((sum, { bytes }) => sum + bytes, 0);
    this.#sinceLook = 0;
    await this.#removeDrafts(now);
  }

  /** @param there the names in the folder, where they are known */
  async #sizeOf(stamp: string, there?: ReadonlySet<string>): Promise<number> {
    let bytes = 0;
    for (const name of dumpFileNames(stamp))
      if (there?.has(name) ?? true) bytes += (await this.#ownFile(name))?.size ?? 0;
    return bytes;
  }

  async #remove(stamp: string): Promise<void> {
    // The JSON comes last: as long as it is there, the others are found again.
    for (const name of dumpFileNames(stamp).reverse())
      if (await this.#ownFile(name)) await this.#unlink(name);
  }

  /** What became of a process that was killed while it wrote. */
  async #removeDrafts(now: number): Promise<void> {
    for (const name of (await readdir(this.#dir)).filter((each) => DRAFT.test(each))) {
      const file = await this.#ownFile(name);
      if (file && now - file.mtimeMs > DRAFT_AGE_MS) await this.#unlink(name);
    }
  }

  /** A regular file; links and folders are nobody's dump. */
  async #ownFile(name: string): Promise<{ size: number; mtimeMs: number } | null> {
    try {
      const about = await lstat(join(this.#dir, name));
      return about.isFile() ? about : null;
    } catch (error) {
      // Another Corral keeps this folder too.
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
      throw error;
    }
  }

  async #unlink(name: string): Promise<void> {
    try {
      await unlink(join(this.#dir, name));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
}

function isAhead(stamp: string, now: number): boolean {
  return (toDumpTime(stamp) ?? now) - now > AHEAD_MS;
}
