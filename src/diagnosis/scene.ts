// Owns what a diagnosis looks at: a dump, and its macro's text read again.

import { readText, type Text } from '../analysis/read-text.ts';
import type { CrashDump } from '../model/dump.ts';
import { macroOfFile } from '../model/ended-in.ts';
import type { Report } from '../model/report.ts';
import { safeText } from '../model/safe-text.ts';
import { formatCount } from '../model/units.ts';

/** A dump and the text it is about: that of the macro the run ended in, its own or one it called. */
export interface Scene {
  readonly dump: CrashDump;
  readonly file: string;
  readonly source: string;
  /** What lint says of it; null where the dump does not have that. */
  readonly report: Report | null;
  /** Null when the text cannot be read. */
  readonly text: Text | null;
  /** Where the run ended, as an offset into the text; null where not known. */
  readonly offset: number | null;
}

/** What is said of an end. */
export interface Diagnosis {
  readonly text: string;
  /** False for what only seems likely; the text then says so too. */
  readonly certain: boolean;
  /** What to do about it, where that is known. */
  readonly advice: string | null;
}

/** Reads the text of the macro that a dump's run ended in. */
export function toScene(dump: CrashDump): Scene {
  const { place, stack, macro } = dump;
  const file = place?.file ?? stack[0]?.file ?? macro.file;
  const found = macroOfFile(dump, file);
  const source = found?.source ?? '';
  const text = found && readText(source, found.language);
  const start = place && text?.lines.starts[place.line - 1];
  const offset = start == null ? null : start + (place?.column ?? 1) - 1;
  return { dump, file, source, report: found?.report ?? null, text: text ?? null, offset };
}

/** A fact, with what to do about it where that is known. */
export function fact(text: string, advice: string | null = null): Diagnosis {
  return { text, certain: true, advice };
}

/** A name from the macro's side, fit to be shown. */
export function named(name: string): string {
  return `\`${safeText(name, { charsMax: 60 })}\``;
}

/** A count with its thousands set apart. */
export function counted(count: number): string {
  return formatCount(count);
}

/** A share as a whole percentage; never 100 % of what is not all. */
export function percent(share: number): string {
  const whole = Math.round(share * 100);
  return `${whole === 100 && share < 1 ? 99 : whole} %`;
}
