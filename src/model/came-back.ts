// Owns how many of a run's commands came back: a dump keeps only those, and must not pass them off as the last ones given.

import type { CrashDump } from './dump.ts';
import { formatCount } from './units.ts';

/** How many commands came back, with an answer or an error. */
export function cameBack({ commands, statistics }: CrashDump): number {
  const known = Object.values(statistics.commandsByName).reduce((sum, count) => sum + count, 0);
  // A dump from elsewhere may have the list without the counts.
  return Math.max(known, commands.length);
}

/** What the commands that a dump holds are of all that were given: `7 of 5,001 commands came back`. */
export function cameBackWords(dump: CrashDump): string {
  const given = dump.statistics.commands;
  const kept = dump.commands.length;
  const back = cameBack(dump);
  const all = `${formatCount(given)} ${given === 1 ? 'command' : 'commands'}`;
  if (back < given) {
    const some = `${formatCount(back)} of ${all} came back`;
    return kept < back ? `${some}; the last ${formatCount(kept)} of those` : some;
  }
  return kept < back ? `the last ${formatCount(kept)} of ${all}` : `all ${all}`;
}
