// Owns a crash dump in words: a screenful that says what happened, where, and what to try.

import { codeFrame, frameText } from '../model/code-frame.ts';
import type { CrashDump } from '../model/dump.ts';
import { safeText } from '../model/safe-text.ts';

/** The text of a dump's summary file. */
export function dumpSummary(dump: CrashDump): string {
  const lines = [
    `${safeText(dump.macro.name)} was stopped: ${dump.reason}`,
    safeText(dump.message),
  ];
  if (dump.place) {
    lines.push(`at ${safeText(dump.place.file)}:${dump.place.line}`);
    lines.push(frameText(codeFrame(dump.source, dump.place)));
  }
  return `${lines.join('\n')}\n`;
}
