// Owns which files `corral lint` means: files, folders and glob patterns become macros, each once and in order.

import type { Dirent } from 'node:fs';
import { glob, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { toSystemReason } from '../../model/errno.ts';
import { CorralError } from '../../model/errors.ts';
import { safeText } from '../../model/safe-text.ts';

const FILES_MAX = 10_000;
/** Deeper folders than this are a circle of links or no project of macros. */
const DEPTH_MAX = 64;
const MACRO = /\.(js|mjs|ts|mts)$/;
const MAGIC = /[*?[\]{}]/;

/** What the paths came to. */
export interface FoundMacros {
  readonly files: readonly string[];
  /** What came to nothing and why, one sentence each. */
  readonly problems: readonly string[];
}

/**
 * Folders become the macros in them, patterns what they match. A path that is not there is left to whoever reads it.
 * @throws {CorralError} `bad-usage` when far too many files are meant
 */
export async function findMacros(paths: readonly string[]): Promise<FoundMacros> {
  const files = new Set<string>();
  const problems: string[] = [];
  for (const path of paths) {
    const found = await macrosOf(path);
    problems.push(...found.problems);
    for (const file of found.files) files.add(file);
    if (files.size > FILES_MAX) throw tooMany();
  }
  return { files: [...files], problems };
}

async function macrosOf(path: string): Promise<FoundMacros> {
  if (path === '-') return { files: [path], problems: [] };
  const about = await stat(path).catch(() => null);
  const none = (problem: string) => ({ files: [], problems: [problem] });
  const shown = safeText(path, { charsMax: 200 });
  if (about?.isDirectory()) {
    const found = await macrosIn(path);
    if (found.files.length > 0 || found.problems.length > 0) return found;
    return none(`There is no macro (*.js, *.mjs, *.ts, *.mts) in ${shown}.`);
  }
  if (about || !MAGIC.test(path)) return { files: [path], problems: [] };
  const files = await macrosLike(path);
  if (files.length > 0) return { files, problems: [] };
  return none(`No macro (*.js, *.mjs, *.ts, *.mts) matches ${shown}.`);
}

async function macrosLike(pattern: string): Promise<string[]> {
  const files: string[] = [];
  const entries = glob(pattern, {
    withFileTypes: true,
    exclude: (entry) => isSkipped(typeof entry === 'string' ? entry : entry.name),
  });
  for await (const entry of entries) {
    if (!entry.isFile() || !isMacro(entry.name)) continue;
    files.push(join(entry.parentPath, entry.name));
    if (files.length > FILES_MAX) throw tooMany();
  }
  return relativeLike(pattern, files).sort();
}

/** Node gives absolute paths for the files of a relative pattern; people read the short ones. */
function relativeLike(pattern: string, files: readonly string[]): string[] {
  const here = join(process.cwd(), '/');
  if (pattern.startsWith('/')) return [...files];
  return files.map((file) => (file.startsWith(here) ? file.slice(here.length) : file));
}

async function macrosIn(folder: string, depth = 0): Promise<FoundMacros> {
  const files: string[] = [];
  const problems: string[] = [];
  const entries = depth > DEPTH_MAX ? [] : await entriesOf(folder);
  if (typeof entries === 'string') return { files, problems: [entries] };
  for (const entry of entries) {
    const inside = join(folder, entry.name);
    if (entry.isDirectory() && !isSkipped(entry.name)) {
      const found = await macrosIn(inside, depth + 1);
      files.push(...found.files);
      problems.push(...found.problems);
    } else if (entry.isFile() && isMacro(entry.name)) files.push(inside);
    if (files.length > FILES_MAX) throw tooMany();
  }
  return { files, problems };
}

/** What is in a folder by name, or why it cannot be read. */
async function entriesOf(folder: string): Promise<Dirent[] | string> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error) {
    // One that went away meanwhile has no macros.
    if (isGone(error)) return [];
    const shown = safeText(folder, { charsMax: 200 });
    return `Cannot read folder ${shown}: ${toSystemReason(error)}.`;
  }
}

function isGone(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

function isSkipped(name: string): boolean {
  return name === 'node_modules' || (name.startsWith('.') && name.length > 2);
}

function isMacro(name: string): boolean {
  return MACRO.test(name) && !/\.d\.m?ts$/.test(name);
}

function tooMany(): CorralError {
  return new CorralError(
    'bad-usage',
    `More than ${FILES_MAX} macros are meant; name fewer folders at once.`,
  );
}
