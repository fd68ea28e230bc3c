// Owns a search that never finds what it has seen before, in a loop that goes on because of that.

import { neverSame } from '../analysis/memory/never-same.ts';
import { loopsOf } from './around.ts';
import { type Diagnosis, fact, named, type Scene } from './scene.ts';

/** A Set or a Map that is asked, in a loop around the end, for what it cannot have. */
export function whyUnfound(scene: Scene): Diagnosis[] {
  if (!scene.text) return [];
  const loops = loopsOf(scene);
  const found = neverSame(scene.text).find(({ line }) =>
    loops.some(({ loop }) => loop.line <= line && line <= loop.endLine),
  );
  if (!found) return [];
  const { name, line, what } = found;
  const it = named(name);
  return [
    fact(
      `${it} is asked at line ${line} for ${what === 'list' ? 'a list' : 'an object'} that was made anew, and no two of those are the same: it never finds one`,
      `Keep a text or a number in ${it}, such as \`\${x},\${y}\`, and ask for that at line ${line}.`,
    ),
  ];
}
