// Owns removing files of which somebody else may have been faster.

import { unlink } from 'node:fs/promises';

/** Removes files, in order. @throws the file system's own error */
export async function removeFiles(paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    try {
      await unlink(path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
}
