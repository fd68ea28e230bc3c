// Owns lint results for tests of the formats: real analyses of small texts.

import {
  type Linted,
  type LintMeans,
  type LintResult,
  lintSource,
} from '../../src/cli/lint/linted.ts';
import { MacroFolders } from '../../src/cli/lint/macro-folders.ts';
import { type GuardLevel, toGuard } from '../../src/model/guard.ts';

/** Lint without host or patterns, the least there is. */
export const BARE: LintMeans = {
  commands: undefined,
  patterns: [],
  guard: null,
  folders: new MacroFolders(),
  server: null,
};

/** The guard by its level. */
export type Means = Partial<Omit<LintMeans, 'guard'>> & { readonly guard?: GuardLevel };

/** Looks at a text under a file name. */
export function lintText(text: string, file = 'm.js', means: Means = {}): Linted {
  const language = file.endsWith('.ts') ? 'ts' : 'js';
  const guard = means.guard === undefined ? null : toGuard(means.guard);
  return lintSource({ file, baseName: 'm', language, text }, { ...BARE, ...means, guard });
}

/** A result of these files. */
export function resultOf(...linted: readonly Linted[]): LintResult {
  return { linted, unread: [] };
}
