// Owns what a diagnosis looks at: a dump, and its macro's text read again.

import { readText, type Text } from '../analysis/read-text.ts';
import type { CrashDump } from '../model/dump.ts';
import { safeText } from '../model/safe-text.ts';

/** A dump and the text it is about. */
export interface Scene {
  readonly dump: CrashDump;
  /** Null when the text cannot be read, or when the run ended in a macro that this one called. */
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

/** Reads the text of a dump's macro. */
export function toScene(dump: CrashDump): Scene {
  const { place, macro, source } = dump;
  const isOwn = !place || place.file === macro.file;
  const text = isOwn ? readText(source, macro.language) : null;
  const start = place && text?.lines.starts[place.line - 1];
  return { dump, text, offset: start == null ? null : start + (place?.column ?? 1) - 1 };
}

/** A name from the macro's side, fit to be shown. */
export function named(name: string): string {
  return `\`${safeText(name, { charsMax: 60 })}\``;
}

/** A count with its thousands set apart. */
export function counted(count: number): string {
  return Math.round(count).toLocaleString('en-US');
}

/** A share as a whole percentage; never 100 % of what is not all. */
export function percent(share: number): string {
  const whole = Math.round(share * 100);
  return `${whole === 100 && share < 1 ? 99 : whole} %`;
}
