// Owns why a macro held too much: what grew, where, who emptied it, and which function allocated what is still held.

import { type Hand, type Hands, handsOn } from '../analysis/memory/hands.ts';
import { formatBytes } from '../model/limits.ts';
import { whyStuck } from './operation.ts';
import { counted, type Diagnosis, named, percent, type Scene } from './scene.ts';

/** Smaller things do not fill a heap. */
const SIZE_MIN = 1_000;
const TEXT_MIN = 100_000;
/** Less of what is held than this is no answer. */
const SHARE_MIN = 0.1;
const SITES_SHOWN = 2;
const LINES_SHOWN = 3;

const KIND: Record<string, readonly [string, string]> = {
  array: ['array', 'elements'],
  map: ['map', 'entries'],
  set: ['set', 'values'],
  typedarray: ['typed array', 'elements'],
  arraybuffer: ['buffer', 'bytes'],
  string: ['text', 'characters'],
};

/** What is known of what a macro held. */
export function whyMemory(scene: Scene): Diagnosis[] {
  const found = [...largest(scene), ...sites(scene), ...pace(scene)];
  return scene.dump.place?.source === 'operation' ? [...whyStuck(scene), ...found] : found;
}

interface Large {
  readonly name: string;
  readonly type: string;
  readonly size: number;
}

function largest(scene: Scene): Diagnosis[] {
  const seen = new Map<string, Large>();
  for (const { locals } of scene.dump.stack)
    for (const { name, type, size } of locals)
      if (size != null && size >= (type === 'string' ? TEXT_MIN : SIZE_MIN) && !seen.has(name))
        seen.set(name, { name, type, size });
  // A list's elements weigh more than a text's characters.
  const weight = ({ type, size }: Large) => (type === 'string' ? size / 16 : size);
  // Of several names for the same thing the outermost is the one that keeps it: the last on the stack.
  const [most] = [...seen.values()].reverse().sort((a, b) => weight(b) - weight(a));
  if (!most) return [];
  const [what, units] = KIND[most.type] ?? ['object', 'entries'];
  const it = `the ${what} ${named(most.name)} held ${counted(most.size)} ${units}`;
  const hands = scene.text && handsOn(most.name, scene.text);
  // What no place by that name adds to grows by another name.
  const known = hands && hands.adds.length > 0;
  return [
    {
      text: known ? `${it}; ${story(hands)}` : it,
      certain: true,
      advice: known ? remedy(most, hands) : null,
    },
  ];
}

function story({ adds, takes, leaves }: Hands): string {
  const grows = `it grows ${places(adds)}`;
  if (takes.length > 0) return `${grows}, and is cut back ${places(takes)}`;
  return leaves.length > 0
    ? `${grows}; by that name nothing is taken out of it, but it is handed on ${lineList(leaves)}`
    : `${grows}, and nothing in the macro ever takes anything out of it`;
}

function places(hands: readonly Hand[]): string {
  const [first] = hands;
  const loop = hands.length === 1 ? first?.loopLine : null;
  const where = `${lineList(hands)} (${[...new Set(hands.map(({ how }) => how))].slice(0, LINES_SHOWN).join(', ')})`;
  return loop == null || loop === first?.line ? where : `in the loop of line ${loop}, ${where}`;
}

function lineList(hands: readonly Hand[]): string {
  const lines = [...new Set(hands.map(({ line }) => line))];
  const shown = lines.slice(0, LINES_SHOWN).join(', ');
  return `at line${lines.length > 1 ? 's' : ''} ${shown}${lines.length > LINES_SHOWN ? ' …' : ''}`;
}

function remedy({ name, type }: Large, { adds, takes }: Hands): string {
  const line = adds[0]?.line;
  const it = named(name);
  const bare = it.slice(1, -1);
  if (takes.length > 0)
    return `See why ${it} is not cut back often enough: line ${takes[0]?.line} has to be reached, and to take out as much as line ${line} puts in.`;
  if (type === 'map' || type === 'set')
    return `Take out of ${it} what is no longer needed (\`${bare}.delete(…)\`), or clear it when \`${bare}.size\` gets large, next to line ${line}.`;
  if (type === 'string')
    return `Do not gather everything in ${it}: hand each part on where it is made (line ${line}), and keep none.`;
  return `Keep only what is needed: next to line ${line}, \`if (${bare}.length > 1000) ${bare}.shift()\` keeps the last 1,000.`;
}

/** Which functions allocated what was still held. From samples, so in round figures. */
function sites({ dump }: Scene): Diagnosis[] {
  const found = (dump.allocationSites ?? []).filter(({ share }) => share >= SHARE_MIN);
  if (found.length === 0) return [];
  const parts = found
    .slice(0, SITES_SHOWN)
    .map(
      ({ functionName, line, bytes, share }) =>
        `${percent(share)} (about ${formatBytes(bytes)}) ${functionName === '(macro)' ? 'at the top level of the macro' : `in ${named(functionName)}, line ${line}`}`,
    );
  return [
    {
      text: `of what was allocated while it was watched and was still held, ${parts.join(', ')}`,
      certain: true,
      advice: null,
    },
  ];
}

/** How fast it grew, where it did so all along. */
function pace({ dump: { samples } }: Scene): Diagnosis[] {
  const held = samples.map(({ at, heapUsed, external }) => ({ at, bytes: heapUsed + external }));
  const first = held[0];
  const last = held.at(-1);
  if (!first || !last || held.length < 4 || last.at - first.at < 200) return [];
  const grown = last.bytes - first.bytes;
  if (grown < 1024 * 1024) return [];
  const rises = held.filter(({ bytes }, at) => at > 0 && bytes > (held[at - 1]?.bytes ?? 0)).length;
  if (rises < (held.length - 1) * 0.6) return [];
  const perSecond = (grown / (last.at - first.at)) * 1000;
  const text = `what it held grew all along, by about ${formatBytes(perSecond)} a second`;
  return [{ text, certain: true, advice: null }];
}
