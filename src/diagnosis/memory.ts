// Owns why a macro held too much: what grew, where, who emptied it, and which function allocated what is still held.

import { type Hand, type Hands, handsOn } from '../analysis/memory/hands.ts';
import { formatBytes } from '../model/limits.ts';
import { safeText } from '../model/safe-text.ts';
import { branchingOf } from './branching.ts';
import { growingNames, grownByText, grownMost, heldBy, type Large, SIZE_MIN } from './grown.ts';
import { halves, whatLintSays } from './linted.ts';
import { whyBegun, whyEndless } from './loops.ts';
import { whatHadBegun } from './operation.ts';
import { whyRecursion } from './recursion.ts';
import { counted, type Diagnosis, fact, named, percent, type Scene } from './scene.ts';
import { whyUnfound } from './unfound.ts';

/** Of fewer things it is told how large each is, where they are so large (bytes). */
const EACH_MIN = 4 * 1024;
/** As many answers under way are no accident. */
const UNANSWERED_MIN = 100;
const PREVIEW_CHARS = 80;
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

/** What of the text explains that a macro held too much. */
const LARGE_RULES = new Set(['huge-allocation', 'endless-iteration', 'infinite-recursion']);

/** What is known of what a macro held. */
export function whyMemory(scene: Scene): Diagnosis[] {
  const grown = growing(scene);
  // A tree of calls holds what each of them has gathered.
  const branching = branchingOf(scene);
  const known = [
    ...grown,
    ...unanswered(scene),
    ...(scene.dump.stack.some(({ async }) => async) ? whyRecursion(scene) : []),
    ...(grown.length > 0 ? [] : linted(scene)),
  ];
  const endless = known.length > 0 ? whyBegun(scene) : [...whyEndless(scene), ...whyBegun(scene)];
  return [
    ...(grown.length > 0 || scene.dump.place?.operation === 'await' ? [] : whatHadBegun(scene)),
    ...whatLintSays(scene, LARGE_RULES),
    ...(branching ? [branching.said] : []),
    ...whyUnfound(scene),
    ...known,
    ...(known.length > 0 ? [] : grownByText(scene)),
    ...endless,
    ...outside(scene),
    ...lastCollection(scene),
    ...sites(scene, grown.length > 0),
    ...pace(scene),
  ];
}

/** The list, map or text that grows. */
function growing(scene: Scene): Diagnosis[] {
  const most = grownMost(scene);
  return most ? [tellOf(most, scene)] : [];
}

function tellOf(most: Large, scene: Scene): Diagnosis {
  const [what, units] = KIND[most.type] ?? ['object', 'entries'];
  const each = eachHeld(most, scene);
  const it = `the ${what} ${named(most.name)} held ${counted(most.size)} ${units}${each}`;
  const hands = scene.text && handsOn(most.name, scene.text);
  // What no place by that name adds to grows by another name.
  return hands && hands.adds.length > 0
    ? fact(`${it}; ${story(hands)}`, remedy(most, hands))
    : fact(it);
}

/** Of few things that fill a heap each is large. */
function eachHeld({ type, size }: Large, scene: Scene): string {
  if (size >= SIZE_MIN || type === 'string' || type === 'arraybuffer') return '';
  const bytes = heldBy(scene) / size;
  return bytes < EACH_MIN
    ? ''
    : ` (some ${formatBytes(bytes)} each, if all that was held is in it)`;
}

/** Where nothing was seen that could be counted: what the text says grows, and what was seen of it. */
function linted(scene: Scene): Diagnosis[] {
  const found = scene.report?.findings.find(({ rule }) => rule === 'growing-memory');
  if (!found) return [];
  const { what, advice } = halves(found);
  const [name] = growingNames(scene);
  const preview = scene.dump.stack
    .flatMap(({ locals }) => locals)
    .find((local) => local.name === name && local.preview !== '')?.preview;
  const seen =
    preview === undefined
      ? ''
      : `; when it was stopped, it was ${safeText(preview, { charsMax: PREVIEW_CHARS })}`;
  return [fact(`lint says of line ${found.line}: ${what}${seen}`, advice)];
}

