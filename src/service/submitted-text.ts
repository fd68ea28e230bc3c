// Owns which text a submission means: its own, or a version of a macro in its owner's library.

import type { MacroHistory } from '../store/history/macros.ts';
import { fileOf } from './owner-library.ts';
import type { Submission } from './submission.ts';
import { SubmissionError } from './submission-error.ts';

/** What is run. */
export interface SubmittedText {
  readonly source: string;
  /** Null for a text that came without one: each such text is a macro of its own, and not all of them one. */
  readonly file: string | null;
  /** What the library calls it, whatever its header says; null for a text that is from nowhere. */
  readonly name: string | null;
  readonly version: number | null;
}

/** The text of a submission. @throws {SubmissionError} `not-found` or `disabled` */
export function textOf(
  { source, macro, name, version, file }: Submission,
  macros: MacroHistory,
  owner: string,
): SubmittedText {
  if (source !== undefined && macro === undefined)
    return { source, file: file ?? null, name: name ?? null, version: null };
  const entry = macro === undefined ? null : macros.get(owner, macro);
  if (!entry) throw new SubmissionError('not-found', `There is no macro ${macro} in this library.`);
  if (!entry.enabled)
    throw new SubmissionError('disabled', `The macro ${macro} is disabled; enable it first.`);
  const text = macros.text(owner, entry.name, version ?? entry.version);
  if (!text)
    throw new SubmissionError('not-found', `The macro ${macro} has no version ${version}.`);
  if (source !== undefined && source !== text.source)
    throw new SubmissionError(
      'not-found',
      `The text of that run is in the library no more: ${macro} was taken out and put anew. Submit it by its name.`,
    );
  const { name: called } = entry;
  return {
    source: text.source,
    file: fileOf(called, text.language),
    name: called,
    version: text.version,
  };
}
