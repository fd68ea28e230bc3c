// Owns finding and loading pattern files: the built-in folder first, then the user's; a bad file is refused, never skipped.

import { closeSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { CorralError, toMessage } from '../model/errors.ts';
import { safeText } from '../model/safe-text.ts';
import { BUILT_IN_PATTERNS, checkedBefore } from './checked-patterns.ts';
import {
  PATTERN_BYTES_MAX,
  type PatternFile,
  type PatternProblem,
  parsePatternFile,
} from './pattern-file.ts';
import { type ToFacts, testProblems } from './pattern-tests.ts';

/** A pattern that may be used, and where it is from. */
export interface LoadedPattern extends PatternFile {
  readonly isBuiltIn: boolean;
}

/** What {@link checkPatterns} found. */
export interface CheckedPatterns {
  readonly patterns: readonly LoadedPattern[];
  readonly problems: readonly PatternProblem[];
}

/** How patterns are loaded. */
export interface LoadOptions {
  /** Analyses a macro for the patterns' own tests. */
  readonly toFacts: ToFacts;
  /** False leaves the built-in folder out. Default true. */
  readonly builtIn?: boolean;
  /** False leaves the patterns' own tests to the caller. Default true. */
  readonly runTests?: boolean;
}

const FILES_MAX = 1000;

/**
 * Loads the built-in patterns and those of the folders (or files) named, in the order of their names.
 * @throws {CorralError} `bad-pattern` with file and line of the first problem
 * @throws {CorralError} `unreadable-file` when a folder or file cannot be read
 */
export function loadPatterns(paths: readonly string[], options: LoadOptions): LoadedPattern[] {
  const { patterns, problems } = checkPatterns(paths, options);
  const [first, ...others] = problems;
  if (!first) return [...patterns];
  const more = others.length > 0 ? ` (and ${others.length} more)` : '';
  throw new CorralError('bad-pattern', `Cannot load pattern ${problemText(first)}${more}`);
}

/**
 * Loads like {@link loadPatterns}, but gathers every problem.
 * @throws {CorralError} `unreadable-file` when a folder or file cannot be read
 */
export function checkPatterns(
  paths: readonly string[],
  { toFacts, builtIn = true, runTests = true }: LoadOptions,
): CheckedPatterns {
  const patterns: LoadedPattern[] = [];
  const problems: PatternProblem[] = [];
  // A file that is named twice, by its folder and by itself, is one file and no clash.
  const files = new Map<string, boolean>();
  for (const path of [...(builtIn ? [BUILT_IN_PATTERNS] : []), ...paths])
    for (const file of filesOf(path))
      if (!files.has(file)) files.set(file, path === BUILT_IN_PATTERNS);
  for (const [file, isBuiltIn] of files) {
    const parsed = readPattern(file, isBuiltIn);
    if ('problems' in parsed) problems.push(...parsed.problems);
    else {
      const clash = patterns.find(({ pattern }) => pattern.id === parsed.read.pattern.id);
      if (clash) problems.push(clashProblem(parsed.read, clash));
      patterns.push({ ...parsed.read, isBuiltIn });
    }
  }
  // The tests of the built-in ones are run by Corral's own suite and need not be run again each time.
  for (const pattern of patterns)
    if (runTests && !pattern.isBuiltIn) problems.push(...testProblems(pattern, toFacts));
  return { patterns, problems };
}

/** A problem as one line: `FILE, line 3: what is wrong`. */
export function problemText({ file, line, message }: PatternProblem): string {
  const end = message.endsWith('?') ? '' : '.';
  return `${safeText(file)}${line === null ? '' : `, line ${line}`}: ${message}${end}`;
}

function clashProblem({ file, pattern, lineOf }: PatternFile, other: PatternFile): PatternProblem {
  const message = `the id \`${pattern.id}\` is taken by ${safeText(other.file)}; choose another one`;
  return { file, line: lineOf(['id']), message };
}

/** The pattern files of a folder by name, or the file itself. */
function filesOf(path: string): string[] {
  if (!reading(path, aboutOf).isDirectory()) return [path];
  const names = reading(path, (folder) => readdirSync(folder));
  const files = names.filter((name) => /\.ya?ml$/.test(name) && !name.startsWith('.')).sort();
  if (files.length === 0)
    throw new CorralError(
      'bad-pattern',
      `There is no pattern (*.yaml) in ${safeText(path)}; name a folder that has some.`,
    );
  if (files.length > FILES_MAX)
    throw new CorralError(
      'bad-pattern',
      `${safeText(path)} has ${files.length} patterns; ${FILES_MAX} is the most in one folder.`,
    );
  return files.map((name) => join(path, name));
}

function readPattern(file: string, isBuiltIn: boolean): ReturnType<typeof parsePatternFile> {
  const refuse = (message: string) => ({ problems: [{ file, line: null, message }] });
  // A pipe or a device would be waited for, so what is no plain file is not opened.
  if (!reading(file, aboutOf).isFile()) return refuse('is no plain file');
  const bytes = reading(file, (path) => readUpTo(path, PATTERN_BYTES_MAX + 1));
  if (bytes.length > PATTERN_BYTES_MAX)
    return refuse(`is larger than ${PATTERN_BYTES_MAX / 1024} kB; a pattern is a page or two`);
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    const read = isBuiltIn ? checkedBefore(text, file) : null;
    return read ? { read } : parsePatternFile(text, file);
  } catch {
    return refuse('is not UTF-8 text; save it as UTF-8');
  }
}

function readUpTo(file: string, bytesMax: number): Uint8Array {
  const descriptor = openSync(file, 'r');
  try {
    const buffer = Buffer.alloc(bytesMax);
    return buffer.subarray(0, readSync(descriptor, buffer, 0, bytesMax, 0));
  } finally {
    closeSync(descriptor);
  }
}

const aboutOf = (path: string) => statSync(path);

function reading<Read>(path: string, read: (path: string) => Read): Read {
  try {
    return read(path);
  } catch (error) {
    return unreadable(path, error);
  }
}

function unreadable(path: string, error: unknown): never {
  const why =
    (error as NodeJS.ErrnoException | null)?.code === 'ENOENT'
      ? 'it does not exist'
      : toMessage(error);
  throw new CorralError('unreadable-file', `Cannot read ${safeText(path)}: ${why}.`, {
    cause: error,
  });
}
