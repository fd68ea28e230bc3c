// Owns the memory cgroup of one worker: who is in it, what it may hold, whether the kernel killed in it, and its removal.

import { existsSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { GROUP_FILES, type GroupFiles } from './group-files.ts';
import { makeGroup } from './group-home.ts';

/** Whose limit the kernel killed for: the cgroup's own, or that of the machine (or of what Corral itself runs in). */
export interface OutOfMemory {
  readonly of: 'worker' | 'machine';
  /** The most the cgroup ever held (bytes). */
  readonly peakBytes: number;
}

/** Limits are set in steps, so that one is not written anew for every run (bytes). */
const STEP_BYTES = 64 * 1024 * 1024;
/** A lower limit waits until it is so much lower (bytes). */
const LOWER_BYTES = 2 * STEP_BYTES;
/** What it held when the kernel found no more, at least (bytes below its limit). */
const NEAR_BYTES = 1024 * 1024;
/** The kernel takes a moment to forget who was in a cgroup (ms). */
const EMPTY_MS = 1_000;

/** A memory cgroup. */
export class MemoryGroup {
  readonly #folder: string;
  readonly #files: GroupFiles;
  #limit: number | null = null;

  private constructor(folder: string, files: GroupFiles) {
    this.#folder = folder;
    this.#files = files;
    for (const [file, text] of Object.entries(files.once)) this.#try(() => this.#write(file, text));
  }

  /** Makes one without a limit; null where that cannot be done. */
  static make(): MemoryGroup | null {
    try {
      const home = makeGroup();
      return home && new MemoryGroup(home.folder, GROUP_FILES[home.version]);
    } catch {
      // It worked when it was tried: what Corral runs in was changed. Workers are looked at all the same.
      return null;
    }
  }

  /** Puts a process into it, which takes the kernel some 10 ms. What it starts from then on is in it too. */
  async add(pid: number): Promise<void> {
    await writeFile(join(this.#folder, 'cgroup.procs'), String(pid), { flag: 'r+' });
  }

  /** True when a process is in it. */
  has(pid: number): boolean {
    return this.#read('cgroup.procs').split('\n').includes(String(pid));
  }

  /** Sets the most it may hold (bytes), rounded up; null for no limit. Gives what holds from now on. */
  limit(bytes: number | null): number | null {
    const limit = bytes === null ? null : Math.ceil(bytes / STEP_BYTES) * STEP_BYTES;
    const now = this.#limit ?? Number.POSITIVE_INFINITY;
    const next = limit ?? Number.POSITIVE_INFINITY;
    if (next === now || (next < now && now - next < LOWER_BYTES)) return this.#limit;
    this.#limit = limit;
    const { limit: own, withSwap, none } = this.#files;
    // The one with swap may never be the lower one.
    const files = next > now ? [withSwap, own] : [own, withSwap];
    for (const file of files)
      if (file !== null) this.#try(() => this.#write(file, limit === null ? none : String(limit)));
    return limit;
  }

  /** Says whether the kernel has killed in it for want of memory; null where it has not. */
  outOfMemory(): OutOfMemory | null {
    const { kills, peak } = this.#files;
    const told = this.#read(kills);
    const count = (pattern: RegExp) => Number(pattern.exec(told)?.[1] ?? 0);
    if (count(/^oom_kill (\d+)/m) === 0) return null;
    const peakBytes = Number(this.#read(peak)) || 0;
    const isFull = this.#limit !== null && peakBytes > this.#limit - NEAR_BYTES;
    return { of: isFull || count(/^oom (\d+)/m) > 0 ? 'worker' : 'machine', peakBytes };
  }

  /** Removes it, once all in it are dead. */
  async remove(): Promise<void> {
    const until = performance.now() + EMPTY_MS;
    while (existsSync(this.#folder) && performance.now() < until)
      if (!this.#try(() => rmdirSync(this.#folder))) await sleep(2);
  }

  #read(file: string): string {
    try {
      return readFileSync(join(this.#folder, file), 'utf8');
    } catch {
      return '';
    }
  }

  #write(file: string, text: string): void {
    // Never made: in a cgroup all files are there.
    writeFileSync(join(this.#folder, file), text, { flag: 'r+' });
  }

  /** What this kernel does not have, or refuses, changes nothing about the looks from outside. */
  #try(step: () => void): boolean {
    try {
      step();
      return true;
    } catch {
      return false;
    }
  }
}
