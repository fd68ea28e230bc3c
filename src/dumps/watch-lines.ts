// Owns how a summary shows what patterns saw of a run, and what was done about it.

import type { CrashDump } from '../model/dump.ts';
import { formatDuration } from '../model/limits.ts';
import { at, short } from './items.ts';
import { type Line, piece } from './line.ts';

/** What was done, as people say it. */
const DONE: Record<string, string> = {
  warn: 'warned',
  pause: 'paused',
  stop: 'stopped',
  emergency: 'emergency stop',
};

/** The last interventions, a line each. */
export function watchLines({ interventions = [] }: CrashDump, most: number): Line[] {
  const left = Math.max(0, interventions.length - most);
  const lines: Line[] = interventions
    .slice(-most)
    .map((each) => [
      at(each.at),
      piece(
        `${DONE[each.action] ?? short(each.action, 20)} `,
        each.action === 'warn' ? 'warn' : 'bad',
      ),
      piece(short(each.pattern, 60), 'name'),
      piece(` ${short(each.message, 160)}`),
      piece(each.resumeAfterMs == null ? '' : `; for ${formatDuration(each.resumeAfterMs)}`, 'dim'),
    ]);
  return left === 0 ? lines : [[piece(`${left} before these`, 'dim')], ...lines];
}