/** Everything that is asked for and not answered is kept. */
function unanswered({ dump: { pending, pendingTotal } }: Scene): Diagnosis[] {
  const total = pendingTotal ?? pending.length;
  if (total < UNANSWERED_MIN) return [];
  const kinds = [...new Set(pending.map(({ kind, name }) => (kind === 'sleep' ? kind : name)))];
  const names = kinds.slice(0, LINES_SHOWN).map((each) => named(each));
  return [
    fact(
      `at least ${counted(total)} answers were still to come, of ${names.join(', ')}: each is kept until it is there`,
      'Wait for each answer (`await`) before you ask for the next.',
    ),
  ];
}

/** Where the process grew and the heap did not. */
function outside({ dump: { limit, samples } }: Scene): Diagnosis[] {
  const last = samples.at(-1);
  const measured = limit?.name === 'heap' ? limit.measured : 0;
  const held = (last?.heapUsed ?? 0) + (last?.external ?? 0);
  if (!last || !limit || measured <= limit.value || held > measured / 2) return [];
  return [
    fact(
      `its objects, texts and buffers held ${formatBytes(held)} when they were last measured; its process had grown by ${formatBytes(measured)} when it was stopped`,
      'Memory that is held outside of the heap comes from one large operation, or from built-ins that keep tables of their own: formatters and segmenters of `Intl`, regular expressions. Make them once and use them again, and keep none for each item.',
    ),
  ];
}

/** What was left when everything that nobody holds had been taken away. */
function lastCollection({ dump: { samples } }: Scene): Diagnosis[] {
  const last = samples.findLast(({ collection }) => collection?.by === 'corral');
  if (!last || last !== samples.at(-1)) return [];
  const freed = last.collection?.freed ?? 0;
  const held = last.heapUsed + last.external;
  return [
    fact(
      freed < held / 20
        ? `all garbage was collected just before: it freed next to nothing, the ${formatBytes(held)} are held`
        : `all garbage was collected just before, ${formatBytes(freed)}: the other ${formatBytes(held)} are held`,
    ),
  ];
}

function story({ adds, takes, leaves }: Hands): string {
  const walked = adds.find(({ isWalked }) => isWalked);
  if (walked && takes.length === 0)
    return `it grows at line ${walked.line} (${walked.how}), in the loop that goes over it: that loop never comes to its end`;
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

function remedy({ name, type, size }: Large, { adds, takes }: Hands): string {
  const line = adds[0]?.line;
  const it = named(name);
  const bare = it.slice(1, -1);
  if (adds.some(({ isWalked }) => isWalked) && takes.length === 0)
    return `Go over a copy (\`for (… of [...${bare}])\`), or gather what is new in another list and go over that next.`;
  if (takes.length > 0)
    return `See why ${it} is not cut back often enough: line ${takes[0]?.line} has to be reached, and to take out as much as line ${line} puts in.`;
  if (type === 'map' || type === 'set')
    return `Take out of ${it} what is no longer needed (\`${bare}.delete(…)\`), or clear it when \`${bare}.size\` gets large, next to line ${line}.`;
  if (type === 'string')
    return `Do not gather everything in ${it}: hand each part on where it is made (line ${line}), and keep none.`;
  const few = Math.min(SIZE_MIN, 10 ** Math.max(0, Math.floor(Math.log10(size / 5))));
  return `Keep only what is needed: next to line ${line}, \`if (${bare}.length > ${few}) ${bare}.shift()\` keeps the last ${counted(few)}.`;
}

/**
 * Which functions allocated what was still held. From samples, so in round figures.
 * @param isKnown what it is that grows has been said: then only a function says more
 */
function sites({ dump }: Scene, isKnown: boolean): Diagnosis[] {
  const found = (dump.allocationSites ?? [])
    .filter(({ share }) => share >= SHARE_MIN)
    .slice(0, SITES_SHOWN);
  if (found.length === 0 || (isKnown && found.every(isTop))) return [];
  const parts = found.map(
    (site) =>
      `${percent(site.share)} (about ${formatBytes(site.bytes)}) ${isTop(site) ? 'at the top level of the macro' : `in ${named(site.functionName)}, line ${site.line}`}`,
  );
  return [
    fact(`of what was allocated while it was watched and was still held, ${parts.join(', ')}`),
  ];
}

function isTop({ functionName }: { readonly functionName: string }): boolean {
  return functionName === '(macro)';
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
  return [fact(`what it held grew all along, by about ${formatBytes(perSecond)} a second`)];
}
