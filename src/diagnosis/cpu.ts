// Owns why a macro used too much CPU: which lines, which loop, what that loop waits to see, and what its variables were.

import { type LoopAt, loopsAround } from '../analysis/loops/loop-at.ts';
import type { CrashDump } from '../model/dump.ts';
import { safeText } from '../model/safe-text.ts';
import { counted, type Diagnosis, named, percent, type Scene } from './scene.ts';

const SHARE_MIN = 0.05;
const LINES_SHOWN = 3;
const HITS_MIN = 10;
const NAMES_MAX = 4;
const FRAMES_MAX = 12;
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

/** A loop it was in, and where on the stack. */
interface Around {
  readonly loop: LoopAt;
  readonly frame: CrashDump['stack'][number] | null;
  readonly verdict: string;
  readonly bound: number | null;
}

/** Of all loops it was in the one to blame: one that never ends, before one of which nothing is known, before the longest. */
function loopOf(scene: Scene): Diagnosis[] {
  const around = loopsOf(scene);
  const [longest] = around
    .filter(({ bound }) => bound !== null)
    .sort((a, b) => (b.bound ?? 0) - (a.bound ?? 0));
  const blamed =
    around.find(({ verdict }) => verdict === 'infinite') ??
    around.find(({ verdict, loop }) => verdict === 'unknown' && loop.condition !== null) ??
    longest;
  return blamed ? [tellOf(blamed)] : [];
}

/** The loops around each place on the stack, the innermost first. */
function loopsOf({ dump, text, offset }: Scene): Around[] {
  if (!text) return [];
  const { stack, macro, report } = dump;
  const frames = stack.filter(({ file }) => file === macro.file).slice(0, FRAMES_MAX);
  const places = frames.map((frame) => ({
    frame,
    at: (text.lines.starts[frame.line - 1] ?? 0) + (frame.column ?? 1) - 1,
  }));
  const all = places.length > 0 ? places : offset === null ? [] : [{ frame: null, at: offset }];
  return all.flatMap(({ frame, at }) =>
    loopsAround(at, text).map((loop) => {
      const judged = report.loops.find(
        ({ line, column }) => line === loop.line && column === loop.column,
      );
      return { loop, frame, verdict: judged?.verdict ?? 'unknown', bound: judged?.bound ?? null };
    }),
  );
}

function tellOf({ loop, frame, verdict, bound }: Around): Diagnosis {
  const it = `the loop at line ${loop.line}`;
  const values = valuesOf(loop.names, frame);
  const held = values && `; when it was stopped, ${values}`;
  if (verdict === 'infinite') {
    const why = loop.hasExit ? 'no way out of it is ever taken' : 'there is no way out of it';
    return told(
      `${it} never ends: ${why}${held}`,
      `Give ${it} a way out, and see that it is reached.`,
    );
  }
  if (bound !== null)
    return told(
      `${it} ends, after at most ${counted(bound)} turns: they were too much for the limit${held}`,
      `Do less in each turn of ${it}, or fewer turns; \`await sleep(0)\` in it lets it pause.`,
    );
  const condition = `\`${safeText(loop.condition ?? '', { charsMax: CONDITION_CHARS })}\``;
  return told(
    `${it} goes on while ${condition}${held}`,
    `See that something in ${it} makes ${condition} false.`,
  );
}

/** `i` was 676, `n` was 1000. */
function valuesOf(names: readonly string[], frame: Around['frame']): string {
  const locals = frame?.locals ?? [];
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
