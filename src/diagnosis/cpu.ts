// Owns why a macro used too much CPU: which lines, which loop, what that loop waits to see, and what its variables were.

import { type LoopAt, loopsAround } from '../analysis/loops/loop-at.ts';
import type { CrashDump } from '../model/dump.ts';
import { safeText } from '../model/safe-text.ts';
import { whatLintSays } from './linted.ts';
import { whyRecursion } from './recursion.ts';
import { counted, type Diagnosis, fact, named, percent, type Scene } from './scene.ts';

const SHARE_MIN = 0.05;
const LINES_SHOWN = 3;
const HITS_MIN = 10;
const NAMES_MAX = 4;
const FRAMES_MAX = 12;
const CONDITION_CHARS = 80;
const WHY_CHARS = 200;

/** What of the text explains that a macro computed for too long, loops aside: those are told with what was seen of them. */
const LONG_RULES = new Set([
  'endless-iteration',
  'endless-work',
  'slow-regex',
  'sync-hog',
  'huge-allocation',
  'infinite-recursion',
]);

/** What is known of where the CPU went. */
export function whyCpu(scene: Scene): Diagnosis[] {
  return [
    ...whyLoop(scene),
    ...whyRecursion(scene),
    ...whatLintSays(scene, LONG_RULES),
    ...hotLines(scene),
  ];
}

/** Which lines took the CPU, as far as it was watched. */
export function hotLines({ dump }: Scene): Diagnosis[] {
  const all = dump.hotLines ?? [];
  if (all.reduce((sum, { hits }) => sum + hits, 0) < HITS_MIN) return [];
  const found = all.filter(({ share }) => share >= SHARE_MIN).slice(0, LINES_SHOWN);
  if (found.length === 0) return [];
  const parts = found.map(
    ({ line, share, functionName }) =>
      `${percent(share)} at line ${line}${functionName === '(macro)' ? '' : ` in ${named(functionName)}`}`,
  );
  return [fact(`of the CPU it used while it was watched, ${parts.join(', ')}`)];
}

/** A loop it was in, and where on the stack. */
interface Around {
  readonly loop: LoopAt;
  readonly frame: CrashDump['stack'][number] | null;
  readonly verdict: string;
  readonly bound: number | null;
  /** Why it never ends, in the words of lint. */
  readonly why: string | null;
}

/** Of all loops it was in the one to blame: one that never ends, before one of which nothing is known, before the longest. */
export function whyLoop(scene: Scene): Diagnosis[] {
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

/** The loop around the end that never does, where there is one; for a macro that was stopped for waiting. */
export function whyEndless(scene: Scene): Diagnosis[] {
  const found = loopsOf(scene).find(({ verdict }) => verdict === 'infinite');
  if (!found) return [];
  const { text } = tellOf(found);
  return [
    fact(
      text,
      scene.dump.reason === 'wall-limit'
        ? `Give the loop at line ${found.loop.line} an end; or a longer wall limit, if it is to run on: \`@limit wall=…\` in the header or --limit wall=…, as far as the host allows it.`
        : `Give the loop at line ${found.loop.line} an end, and see that it is reached.`,
    ),
  ];
}

/** The loops around each place on the stack, the innermost first. */
function loopsOf({ dump, file, text, offset, report }: Scene): Around[] {
  if (!text) return [];
  const frames = dump.stack.filter((frame) => frame.file === file).slice(0, FRAMES_MAX);
  const places = frames.map((frame) => ({
    frame,
    at: (text.lines.starts[frame.line - 1] ?? 0) + (frame.column ?? 1) - 1,
  }));
  const all = places.length > 0 ? places : offset === null ? [] : [{ frame: null, at: offset }];
  return all.flatMap(({ frame, at }) =>
    loopsAround(at, text).map((loop) => {
      const isIt = ({ line, column }: { readonly line: number; readonly column: number }) =>
        line === loop.line && column === loop.column;
      const judged = report?.loops.find(isIt);
      const said = report?.findings.find((each) => each.rule === 'infinite-loop' && isIt(each));
      const why = /^this loop (?:can never end|never ends by itself): ([^;]+)/.exec(
        said?.message ?? '',
      )?.[1];
      const verdict = judged?.verdict ?? 'unknown';
      return { loop, frame, verdict, bound: judged?.bound ?? null, why: why ?? null };
    }),
  );
}

function tellOf({ loop, frame, verdict, bound, why }: Around): Diagnosis {
  const it = `the loop at line ${loop.line}`;
  const values = valuesOf(loop.names, frame);
  const held = values && `; when it was stopped, ${values}`;
  if (verdict === 'infinite') {
    const known = why && safeText(why, { charsMax: WHY_CHARS });
    const words =
      known ?? (loop.hasExit ? 'no way out of it is ever taken' : 'there is no way out of it');
    return fact(
      `${it} never ends: ${words}${held}`,
      loop.hasExit || loop.condition !== null
        ? `See that ${it} comes to its end: that its condition becomes false, or that it reaches a \`break\`, whatever the values.`
        : `Give ${it} an end: a condition that becomes false, or a \`break\`. If it is to run until it is stopped, let it \`await sleep(ms)\` in each turn.`,
    );
  }
  if (bound !== null)
    return fact(
      `${it} ends, after at most ${counted(bound)} turns: they were too much for the limit${held}`,
      `Do less in each turn of ${it}, or fewer turns; or ask for more with --limit, if the host allows it.`,
    );
  const condition = `\`${safeText(loop.condition ?? '', { charsMax: CONDITION_CHARS })}\``;
  return fact(
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
