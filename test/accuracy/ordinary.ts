// Owns ordinary code: what is installed here, written by many people for other ends than to try a linter.

import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../support/cli.ts';

const FILE_MAX = 300_000;
/** Data, programs in other languages, and texts made to be strange. */
const SKIPPED = /^(?:test262-parser-tests|node|@biomejs|@typescript|isolated-vm|recheck.*|\..*)$/;

/** The scripts in the packages of this checkout. */
export function ordinaryFiles(): { readonly file: string; readonly source: string }[] {
  const files: string[] = [];
  const visit = (folder: string): void => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      if (entry.isDirectory() && !SKIPPED.test(entry.name)) visit(path);
      else if (entry.isFile() && /\.(?:js|cjs)$/.test(entry.name) && statSync(path).size < FILE_MAX)
        files.push(path);
    }
  };
  visit(join(ROOT, 'node_modules'));
  return files.map((file) => ({ file, source: readFileSync(file, 'utf8') }));
}

/** The example macros that do no harm. */
export function goodMacros(): { readonly file: string; readonly source: string }[] {
  const folder = join(ROOT, 'macros');
  const names = readdirSync(folder).filter((name) => name.endsWith('.js'));
  return names.map((file) => ({ file, source: readFileSync(join(folder, file), 'utf8') }));
}
