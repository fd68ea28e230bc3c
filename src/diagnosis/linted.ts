// Owns what the text itself says at the place of an end: findings of lint that explain what was then seen.

import type { Finding } from '../model/report.ts';
import { safeText } from '../model/safe-text.ts';
import { type Diagnosis, fact, type Scene } from './scene.ts';

const CHARS_MAX = 300;
const SHOWN_MAX = 2;

/**
 * What lint says of the lines a run ended on, by these rules, the worst first. The first half of a message says what is
 * wrong; what to do about it is the finding's advice, or its other half.
 */
export function whatLintSays(scene: Scene, rules: ReadonlySet<string>): Diagnosis[] {
  const lines = placesOf(scene);
  const used = usedAt(scene);
  const found = (scene.report?.findings ?? [])
    .filter(({ rule, level }) => level !== 'info' && rules.has(rule))
    .filter(
      ({ rule, line, endLine }) =>
        lines.some((each) => line <= each && each <= endLine) ||
        (rule === 'slow-regex' && used.has(line)),
    )
    .sort((a, b) => RANK[a.level] - RANK[b.level])
    .slice(0, SHOWN_MAX);
  return found.map((finding) => {
    const { what, advice } = halves(finding);
    const isThere = lines.some((each) => finding.line <= each && each <= finding.endLine);
    const use = isThere ? '' : `, which line ${scene.dump.place?.line} uses`;
    return fact(`lint says of line ${finding.line}${use}: ${what}`, advice);
  });
}

const RANK = { error: 0, warning: 1, info: 2 } as const;

/** What is wrong, and what to do about it where lint says so. */
export function halves({ message, advice }: Finding): {
  readonly what: string;
  readonly advice: string | null;
} {
  const [what = '', ...rest] = message.split('; ');
  const other = rest.join('; ');
  const known = advice ?? (other === '' ? null : `${other[0]?.toUpperCase()}${other.slice(1)}.`);
  return {
    what: safeText(what, { charsMax: CHARS_MAX }),
    advice: known && safeText(known, { charsMax: CHARS_MAX }),
  };
}

/** The line of the end, and those of the functions around it. */
function placesOf({ dump: { place, stack }, file }: Scene): number[] {
  const frames = stack.filter((frame) => frame.file === file).map(({ line }) => line);
  return [...(place ? [place.line] : []), ...frames];
}

/** The lines of the expressions that the line of the end uses by a name. */
function usedAt({ dump: { place }, text }: Scene): Set<number> {
  const found = new Set<number>();
  if (!place || !text) return found;
  for (const [{ writes }, uses] of text.uses) {
    const [only] = writes;
    if (writes.length !== 1 || only?.value?.type !== 'Literal' || !only.value.regex) continue;
    if (uses.some(({ id }) => text.lines.at(id.start).line === place.line))
      found.add(text.lines.at(only.value.start).line);
  }
  return found;
}
