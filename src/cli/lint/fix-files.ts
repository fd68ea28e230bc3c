// Owns `--fix` and `--fix-dry-run`: mends the files that were looked at, or shows how, and says what it did.

import { CorralError } from '../../model/errors.ts';
import { safeText } from '../../model/safe-text.ts';
import type { Paint } from '../style.ts';
import { type DiffLine, toDiff } from './diff.ts';
import { type Fixed, fixText } from './fix.ts';
import type { Linted, LintMeans, LintResult } from './linted.ts';
import { lintSource } from './linted.ts';
import { rewriteFile } from './rewrite-file.ts';

const DIFF_STYLE = {
  file: 'bold',
  hunk: 'cyan',
  same: 'reset',
  gone: 'red',
  new: 'green',
} as const;

/**
 * The diff of every file that would be mended; '' for none.
 * @param tell takes a line about each file whose fixes do not go together
 */
export function dryRun({ linted }: LintResult, paint: Paint, tell: (line: string) => void): string {
  const lines = linted.flatMap(({ source, told }) => {
    const { edits, isBroken } = fixText(source, told);
    if (isBroken) tell(brokenLine(source.file));
    return toDiff(source.file, source.text, edits);
  });
  return lines.map((line) => `${painted(line, paint)}\n`).join('');
}

function brokenLine(file: string): string {
  return `${safeText(file)}: with these fixes it would not parse any more, so none is made`;
}

function painted({ kind, text }: DiffLine, paint: Paint): string {
  return kind === 'same' ? text : paint(DIFF_STYLE[kind], text);
}

/**
 * Mends the files and looks at them again.
 * @param tell takes a line about each file that was changed, or could not be
 */
export async function fixFiles(
  result: LintResult,
  means: LintMeans,
  tell: (line: string) => void,
): Promise<LintResult> {
  const linted: Linted[] = [];
  const unread = [...result.unread];
  for (const each of result.linted) {
    const fixed = fixText(each.source, each.told);
    try {
      linted.push(await fixOne(each, fixed, means, tell));
    } catch (error) {
      if (!(error instanceof CorralError)) throw error;
      linted.push(each);
      unread.push({ file: each.source.file, message: error.message });
    }
  }
  return { linted, unread };
}

async function fixOne(
  before: Linted,
  { text, edits, isBroken }: Fixed,
  means: LintMeans,
  tell: (line: string) => void,
): Promise<Linted> {
  const { source } = before;
  const file = safeText(source.file);
  if (isBroken) tell(brokenLine(source.file));
  if (edits.length === 0) return before;
  await rewriteFile(source.file, source.text, text);
  for (const { finding, message } of edits)
    tell(`fixed ${file}:${finding.line}:${finding.column}  ${finding.rule}: ${safeText(message)}`);
  return lintSource({ ...source, text }, means);
}
