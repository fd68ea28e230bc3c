// Owns knowing whether a checkout was built since a worker's sources were changed. Node strips the types of each file anew in
// every worker, which is half of what its start costs; what was built needs none of that.
// node src/supervisor/built-worker.ts > dist/worker-sources.sha256

import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The folders that a worker's code is in, within the sources. */
export const WORKER_FOLDERS = ['sandbox', 'model'] as const;
/** And that of what starts workers. */
const FOLDERS = [...WORKER_FOLDERS, 'supervisor/processes'] as const;

const SOURCE = join(import.meta.dirname, '..');
const BUILT = join(SOURCE, '..', 'dist');

let found: string | null | undefined;

/** The folder of what was built from this checkout's sources as they are now; null where nothing was, or something else. */
export function builtFolder(): string | null {
  // Null is an answer too: the sources are not read anew for every worker.
  if (found === undefined) found = isCurrent() ? BUILT : null;
  return found;
}

function isCurrent(): boolean {
  try {
    return readFileSync(join(BUILT, 'worker-sources.sha256'), 'utf8').trim() === hashOfSources();
  } catch {
    return false;
  }
}

/** Of all names and texts of a worker's sources. */
function hashOfSources(): string {
  const hash = createHash('sha256');
  for (const folder of FOLDERS)
    for (const name of readdirSync(join(SOURCE, folder), {
      recursive: true,
      encoding: 'utf8',
    }).sort())
      if (name.endsWith('.ts'))
        hash.update(`${folder}/${name}\n`).update(readFileSync(join(SOURCE, folder, name)));
  return hash.digest('hex');
}

if (import.meta.main) process.stdout.write(`${hashOfSources()}\n`);
