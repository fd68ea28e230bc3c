// Owns how the outcome of a replay looks on a terminal.

import type { CrashDump, Replay } from '../../corral.ts';
import { short } from '../../dumps/items.ts';
import { type Line, piece } from '../../dumps/line.ts';
import { formatBytes, formatDuration } from '../../model/limits.ts';

const DIVERGED_SHOWN = 5;

/** The verdict, both ends, and where it went another way. */
export function replayLines(dump: CrashDump, replay: Replay): Line[] {
  const { same, partial, missing, diverged, end } = replay;
  const verdict: Line = same
    ? [piece('✔ ', 'good'), piece('it ends the same way', 'strong')]
    : partial
      ? [piece('? ', 'warn'), piece('the recording ended before the macro did', 'strong')]
      : [piece('✖ ', 'bad'), piece('it ends in another way', 'strong')];
  const lines: Line[] = [
    verdict,
    [piece('  then  ', 'dim'), ...endPieces(dump.reason, dump.place, dump.error)],
    [
      piece('  now   ', 'dim'),
      ...endPieces(
        end.reason,
        end.line === null ? null : { file: end.file, line: end.line },
        end.error,
      ),
      piece(whyElsewhere(dump, replay), 'dim'),
    ],
    [
      piece(
        `        ${formatDuration(dump.statistics.durationMs)} → ${formatDuration(end.durationMs)} · cpu ${formatDuration(dump.statistics.cpuMs)} → ${formatDuration(end.cpuMs)} · heap ${formatBytes(dump.statistics.peakHeap)} → ${formatBytes(end.peakHeap)} · commands ${dump.statistics.commands} → ${end.commands}`,
        'dim',
      ),
    ],
  ];
  for (const { at, asked, recorded } of diverged.slice(0, DIVERGED_SHOWN))
    lines.push(
      [piece(`  at ${formatDuration(at)} it asked for `, 'warn'), piece(short(asked, 160))],
      [
        piece(recorded === null ? '    nothing more is recorded' : '    recorded is ', 'dim'),
        piece(recorded === null ? '' : short(recorded, 160)),
      ],
    );
  if (diverged.length > DIVERGED_SHOWN)
    lines.push([
      piece(`  and ${diverged.length - DIVERGED_SHOWN} more that is not recorded`, 'warn'),
    ]);
  if (missing > 0)
    lines.push([piece(`  ${missing} recorded answers were not asked for again`, 'dim')]);
  return lines;
}

/** Why two places that are not the same are the same end. */
function whyElsewhere({ place: then }: CrashDump, { same, place, end }: Replay): string {
  if (place === 'near') return '  (another turn of the same code)';
  const isSamePlace = then?.line === end.line && then?.file === end.file;
  if (!same || isSamePlace || !then || end.line === null) return '';
  return '  (a moment earlier or later: of a macro that waits in between only the last thing it did is known)';
}

function endPieces(
  reason: string,
  place: { readonly file: string; readonly line: number } | null,
  error: { readonly name: string; readonly message: string } | null,
): Line {
  return [
    piece(short(reason, 60), reason === 'completed' ? 'good' : 'bad'),
    piece(place ? ` at ${short(place.file)}:${place.line}` : ''),
    piece(error ? `  ${short(error.name, 60)}: ${short(error.message, 120)}` : ''),
  ];
}
