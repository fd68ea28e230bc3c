// Owns the block that closes a run on a terminal: what happened, where, what it used, and where to read more.

import { codeFrame } from '../../model/code-frame.ts';
import type { EndEvent } from '../../model/events.ts';
import { formatBytes, formatDuration, type Limits } from '../../model/limits.ts';
import { safeText } from '../../model/safe-text.ts';
import { type Paint, terminalColumns } from '../style.ts';

const STACK_LINES_MAX = 8;
/** What stands left of a line of source, and the marks of what is left out (columns). */
const FRAME_MARGIN = 21;

/** Renders the end of a run. `source` is the macro's own text; a place in another file is named without an excerpt. */
export function renderEnd(
  end: EndEvent,
  about: { readonly file: string; readonly source: string; readonly limits: Limits | null },
  paint: Paint,
): string {
  const lines = [headline(end, paint)];
  if (end.error) {
    const message = safeText(end.error.message, { multiline: true, charsMax: 1000 });
    lines.push(`  ${paint('red', safeText(end.error.name, { charsMax: 80 }))}: ${indent(message)}`);
  }
  lines.push(...whereLines(end, about, paint));
  if (about.limits && end.reason !== 'refused')
    lines.push(`  ${paint('dim', 'used')}   ${usedText(end, about.limits)}`);
  if (end.dump) {
    lines.push(`  ${paint('dim', 'dump')}   ${end.dump}`);
    lines.push(`  ${paint('dim', 'more')}   ${inspecting(end.dump)}`);
  }
  return `${lines.join('\n')}\n`;
}

/** How to read on in a dump, here or on a server. */
function inspecting(dump: string): string {
  return /^https?:/.test(dump) ? `curl -s '${dump}?file=summary'` : `corral inspect ${dump}`;
}

/** True when what lint found is why it was not let in. */
export function isLintedOut({ refusal }: EndEvent): boolean {
  return refusal === null || refusal.code === 'lint' || refusal.code === 'risk';
}

function headline(end: EndEvent, paint: Paint): string {
  const macro = paint('bold', safeText(end.macro, { charsMax: 60 }));
  const after = formatDuration(end.durationMs);
  switch (end.status) {
    case 'completed':
      return `${paint('green', '✔')} ${macro} completed in ${after}${triesOf(end)}`;
    case 'failed':
      return `${paint('red', '✖')} ${macro} failed after ${after}${triesOf(end)}`;
    case 'refused':
      // What lint found stands above it, with its place; everything else is said here.
      return isLintedOut(end)
        ? `${paint('red', '✖')} ${macro} was refused`
        : `${paint('red', '✖')} ${macro} was refused (${paint('bold', end.refusal?.code ?? '')}): ${safeText(end.message)}`;
    case 'cancelled':
      return `${paint('yellow', '■')} ${macro} was cancelled after ${after}: ${safeText(end.message)}`;
    case 'killed':
      return `${paint('red', '✖')} ${macro} was stopped after ${after} (${paint('bold', end.reason)}): ${safeText(end.message)}`;
  }
}

/** A message says so itself; these two headlines have none. */
function triesOf({ attempts }: EndEvent): string {
  return attempts === 1 ? '' : ` (try ${attempts})`;
}

function whereLines(
  end: EndEvent,
  about: { readonly file: string; readonly source: string },
  paint: Paint,
): string[] {
  if (end.line === null) return [];
  const column = end.column === null ? '' : `:${end.column}`;
  const lines = [`  ${paint('dim', 'at')}     ${safeText(end.file)}:${end.line}${column}`];
  if (end.file === about.file) {
    const place = { line: end.line, column: end.column };
    const columns = terminalColumns();
    const room = columns && columns - FRAME_MARGIN;
    for (const { kind, gutter, text } of codeFrame(about.source, place, 1, room)) {
      const mark = kind === 'marked' ? paint('red', '>') : ' ';
      const body = kind === 'caret' ? paint('red', text) : text;
      lines.push(`         ${mark} ${paint('dim', `${gutter} |`)} ${body}`.trimEnd());
    }
  }
  const stack = (end.error?.stack ?? '')
    .split('\n')
    .filter((line) => line.trimStart().startsWith('at '));
  for (const line of stack.slice(1, STACK_LINES_MAX))
    lines.push(`         ${paint('dim', safeText(line.trim()))}`);
  return lines;
}

function usedText(end: EndEvent, limits: Limits): string {
  const parts = [
    `cpu ${formatDuration(end.cpuMs)} of ${formatDuration(limits.cpu.value)}`,
    `${end.commands} of ${limits.commands.value} commands`,
  ];
  // A run shorter than the sampler's first look has no reading to show.
  if (end.peakHeap > 0)
    parts.splice(1, 0, `heap ${formatBytes(end.peakHeap)} of ${formatBytes(limits.heap.value)}`);
  return parts.join(' · ');
}

function indent(text: string): string {
  return text.replaceAll('\n', '\n    ');
}
