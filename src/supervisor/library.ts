// Owns finding the macros that `macros.call` can call: the files of one folder, by the @name in their headers.

import { opendir, readFile, stat } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { readHeader } from '../analysis/text/header.ts';

/** A macro that can be called by name. */
export interface LibraryMacro {
  readonly name: string;
  /** As shown in stacks and messages. */
  readonly file: string;
  readonly language: 'js' | 'ts';
  readonly source: string;
}

/** Where called macros come from. */
export interface MacroLibrary {
  /** The macro of that name, or null. */
  find(name: string): Promise<LibraryMacro | null>;
  /** The names there are, sorted, for messages; bounded. */
  names(): Promise<readonly string[]>;
}

const EXTENSIONS = new Set(['.js', '.mjs', '.ts', '.mts']);
const FILES_MAX = 500;
const FILE_BYTES_MAX = 2 * 1024 * 1024;

/** A library without macros. */
export const EMPTY_LIBRARY: MacroLibrary = {
  find: async () => null,
  names: async () => [],
};

/** The macros of a folder (not of its sub-folders), read when asked so that an edited file counts at once. */
export function folderLibrary(dir: string): MacroLibrary {
  const list = async (): Promise<LibraryMacro[]> => {
    const macros: LibraryMacro[] = [];
    try {
      for await (const entry of await opendir(dir)) {
        if (macros.length >= FILES_MAX) break;
        const extension = extname(entry.name);
        if (!EXTENSIONS.has(extension) || /\.d\.[cm]?ts$/.test(entry.name)) continue;
        const macro = await readMacro(join(dir, entry.name), extension);
        if (macro) macros.push(macro);
      }
    } catch {
      // A folder that cannot be read has no macros to call; the call itself then says which names there are.
      return [];
    }
    return macros.sort((a, b) => a.file.localeCompare(b.file));
  };
  return {
    find: async (name) => (await list()).find((macro) => macro.name === name) ?? null,
    names: async () => (await list()).map((macro) => macro.name),
  };
}

async function readMacro(path: string, extension: string): Promise<LibraryMacro | null> {
  const source = await readSource(path);
  if (source === null) return null;
  const name = readHeader(source).name || basename(path, extension);
  return { name, file: basename(path), language: extension.endsWith('ts') ? 'ts' : 'js', source };
}

/** One file that cannot be read (a dangling link, no leave) hides itself and no other. */
async function readSource(path: string): Promise<string | null> {
  try {
    const about = await stat(path);
    return about.isFile() && about.size <= FILE_BYTES_MAX ? await readFile(path, 'utf8') : null;
  } catch {
    return null;
  }
}
