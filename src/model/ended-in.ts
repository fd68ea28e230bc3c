// Owns which of a dump's macros a run ended in: its own, or one that it called.

import type { CrashDump } from './dump.ts';
import type { Report } from './report.ts';

/** A macro of a dump. */
export interface EndedIn {
  readonly file: string;
  readonly language: 'js' | 'ts';
  readonly source: string;
  /** Null where the dump does not have it. */
  readonly report: Report | null;
  /** True for one that was called. */
  readonly isCalled: boolean;
}

/** The macro whose file this is; null when the dump has none of that name. The run's own comes first. */
export function macroOfFile(dump: CrashDump, file: string): EndedIn | null {
  const { macro, source, report, called = [] } = dump;
  if (file === macro.file)
    return { file, language: macro.language, source, report, isCalled: false };
  const found = called.find((each) => each.file === file);
  return (
    (found && {
      file,
      language: found.language,
      source: found.source,
      report: found.report ?? null,
      isCalled: true,
    }) ??
    null
  );
}
