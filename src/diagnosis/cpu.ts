// Owns why a macro used too much CPU: which recursion, which loop, and which lines.

import { branchingOf } from './branching.ts';
import { whyCopying } from './copying.ts';
import { whatLintSays } from './linted.ts';
import { whyLoop } from './loops.ts';
import { circleAsked, whyRecursion } from './recursion.ts';
import { type Diagnosis, fact, named, percent, type Scene } from './scene.ts';
import { whyUnfound } from './unfound.ts';

const SHARE_MIN = 0.05;
const LINES_SHOWN = 3;
const HITS_MIN = 10;

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
  const branching = branchingOf(scene);
  const known = [
    ...(branching ? [branching.said] : []),
    ...whyUnfound(scene),
    ...whyCopying(scene),
    ...whyLoop(scene, branching?.loops),
    ...(branching ? [] : whyRecursion(scene)),
  ];
  return [
    ...(known.length > 0 ? known : circleAsked(scene)),
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
