// Owns reading one pattern file's text: YAML → a checked pattern, or every problem with its line and what to write.

import { Pattern } from '../model/pattern.ts';
import { explain } from '../yaml/explain.ts';
import { readYaml } from '../yaml/read-yaml.ts';

/** The largest pattern file (bytes). */
export const PATTERN_BYTES_MAX = 64 * 1024;

/** What is wrong with a pattern file. */
export interface PatternProblem {
  /** As it was named. */
  readonly file: string;
  /** 1-based; null when it is about the file as a whole. */
  readonly line: number | null;
  /** What is wrong with which value, and what to do. */
  readonly message: string;
}

/** A pattern file that is well formed; its own tests have not been run yet. */
export interface PatternFile {
  readonly file: string;
  readonly pattern: Pattern;
  /** The line of a key or an item (1-based), or of the nearest thing around it that is there. */
  lineOf(path: readonly PropertyKey[]): number;
}

/** Reads a pattern file's text; never throws. */
export function parsePatternFile(
  text: string,
  file: string,
): { readonly read: PatternFile } | { readonly problems: readonly PatternProblem[] } {
  const yaml = readYaml(text, 'a pattern');
  if ('faults' in yaml)
    return {
      problems: yaml.faults.map(({ place, message }) => ({
        file,
        line: place?.line ?? null,
        message,
      })),
    };
  const { data, has, placeOf } = yaml.read;
  const lineOf = (path: readonly PropertyKey[]) => placeOf(path).line;
  const checked = Pattern.safeParse(data);
  if (checked.success) return { read: { file, pattern: checked.data, lineOf } };
  return {
    problems: explain(Pattern, checked.error, { has }).map(({ path, message }) => ({
      file,
      line: lineOf(path),
      message,
    })),
  };
}
