// Owns how a folder's crash dumps in groups look on a terminal.

import type { DumpGroup, GroupedDumps } from '../../dumps/groups.ts';
import { short } from '../../dumps/items.ts';
import { cutLine, type Line, piece } from '../../dumps/line.ts';

const DAMAGED_SHOWN = 5;

/** A block for each group: how often, what, where, and the newest of its dumps. */
export function groupLines({ groups, read, damaged }: GroupedDumps, columns: number): Line[] {
  const width = String(groups[0]?.count ?? 0).length + 1;
  const indent = ' '.repeat(width + 2);
  const blocks = groups.flatMap((group): Line[] => [
    [
      piece(`×${group.count}`.padStart(width), 'strong'),
      piece('  '),
      piece(short(group.reason, 40), 'bad'),
      piece('  '),
      piece(short(group.macro, 40), 'name'),
      piece(group.line === null ? '' : `  line ${group.line}`),
      piece(
        group.functionName && group.functionName !== '(macro)'
          ? ` in ${short(group.functionName, 30)}`
          : '',
      ),
      piece(`  ${group.id}`, 'dim'),
    ],
    ...(group.code === '' ? [] : [[piece(indent), piece(short(group.code, 100))]]),
    [piece(`${indent}${spanOf(group)}`, 'dim')],
    [piece(`${indent}${short(group.newest, 200)}`, 'dim')],
    [],
  ]);
  const kinds = `${groups.length} ${groups.length === 1 ? 'kind' : 'kinds'} of trouble`;
  const lines: Line[] = [
    ...blocks.map((line) => cutLine(line, Math.max(40, columns))),
    [piece(`${read} ${read === 1 ? 'dump' : 'dumps'}, ${kinds}`, 'strong')],
  ];
  for (const { why } of damaged.slice(0, DAMAGED_SHOWN))
    lines.push([piece(`not opened: ${short(why, 200)}`, 'warn')]);
  if (damaged.length > DAMAGED_SHOWN)
    lines.push([piece(`and ${damaged.length - DAMAGED_SHOWN} more not opened`, 'warn')]);
  return lines;
}

function spanOf({ count, firstAt, lastAt }: DumpGroup): string {
  const show = (iso: string) => short(iso, 30).slice(0, 19).replace('T', ' ');
  return count === 1 ? `${show(lastAt)} UTC` : `${show(firstAt)} to ${show(lastAt)} UTC, newest:`;
}
