// Owns why a macro took too long or waited for nothing: how its time was spent, and what it waited for at the end.

import type { CrashDump } from '../model/dump.ts';
import { formatDuration } from '../model/limits.ts';
import { safeText } from '../model/safe-text.ts';
import { counted, type Diagnosis, named, percent, type Scene } from './scene.ts';

const PENDING_SHOWN = 3;
const SLOW_SHARE = 0.2;

/** What is known of a run that passed its wall limit. */
export function whyLong({ dump }: Scene): Diagnosis[] {
  const { durationMs, cpuMs } = dump.statistics;
  const busy = Math.min(1, cpuMs / Math.max(1, durationMs));
  const spent = `of its ${formatDuration(durationMs)} it computed for ${formatDuration(cpuMs)} (${percent(busy)}) and waited for the rest`;
  return [fact(spent), ...pendingNow(dump), ...slowest(dump)];
}

/** What is known of a run that nothing could ever wake. */
export function whyIdle({ dump }: Scene): Diagnosis[] {
  const where = dump.place ? ` The last it did was at line ${dump.place.line}.` : '';
  return [
    fact(
      `no sleep, no command and no call was under way: nothing could ever go on, and it had not returned.${where}`,
    ),
  ];
}

function pendingNow({ pending }: CrashDump): Diagnosis[] {
  if (pending.length === 0) return [];
  const oldest = [...pending].sort((a, b) => b.sinceMs - a.sinceMs).slice(0, PENDING_SHOWN);
  const parts = oldest.map(
    ({ name, sinceMs }) =>
      `${named(safeText(name, { charsMax: 60 }))} for ${formatDuration(sinceMs)}`,
  );
  const more = pending.length - oldest.length;
  return [
    fact(`at the end it waited for ${parts.join(', ')}${more > 0 ? ` and ${more} more` : ''}`),
  ];
}

/** A command that took much of the time, as far as commands are remembered. */
function slowest({ commands, statistics }: CrashDump): Diagnosis[] {
  const byName = new Map<string, { ms: number; count: number }>();
  for (const { name, durationMs } of commands) {
    const known = byName.get(name) ?? { ms: 0, count: 0 };
    byName.set(name, { ms: known.ms + (durationMs ?? 0), count: known.count + 1 });
  }
  const [most] = [...byName].sort((a, b) => b[1].ms - a[1].ms);
  if (!most || most[1].ms < statistics.durationMs * SLOW_SHARE) return [];
  const [name, { ms, count }] = most;
  return [
    fact(
      `the last ${counted(count)} × ${named(name)} took ${formatDuration(ms)} together to be answered`,
    ),
  ];
}

function fact(text: string): Diagnosis {
  return { text, certain: true, advice: null };
}
