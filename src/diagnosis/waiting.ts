// Owns why a macro took too long or waited for nothing: how its time was spent, and what it waited for at the end.

import { promisesByHand } from '../analysis/calls/settlers.ts';
import type { CrashDump } from '../model/dump.ts';
import { formatDuration } from '../model/limits.ts';
import { safeText } from '../model/safe-text.ts';
import { failuresOf } from './failures.ts';
import { whatLintSays } from './linted.ts';
import { returnedAt } from './returns.ts';
import { counted, type Diagnosis, fact, named, percent, type Scene } from './scene.ts';

const PENDING_SHOWN = 3;
const SLOW_SHARE = 0.2;
const PROMISES_SHOWN = 2;
const LINES_SHOWN = 3;

/** What is known of a run that passed its wall limit. */
export function whyLong(scene: Scene): Diagnosis[] {
  const { dump } = scene;
  const { durationMs, cpuMs } = dump.statistics;
  const busy = Math.min(1, cpuMs / Math.max(1, durationMs));
  const spent = `of its ${formatDuration(durationMs)} it computed for ${formatDuration(cpuMs)} (${percent(busy)}) and waited for the rest`;
  return [
    fact(spent),
    ...failuresOf(scene).said,
    ...tooLongASleep(dump),
    ...pendingNow(dump),
    ...slowest(dump),
  ];
}

/** One sleep alone that asks for longer than the run may last. */
function tooLongASleep({ pending, limit }: CrashDump): Diagnosis[] {
  const asked = pending.flatMap(({ name }) => /^sleep\((\d{1,16})\)$/.exec(name)?.[1] ?? []);
  const longest = Math.max(0, ...asked.map(Number));
  if (limit?.name !== 'wall' || longest <= limit.value) return [];
  return [
    fact(
      `the sleep it was in alone takes ${formatDuration(longest)}: longer than the whole run may, ${formatDuration(limit.value)}`,
      'Sleep for less, or ask for a longer wall limit: `@limit wall=…` in the header or --limit wall=…, as far as the host allows it.',
    ),
  ];
}

/** What of the text explains that nothing could wake a macro. */
const NEVER_RULES = new Set(['never-settles', 'unawaited-command']);

/** What is known of a run that nothing could ever wake. */
export function whyIdle(scene: Scene): Diagnosis[] {
  const { place, called = [] } = scene.dump;
  const where = place ? ` The last it did was at line ${place.line}.` : '';
  const who = called.some(({ file }) => file === scene.file)
    ? `in ${safeText(scene.file, { charsMax: 60 })} no sleep`
    : 'no sleep';
  return [
    fact(
      `${who}, no command and no call was under way: nothing could ever go on, and it had not returned.${where}`,
    ),
    ...whatLintSays(scene, NEVER_RULES),
    ...notSettledYet(scene),
    ...givenBack(scene),
  ];
}

/** Promises made by hand, and what would have settled them: it may stand behind what waits for it. */
function notSettledYet({ text }: Scene): Diagnosis[] {
  if (!text) return [];
  const lineOf = ({ start }: { readonly start: number }) => text.lines.at(start).line;
  return promisesByHand(text)
    .slice(0, PROMISES_SHOWN)
    .map(({ node, by }) => {
      const names = [...new Set(by.map(({ name }) => named(name)))].join(' or ');
      const lines = [...new Set(by.map(({ call }) => lineOf(call)))].slice(0, LINES_SHOWN);
      const where = `line${lines.length > 1 ? 's' : ''} ${lines.join(', ')}`;
      return fact(
        `the promise made at line ${lineOf(node)} is settled by ${names} at ${where} only`,
        `See that ${where} is reached while something waits for that promise: it may stand behind the very \`await\` that needs it.`,
      );
    });
}

/** A macro that is on no `await` of its own and has not returned may have given back a promise that nobody keeps. */
function givenBack(scene: Scene): Diagnosis[] {
  const returns = scene.dump.place ? '' : returnedAt(scene);
  if (returns === '') return [];
  return [
    {
      text: `it is what the macro gave back that is never settled${returns}`,
      certain: false,
      advice: 'Look at what is returned: a promise in it must be resolved by somebody.',
    },
  ];
}

/** What it waited for, alike things told as one; of many only the oldest are in the dump. */
function pendingNow({ pending, pendingTotal }: CrashDump): Diagnosis[] {
  if (pending.length === 0) return [];
  const byName = [...Map.groupBy(pending, ({ name }) => name)]
    .map(([name, all]) => ({
      name: named(name),
      count: all.length,
      longestMs: Math.max(...all.map(({ sinceMs }) => sinceMs)),
    }))
    .sort((a, b) => b.longestMs - a.longestMs)
    .slice(0, PENDING_SHOWN);
  const parts = byName.map(({ name, count, longestMs }) => {
    const longest = formatDuration(longestMs);
    return count > 1 ? `${counted(count)} × ${name} (up to ${longest})` : `${name} for ${longest}`;
  });
  const total = Math.max(pendingTotal ?? 0, pending.length);
  const more = total - byName.reduce((sum, { count }) => sum + count, 0);
  return [
    fact(
      `at the end it waited for ${parts.join(', ')}${more > 0 ? ` and ${counted(more)} more` : ''}`,
    ),
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
      count === 1
        ? `one ${named(name)} took ${formatDuration(ms)} to come back`
        : `of the commands that came back last, ${counted(count)} × ${named(name)} took ${formatDuration(ms / count)} each, on average`,
    ),
  ];
}
