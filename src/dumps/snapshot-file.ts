// Owns a heap snapshot on its way to the disk: streamed into a draft, capped, and put beside its dump once that is written.

import { randomBytes } from 'node:crypto';
import { createWriteStream, type WriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { toSystemReason } from '../model/errno.ts';
import { makeFolder } from '../model/folder.ts';
import { formatBytes } from '../model/limits.ts';

/** The largest snapshot kept unless somebody says otherwise (bytes): V8 writes some 1 to 3 bytes for each it holds. */
export const SNAPSHOT_BYTES_MAX = 512 * 1024 * 1024;

/** One snapshot. Disposing of it removes what was not finished. */
export class SnapshotFile implements AsyncDisposable {
  readonly #draft: string;
  readonly #bytesMax: number;
  #stream: WriteStream | null = null;
  #bytes = 0;
  #problem: string | null = null;

  /** @param run the run's id, of letters and digits */
  constructor(dir: string, run: string, bytesMax: number) {
    const name = `corral-crash-dump-${run}.heapsnapshot.${randomBytes(4).toString('hex')}.tmp`;
    this.#draft = join(dir, name);
    this.#bytesMax = bytesMax;
    try {
      makeFolder(dir);
      this.#stream = createWriteStream(this.#draft, { flags: 'wx', mode: 0o600 });
      this.#stream.on('error', (error) => this.fail(toSystemReason(error)));
    } catch (error) {
      this.#problem = toSystemReason(error);
    }
  }

  /** Adds a part; what comes after a problem is dropped. */
  write(chunk: string): void {
    if (this.#problem !== null) return;
    this.#bytes += Buffer.byteLength(chunk);
    if (this.#bytes > this.#bytesMax) this.fail(`it is larger than ${formatBytes(this.#bytesMax)}`);
    else this.#stream?.write(chunk);
  }

  /** Gives it up. Only the first reason counts. */
  fail(why: string): void {
    this.#problem ??= why;
    this.#stream?.destroy();
  }

  /** Gives it up, and what it takes of the disk. */
  async drop(why: string): Promise<void> {
    this.fail(why);
    await this.#remove();
  }

  /** True once it was given up. */
  get isFailed(): boolean {
    return this.#problem !== null;
  }

  /** Puts it beside its dump; gives what kept it from that, null when nothing did. */
  async finish(jsonPath: string): Promise<string | null> {
    const path = jsonPath.replace(/\.json$/, '.heapsnapshot');
    try {
      if (this.#problem === null) await this.#close();
      if (this.#problem === null) await rename(this.#draft, path);
    } catch (error) {
      this.#problem ??= toSystemReason(error);
    }
    return this.#problem === null
      ? null
      : `The crash dump is written, but its heap snapshot cannot be: ${this.#problem}.`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#remove();
  }

  async #remove(): Promise<void> {
    const stream = this.#stream;
    this.#stream = null;
    if (stream && !stream.closed) {
      const closed = new Promise<void>((resolve) => stream.once('close', () => resolve()));
      stream.destroy();
      await closed;
    }
    await rm(this.#draft, { force: true });
  }

  async #close(): Promise<void> {
    const stream = this.#stream;
    if (!stream) return;
    await new Promise<void>((resolve) => {
      stream.once('close', resolve);
      stream.end();
    });
  }
}
