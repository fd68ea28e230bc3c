// Owns what may have kept a macro of which nothing was seen: loops and calls that, by the text, need not come to an end. That
// it was one of them is never known, and is said so.

import type { Finding } from '../model/report.ts';
import { halves } from './linted.ts';
import { whyUnending } from './loops.ts';
import { circleAsked } from './recursion.ts';
import type { Diagnosis, Scene } from './scene.ts';

const RULES = new Set(['infinite-loop', 'infinite-recursion', 'endless-iteration']);

/** The likeliest of what, by the text, may never end; nothing where there is no such thing, or too many. */
export function whyUnended(scene: Scene): Diagnosis[] {
  const found = worst(scene);
  if (found) {
    const { what, advice } = halves(found);
    return [
      {
        text: `it never came out of what begins at line ${found.line}; lint says of that: ${what}`,
        certain: false,
        advice: advice ?? `See that what begins at line ${found.line} comes to its end.`,
      },
    ];
  }
  const [loop] = whyUnending(scene);
  if (loop) return [{ ...loop, text: `it never came out of a loop: ${loop.text}`, certain: false }];
  return circleAsked(scene);
}

/** What surely never ends, before what does not once it has begun; of those the one around the place. */
function worst({ report, dump: { place } }: Scene): Finding | undefined {
  const rank = ({ level, line, endLine }: Finding) => {
    const isAround = place !== null && line <= place.line && place.line <= endLine;
    return (level === 'error' ? 2 : 0) + (isAround ? 1 : 0);
  };
  return (report?.findings ?? [])
    .filter(({ rule, level }) => RULES.has(rule) && level !== 'info')
    .sort((a, b) => rank(b) - rank(a))[0];
}
