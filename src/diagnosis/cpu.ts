// Owns why a macro used too much CPU: which lines, which loop, what that loop waits to see, and what its variables were.

import { loopAt } from '../analysis/loops/loop-at.ts';
import type { CrashDump } from '../model/dump.ts';
import { safeText } from '../model/safe-text.ts';
import { counted, type Diagnosis, named, percent, type Scene } from './scene.ts';

const SHARE_MIN = 0.05;
const LINES_SHOWN = 3;
const HITS_MIN = 10;
const NAMES_MAX = 4;
const CONDITION_CHARS = 80;
const DEPTH_MIN = 8;

/** What is known of where the CPU went. */
export function whyCpu(scene: Scene): Diagnosis[] {
  return [...loopOf(scene), ...recursion(scene), ...hotLines(scene)];
}

function hotLines({ dump }: Scene): Diagnosis[] {
  const all = dump.hotLines ?? [];
  if (all.reduce((sum, { hits }) => sum + hits, 0) < HITS_MIN) return [];
  const found = all.filter(({ share }) => share >= SHARE_MIN).slice(0, LINES_SHOWN);
  if (found.length === 0) return [];
  const parts = found.map(
    ({ line, share, functionName }) =>
      `${percent(share)} at line ${line}${functionName === '(macro)' ? '' : ` in ${named(functionName)}`}`,
  );
  const text = `of the CPU it used while it was watched, ${parts.join(', ')}`;
  return [{ text, certain: true, advice: null }];
}

/** The loop it was in, as lint judged it; and what its condition's variables were at the end. */
function loopOf({ dump, text, offset }: Scene): Diagnosis[] {
  const loop = text && offset !== null ? loopAt(offset, text) : null;
  if (!loop) return [];
  const { line, column, hasExit } = loop;
  const judged = dump.report.loops.find((each) => each.line === line && each.column === column);
  const it = `the loop at line ${line}`;
  const values = valuesOf(loop.names, dump);
  const held = values && `; when it was stopped, ${values}`;
  if (judged?.verdict === 'infinite') {
    const why = hasExit ? 'no way out of it is ever taken' : 'there is no way out of it';
    return [
      told(`${it} never ends: ${why}${held}`, `Give ${it} a way out, and see that it is reached.`),
    ];
  }
  if (judged?.verdict === 'terminates' && judged.bound !== null)
    return [
      told(
        `${it} ends, after at most ${counted(judged.bound)} turns: they were too much for the limit${held}`,
        `Do less in each turn of ${it}, or fewer turns; \`await sleep(0)\` in it lets it pause.`,
      ),
    ];
  if (loop.condition === null) return [];
  const condition = `\`${safeText(loop.condition, { charsMax: CONDITION_CHARS })}\``;
  return [
    told(
      `${it} goes on while ${condition}${held}`,
      `See that something in ${it} makes ${condition} false.`,
    ),
  ];
}

/** `i` was 676, `n` was 1000. */
function valuesOf(names: readonly string[], { stack }: CrashDump): string {
  const locals = stack[0]?.locals ?? [];
  return names
    .slice(0, NAMES_MAX)
    .flatMap((name) => {
      const preview = locals.find((each) => each.name === name)?.preview ?? '';
      return preview === '' ? [] : [`${named(name)} was ${safeText(preview, { charsMax: 60 })}`];
    })
    .join(', ');
}

function told(text: string, advice: string): Diagnosis {
  return { text, certain: true, advice };
}

/** The same function again and again on the stack. */
function recursion({ dump: { stack } }: Scene): Diagnosis[] {
  const counts = new Map<string, number>();
  for (const { functionName, async } of stack)
    if (!async && functionName !== '(macro)')
      counts.set(functionName, (counts.get(functionName) ?? 0) + 1);
  const [most] = [...counts].sort((a, b) => b[1] - a[1]);
  if (!most || most[1] < DEPTH_MIN) return [];
  const text = `${named(most[0])} called itself, directly or by others: it was on the stack ${most[1]} times or more`;
  return [
    {
      text,
      certain: true,
      advice: `Look at what ends the recursion of ${named(most[0])}, and whether its arguments get there.`,
    },
  ];
}
