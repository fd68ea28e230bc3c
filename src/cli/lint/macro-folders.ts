// Owns what the macros of a folder call: read once a folder, and only for macros that call others.

import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import { type CalledNames, macroCallsOf } from '../../analysis/macro-calls.ts';
import { readHeader } from '../../analysis/text/header.ts';
import { parseMacro } from '../../analysis/text/parse.ts';

const MACRO = /\.[cm]?[jt]s$/;
/** As many and as large as a run's own library takes. */
const FILES_MAX = 500;
const BYTES_MAX = 2 * 1024 * 1024;
const NOTHING: CalledNames = new Map();

/** Folders of macros. */
export class MacroFolders {
  readonly #known = new Map<string, CalledNames>();

  /** Who calls whom in the folder of a file; nothing for a text that is in none. */
  around(file: string): CalledNames {
    if (file === '-') return NOTHING;
    const folder = dirname(file);
    const known = this.#known.get(folder);
    if (known) return known;
    const called = readFolder(folder);
    this.#known.set(folder, called);
    return called;
  }
}

function readFolder(folder: string): CalledNames {
  const called = new Map<string, readonly string[]>();
  for (const name of macrosIn(folder)) {
    const source = readText(join(folder, name));
    if (source === null) continue;
    const macro = readHeader(source).name || basename(name, extname(name));
    // Of two of one name the first is called.
    if (!called.has(macro)) called.set(macro, callsIn(source, /ts$/.test(name) ? 'ts' : 'js'));
  }
  return called;
}

function callsIn(source: string, language: 'js' | 'ts'): string[] {
  if (!/\bmacros\b/.test(source)) return [];
  return macroCallsOf(parseMacro(source, language)).map(({ name }) => name);
}

function macrosIn(folder: string): string[] {
  try {
    const names = readdirSync(folder).filter(
      (name) => MACRO.test(name) && !/\.d\.[cm]?ts$/.test(name),
    );
    return names.sort((a, b) => a.localeCompare(b)).slice(0, FILES_MAX);
  } catch {
    // Whoever is asked to read the file itself will say so.
    return [];
  }
}

/** One that cannot be read calls nobody. */
function readText(path: string): string | null {
  try {
    const about = statSync(path);
    return about.isFile() && about.size <= BYTES_MAX ? readFileSync(path, 'utf8') : null;
  } catch {
    return null;
  }
}
