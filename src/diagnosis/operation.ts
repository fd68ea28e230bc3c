// Owns why a single operation would not be interrupted, and why a worker was lost: what had been begun, and how large it was.

import type { CallNode } from '../analysis/facts/facts.ts';
import { formatBytes } from '../model/limits.ts';
import { safeText } from '../model/safe-text.ts';
import { whatLintSays } from './linted.ts';
import { type Diagnosis, fact, named, type Scene } from './scene.ts';
import { whyUnended } from './unended.ts';

const SEEN_SHOWN = 4;

/** What of the text explains that one operation was too much. */
const LARGE_RULES = new Set(['huge-allocation', 'endless-iteration', 'slow-regex', 'sync-hog']);

/** What is known of a run whose process had to be killed. */
export function whyStuck(scene: Scene): Diagnosis[] {
  const { place } = scene.dump;
  // Where nothing could come after the operation, it was the operation.
  const isSure = place?.operation != null && place.operation !== 'await' && isLastOf(scene);
  const unended = isSure ? [] : whyUnended(scene);
  const operation = isSure || unended.length > 0 ? whatHadBegun(scene, isSure) : likely(scene);
  return [...operation, ...unended, ...whatLintSays(scene, LARGE_RULES), ...lastSeen(scene)];
}

/**
 * The last operation that was begun of those that may take long.
 * @param isSure it cannot have come back: nothing but it could take long
 */
export function whatHadBegun({ dump: { place, reason } }: Scene, isSure = false): Diagnosis[] {
  if (!place?.operation) return [];
  const at = operationAt(place);
  if (isSure) return [fact(`${at} was begun and had not come back; it cannot be interrupted`)];
  // Whoever waits can be stopped: it is what came after.
  return [
    fact(
      reason === 'stuck' && place.operation === 'await'
        ? `the last that is known of it is the ${at}; what it did after that could not be interrupted`
        : `the last operation begun, of those that may take long, is ${at}`,
    ),
  ];
}

/** Nothing else being known, it is the last operation begun that is the likeliest; but it may have come back. */
function likely(scene: Scene): Diagnosis[] {
  const { place } = scene.dump;
  if (!place?.operation || place.operation === 'await' || scene.dump.reason !== 'stuck')
    return whatHadBegun(scene);
  return [
    {
      text: `${operationAt(place)} had not come back: of the operations that may take long it was the last begun, and none of those can be interrupted`,
      certain: false,
      advice: null,
    },
  ];
}

function operationAt({ operation, line }: NonNullable<Scene['dump']['place']>): string {
  return `\`${safeText(operation ?? '', { charsMax: 40 })}\` at line ${line}`;
}

/** True where the text has nothing more to run, once the operation is over, that could take long. */
function isLastOf({ text, offset }: Scene): boolean {
  if (!text || offset === null) return false;
  const { functions, loops, calls } = text.facts;
  const isWithin = functions.some(
    ({ node }) => node !== null && node.start <= offset && offset < node.end,
  );
  const own = calls.find(({ node }) => callAt(node) === offset)?.node;
  return (
    !isWithin &&
    loops.every(({ node }) => node.end <= offset) &&
    // What it is called on and what it is given were worked out before it was begun.
    calls.every(({ node }) => node.end <= offset || (own && isInside(node, own)))
  );
}

/** Where a call is marked, as beacons are. */
function callAt(node: CallNode): number {
  return node.callee.type === 'MemberExpression' ? node.callee.property.start : node.start;
}

function isInside(inner: CallNode, outer: CallNode): boolean {
  return outer.start <= inner.start && inner.end <= outer.end;
}

function lastSeen({ dump: { lastSeen: seen = [] } }: Scene): Diagnosis[] {
  if (seen.length === 0) return [];
  const ways = seen
    .slice(0, SEEN_SHOWN)
    .map(({ functionName, line }) =>
      functionName === '(macro)'
        ? 'the top level of the macro'
        : `${named(functionName)} (line ${line})`,
    );
  return [fact(`when it was last seen it was in ${ways.join(', called by ')}`)];
}

/** What is known of a run whose process died: how it did, before what the macro may have done about it. */
export function whyLost(scene: Scene): Diagnosis[] {
  const { worker, samples } = scene.dump;
  const last = samples.at(-1);
  const found: Diagnosis[] = [];
  if (worker) {
    const how = worker.signal
      ? `by the signal ${safeText(worker.signal, { charsMax: 20 })}`
      : `with the exit code ${worker.exitCode ?? 'unknown'}`;
    found.push(fact(`its process ended ${how}`));
  }
  if (last)
    found.push(
      fact(
        `when it was last measured it held ${formatBytes(last.heapUsed + last.external)}, its process ${formatBytes(last.rss)}`,
      ),
    );
  return [...found, ...whyStuck(scene)];
}
