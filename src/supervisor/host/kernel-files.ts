// Owns reading the kernel's small files (/proc, /sys/fs/cgroup), under a root that tests may move. Bounded; never throws.

import { closeSync, existsSync, openSync, readdirSync, readSync, statSync } from 'node:fs';

/** What is read of one file at most (bytes). */
const BYTES_MAX = 64 * 1024;

/** The files of one machine, or of a folder that looks like one. */
export class KernelFiles {
  readonly #root: string;
  /** Grows once, for the rare file that is asked for whole. */
  #buffer = Buffer.allocUnsafe(BYTES_MAX);

  /** @param root what stands before every path; '' for the machine itself */
  constructor(root = '') {
    this.#root = root;
  }

  /** The beginning of a file as text; null where it cannot be read. */
  text(path: string, bytesMax = BYTES_MAX): string | null {
    if (this.#buffer.length < bytesMax) this.#buffer = Buffer.allocUnsafe(bytesMax);
    let file: number | null = null;
    try {
      file = openSync(this.#root + path, 'r');
      let length = 0;
      // The kernel gives such a file in pieces, and the end as an empty one.
      for (let read = 1; read > 0 && length < bytesMax; length += read)
        read = readSync(file, this.#buffer, length, bytesMax - length, null);
      return this.#buffer.toString('latin1', 0, length);
    } catch {
      return null;
    } finally {
      if (file !== null) closeSync(file);
    }
  }

  /** A file that holds one count; infinite for `max`, null for anything else. */
  count(path: string): number | null {
    const text = this.text(path, 64)?.trim();
    if (text === 'max') return Number.POSITIVE_INFINITY;
    return text !== undefined && /^\d+$/.test(text) ? Number(text) : null;
  }

  /** One `name value` line of a file; null where there is none. */
  field(path: string, name: string): number | null {
    return fieldOf(this.text(path), name);
  }

  /** How many entries a folder has; null where it cannot be read. */
  entries(path: string): number | null {
    try {
      return readdirSync(this.#root + path).length;
    } catch {
      return null;
    }
  }

  /** The names in a folder; none where it cannot be read. */
  names(path: string): readonly string[] {
    try {
      return readdirSync(this.#root + path);
    } catch {
      return [];
    }
  }

  /** Who owns a file, and what size the kernel says it has; null where there is none. */
  stat(path: string): { readonly uid: number; readonly size: number } | null {
    try {
      const { uid, size } = statSync(this.#root + path);
      return { uid, size };
    } catch {
      return null;
    }
  }

  has(path: string): boolean {
    return existsSync(this.#root + path);
  }
}

/** The number behind a name at the start of a line: `name 12`, `name: 12 kB`; null where there is none. */
export function fieldOf(text: string | null, name: string): number | null {
  const line = new RegExp(`^${name}:?[ \\t]+(\\d+)(?=\\s|$)`, 'm').exec(text ?? '');
  return line === null ? null : Number(line[1]);
}
