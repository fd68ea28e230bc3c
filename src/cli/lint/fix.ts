// Owns making the safe fixes of a text: which go together, what the text becomes. Pure; writing it is another's.

import { analyse } from '../../analysis/analyse.ts';
import { Lines } from '../../analysis/text/lines.ts';
import type { Finding, FindingFix } from '../../model/report.ts';
import type { SourceFile } from '../source-file.ts';

/** One change made: offsets into the text as it was. */
export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
  readonly finding: Finding;
  readonly message: string;
}

/** A text with its safe fixes made. */
export interface Fixed {
  readonly text: string;
  /** What was changed, in order; none when there was nothing to mend. */
  readonly edits: readonly Edit[];
  /** True when the fixes together would have broken the text, so that none was made. */
  readonly isBroken: boolean;
}

/** Makes the safe fixes that do not overlap; of two that do, the first. */
export function fixText(source: SourceFile, findings: readonly Finding[]): Fixed {
  const edits = editsOf(source.text, findings);
  if (edits.length === 0) return { text: source.text, edits, isBroken: false };
  const text = applyEdits(source.text, edits);
  // A fix is wrong before the author's file is: what parsed must parse still.
  if (parses(source, source.text) && !parses(source, text))
    return { text: source.text, edits: [], isBroken: true };
  return { text, edits, isBroken: false };
}

function editsOf(source: string, findings: readonly Finding[]): Edit[] {
  const lines = new Lines(source);
  const isCrlf = /\r\n/.test(source) && !/[^\r]\n/.test(source);
  const edits = findings
    .flatMap((finding) => (finding.fix?.safe ? [{ finding, fix: finding.fix }] : []))
    .map(({ finding, fix }) => ({ finding, ...toEdit(fix, lines, isCrlf) }))
    .sort((a, b) => a.start - b.start || a.end - b.end);
  const kept: Edit[] = [];
  for (const edit of edits) {
    const last = kept.at(-1);
    if (!last || goTogether(last, edit)) kept.push(edit);
  }
  return kept;
}

/** Two insertions at one place are most likely the same one twice. */
function goTogether(first: Edit, second: Edit): boolean {
  const isTwice = first.start === second.start && first.end === second.end;
  return first.end <= second.start && !isTwice;
}

function toEdit(fix: FindingFix, { starts }: Lines, isCrlf: boolean): Omit<Edit, 'finding'> {
  const { message, line, column, endLine, endColumn } = fix;
  return {
    message,
    start: (starts[line - 1] ?? 0) + column - 1,
    end: (starts[endLine - 1] ?? 0) + endColumn - 1,
    text: isCrlf ? fix.text.replace(/\r?\n/g, '\r\n') : fix.text,
  };
}

function applyEdits(source: string, edits: readonly Edit[]): string {
  let at = 0;
  const pieces: string[] = [];
  for (const { start, end, text } of edits) {
    pieces.push(source.slice(at, start), text);
    at = end;
  }
  return pieces.join('') + source.slice(at);
}

function parses({ file, language }: SourceFile, text: string): boolean {
  return analyse(text, { file, language }).ast !== null;
}
