// Owns how many of a run's commands were answered: a dump keeps only those, and must not pass them off as the last ones given.

import type { CrashDump } from '../model/dump.ts';
import { formatCount } from '../model/units.ts';

/** How many commands were answered, failed ones included. */
export function answeredOf({ commands, statistics }: CrashDump): number {
  const known = Object.values(statistics.commandsByName).reduce((sum, count) => sum + count, 0);
  // A dump from elsewhere may have the list without the counts.
  return Math.max(known, commands.length);
}

/** What the commands that a dump holds are of all that were given: `7 of 5,001 commands were answered`. */
export function answeredWords(dump: CrashDump): string {
  const given = dump.statistics.commands;
  const kept = dump.commands.length;
  const answered = answeredOf(dump);
  const all = `${formatCount(given)} ${given === 1 ? 'command' : 'commands'}`;
  if (answered < given) {
    const some = `${formatCount(answered)} of ${all} ${answered === 1 ? 'was' : 'were'} answered`;
    return kept < answered ? `${some}; the last ${formatCount(kept)} of those` : some;
  }
  return kept < answered ? `the last ${formatCount(kept)} of ${all}` : `all ${all}`;
}
