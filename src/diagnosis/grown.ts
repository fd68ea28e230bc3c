// Owns which of the things a macro holds has grown: the one that was seen to be large, weighed by what is put into it and by
// where it was allocated; or, where none could be seen, the one that by the text only ever grows.

import { type Hands, handsOn } from '../analysis/memory/hands.ts';
import { kindOf } from '../analysis/memory/holdings.ts';
import { type Diagnosis, named, type Scene } from './scene.ts';

/** Smaller things do not fill a heap. */
export const SIZE_MIN = 1_000;
const TEXT_MIN = 100_000;
/** Few things fill a heap too, where each is large: so many at least. */
const FEW_MIN = 8;
/** Less of what is held than this is no answer. */
const SHARE_MIN = 0.1;
/** What a constant takes in a list, or in a map or set with its key (bytes); well above what it does. */
const PLAIN_BYTES = 64;
const NAMED_MAX = 2;

/** A thing that was seen, and how large. */
export interface Large {
  readonly name: string;
  readonly type: string;
  readonly size: number;
}

/** The thing that grew most, of those that were seen; null for none. */
export function grownMost(scene: Scene): Large | null {
  const byText = new Set(growingNames(scene));
  const textMin = Math.max(TEXT_MIN, heldBy(scene) * SHARE_MIN);
  const isLarge = ({ type, size }: Large) => size >= (type === 'string' ? textMin : SIZE_MIN);
  // Of several names for the same thing the outermost is the one that keeps it: the last on the stack.
  const found = seen(scene)
    .reverse()
    .filter((each) => !isTooLight(each, scene))
    .sort((a, b) => weight(b) - weight(a));
  const atSite = isAtSite(scene);
  return (
    found.find((each) => byText.has(each.name) && isLarge(each)) ??
    found.find((each) => isLarge(each) && atSite(each.name)) ??
    found.find(isLarge) ??
    found.find(({ name, size }) => size >= FEW_MIN && byText.has(name)) ??
    found.find(({ name, size }) => size >= FEW_MIN && isOnlyAddedTo(scene, name)) ??
    null
  );
}

function seen({ dump: { stack } }: Scene): Large[] {
  const found = new Map<string, Large>();
  for (const { locals } of stack)
    for (const { name, type, size } of locals)
      if (size != null && !found.has(name)) found.set(name, { name, type, size });
  return [...found.values()];
}

/** A list's elements weigh more than a text's characters. */
function weight({ type, size }: Large): number {
  return type === 'string' ? size / 16 : size;
}

/** Only constants are ever put into it, and so many of those are next to nothing of what was held. */
function isTooLight({ name, size }: Large, scene: Scene): boolean {
  const { adds = [], leaves = [] } = (scene.text && handsOn(name, scene.text)) ?? {};
  if (adds.length === 0 || leaves.length > 0 || !adds.every(({ isPlain }) => isPlain)) return false;
  return size * PLAIN_BYTES < heldBy(scene) * SHARE_MIN;
}

/** Whether a thing is added to in the function that allocated most of what is held. */
function isAtSite({ dump, text, file }: Scene): (name: string) => boolean {
  const [most] = dump.allocationSites ?? [];
  // What functions that were merged into the top level allocate is told as its own.
  if (!most || !text || most.file !== file || most.functionName === '(macro)') return () => false;
  const site = text.facts.functions.find(
    ({ node }) => node !== null && text.lines.at(node.start).line === most.line,
  );
  if (!site?.node) return () => false;
  const first = text.lines.at(site.node.start).line;
  const last = text.lines.at(site.node.end).line;
  return (name) =>
    (handsOn(name, text)?.adds ?? []).some(({ line }) => first <= line && line <= last);
}

function isOnlyAddedTo({ text }: Scene, name: string): boolean {
  const hands = text && handsOn(name, text);
  return hands != null && onlyGrows(hands);
}

function onlyGrows({ adds, takes }: Hands): boolean {
  return takes.length === 0 && adds.some(({ isAgain }) => isAgain);
}

/** Of what could not be seen: what by the text only ever grows, that of the function that allocates most first of all. */
export function grownByText(scene: Scene): Diagnosis[] {
  const { text } = scene;
  if (!text) return [];
  const found = [...text.uses.keys()].flatMap(({ name, writes, owner }) => {
    const kind = writes[0]?.value ? kindOf(writes[0].value, text.facts) : null;
    const hands = kind === null || kind === 'nothing' ? null : handsOn(name, text);
    if (!hands || !onlyGrows(hands) || hands.adds.every(({ isPlain }) => isPlain)) return [];
    // What a function makes for itself is gone with it.
    const isKept = owner === null || hands.adds.some(({ loopLine }) => loopLine !== null);
    const [{ line, how } = { line: 0, how: '' }] = hands.adds;
    return isKept ? [{ name, line, how, isText: kind === 'text' }] : [];
  });
  const atSite = isAtSite(scene);
  const there = found.filter(({ name }) => atSite(name));
  const likely = there.length > 0 ? there : found;
  if (likely.length === 0 || likely.length > NAMED_MAX) return [];
  const parts = likely.map(({ name, line, how }) => `${named(name)} (line ${line}, ${how})`);
  const [first] = likely;
  const it = named(first?.name ?? '');
  return [
    {
      text: `what grows is ${parts.join(' or ')}: by the text nothing is ever taken out of it`,
      certain: false,
      advice: first?.isText
        ? `Do not gather everything in ${it}: hand each part on where it is made (line ${first.line}), and keep none.`
        : `Keep only what is needed: take old entries out of ${it} next to line ${first?.line}, or clear it when it gets large.`,
    },
  ];
}

/** All that a macro held (bytes): in its heap, or by how its process grew. */
export function heldBy({ dump: { samples, limit } }: Scene): number {
  const last = samples.at(-1);
  const held = last ? last.heapUsed + last.external : 0;
  return Math.max(held, limit?.name === 'heap' ? limit.measured : 0);
}

/** What lint has seen to grow in a loop without end. */
export function growingNames({ report }: Scene): string[] {
  return (report?.findings ?? []).flatMap(({ rule, message }) =>
    rule === 'growing-memory' ? (/^`([^`]{1,60})` grows/.exec(message)?.slice(1) ?? []) : [],
  );
}
