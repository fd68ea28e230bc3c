// Owns what makes two crash dumps one and the same trouble: the macro, the reason, and the code at the place of the end.

import { createHash } from 'node:crypto';
import type { CrashDump } from '../model/dump.ts';
import { macroOfFile } from '../model/ended-in.ts';

/** What two dumps are held against each other by. */
export interface Fingerprint {
  /** 8 hexadecimal digits. */
  readonly id: string;
  readonly macro: string;
  readonly reason: string;
  /** The function it ended in; '' where none is known. */
  readonly functionName: string;
  /** The line of code it ended at, blanks made one; '' where none is known. Its number may change from edit to edit. */
  readonly code: string;
}

const CODE_CHARS_MAX = 400;

/** The fingerprint of a dump: the same for the same reason at the same code of the same macro, wherever it stands now. */
export function toFingerprint(dump: CrashDump): Fingerprint {
  const { macro, reason, place, stack, error } = dump;
  const functionName = place?.source === 'stack' ? (stack[0]?.functionName ?? '') : '';
  const parts = {
    macro: macro.name,
    // Errors of one line differ by what was thrown there.
    reason: reason === 'failed' ? `failed ${error?.name ?? ''}`.trim() : reason,
    functionName,
    code: codeAt(dump),
  };
  const text = JSON.stringify([parts.macro, parts.reason, functionName, parts.code]);
  return { id: createHash('sha256').update(text).digest('hex').slice(0, 8), ...parts };
}

function codeAt(dump: CrashDump): string {
  const { place, macro } = dump;
  if (!place) return '';
  const source = macroOfFile(dump, place.file)?.source;
  if (source === undefined) return `${place.file}:${place.line}`.slice(0, CODE_CHARS_MAX);
  const line = source.split(/\r\n|[\n\r\u2028\u2029]/, place.line)[place.line - 1] ?? '';
  const where = place.file === macro.file ? '' : `${place.file}: `;
  return `${where}${line.trim().replace(/\s+/g, ' ')}`.slice(0, CODE_CHARS_MAX);
}
