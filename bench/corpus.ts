// Owns the texts lint is timed on: the macros of this checkout and ordinary code from the packages it installs.

import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parseMacro } from '../src/analysis/text/parse.ts';

const ROOT = join(import.meta.dirname, '..');
/** Packages whose files are data or one giant bundle. */
const SKIPPED = /test262|typescript|recheck|@biomejs|^node$/;
const FILE_MAX = 300_000;

/** Texts that parse, of about so many characters together; the same files on each checkout. */
export function corpus(chars: number): string[] {
  const texts: string[] = [];
  let total = 0;
  for (const file of files(join(ROOT, 'macros'), files(join(ROOT, 'node_modules'), []))) {
    if (total >= chars) break;
    const text = readFileSync(file, 'utf8');
    if (!parseMacro(text, 'js').ast) continue;
    texts.push(text);
    total += text.length;
  }
  return texts;
}

function files(folder: string, found: string[]): string[] {
  const entries = readdirSync(folder, { withFileTypes: true });
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name);
    if (entry.isDirectory() && !SKIPPED.test(entry.name)) files(path, found);
    else if (entry.isFile() && entry.name.endsWith('.js') && statSync(path).size < FILE_MAX)
      found.push(path);
  }
  return found;
}

/** One text of at least so many characters, made of whole functions. */
export function oneText(chars: number): string {
  const body = corpus(200_000).map((text) => `(function () {\n${text}\n})();`);
  const usable = body.filter((text) => parseMacro(text, 'js').ast);
  const parts: string[] = [];
  for (let at = 0, total = 0; total < chars; at++) {
    const part = usable[at % usable.length] as string;
    parts.push(part);
    total += part.length + 1;
  }
  return parts.join('\n');
}
