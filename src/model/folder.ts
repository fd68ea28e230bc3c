// Owns making a folder with all that are missing above it.

import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';

/** The most folders made above one. */
const DEPTH_MAX = 64;

/**
 * Makes a folder for its owner only, and those above it. Node's own `recursive` never returns where a parent says "no
 * such file" for good, as under /proc.
 * @throws the file system's own error
 */
export function makeFolder(path: string, depth = 0): void {
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    // A file of that name is told by whoever writes into it.
    if (code === 'EEXIST') return;
    const parent = dirname(path);
    if (code !== 'ENOENT' || parent === path || depth >= DEPTH_MAX) throw error;
    makeFolder(parent, depth + 1);
    mkdirSync(path, { mode: 0o700 });
  }
}
