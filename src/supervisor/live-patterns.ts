// Owns which patterns runs are watched for: the built-in ones, read once for the process and only when they are needed, and
// those of folders that somebody names, read at once so that a bad file is told where it was named.

import { toMacroFacts } from '../analysis/macro-facts.ts';
import type { Pattern } from '../model/pattern.ts';
import { loadPatterns } from '../policy/patterns.ts';

let builtIn: readonly Pattern[] | null = null;

/**
 * The patterns to watch for.
 * @param paths folders or files besides the built-in ones; false watches for none
 * @throws {CorralError} `bad-pattern` with file and line, or `unreadable-file`
 */
export function livePatterns(paths: readonly string[] | false): () => readonly Pattern[] {
  if (paths === false) return () => [];
  if (paths.length === 0) return readBuiltIn;
  const patterns = read(paths);
  return () => patterns;
}

function readBuiltIn(): readonly Pattern[] {
  builtIn ??= read([]);
  return builtIn;
}

function read(paths: readonly string[]): readonly Pattern[] {
  return loadPatterns(paths, { toFacts: toMacroFacts }).map(({ pattern }) => pattern);
}
