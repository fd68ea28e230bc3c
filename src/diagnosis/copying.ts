// Owns loops that copy all they have gathered in each turn, so that each turn takes longer than the one before.

import { handsOn } from '../analysis/memory/hands.ts';
import { safeText } from '../model/safe-text.ts';
import { loopsOf } from './around.ts';
import { counted, type Diagnosis, fact, named, type Scene } from './scene.ts';

/** How a thing is copied with something more; the sum of two texts copies neither. */
const COPIES = new Map([
  ['= [...]', 'push(…)'],
  ['= concat', 'push(…)'],
  ['= {...}', null],
]);

/** What the loops around the end copy in each turn. */
export function whyCopying(scene: Scene): Diagnosis[] {
  const { text } = scene;
  if (!text) return [];
  const loops = loopsOf(scene);
  for (const variable of text.uses.keys()) {
    const hands = handsOn(variable.name, text);
    const made = text.lines.at(variable.writes[0]?.node.start ?? 0).line;
    // What is emptied now and then, or made anew in each turn, does not get longer and longer.
    if (!hands || hands.takes.length > 0) continue;
    for (const { how, line } of hands.adds) {
      const around = loops.find(
        ({ loop }) => made <= loop.line && loop.line <= line && line <= loop.endLine,
      );
      const instead = COPIES.get(how);
      if (!around || instead === undefined) continue;
      const { size } = around.frame?.locals.find(({ name }) => name === variable.name) ?? {};
      const it = named(variable.name);
      const bare = safeText(variable.name, { charsMax: 60 });
      const much = size == null ? '' : `, ${counted(size)} elements when it was stopped`;
      return [
        fact(
          `line ${line} copies all of ${it} in each turn of the loop at line ${around.loop.line} (${how})${much}: each turn takes longer than the one before`,
          instead === null
            ? `Add to ${it} without copying it: \`${bare}[key] = …\`, or a Map.`
            : `Add to ${it} without copying it: \`${bare}.${instead}\` at line ${line}.`,
        ),
      ];
    }
  }
  return [];
}
