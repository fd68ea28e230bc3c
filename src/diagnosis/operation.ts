// Owns why a single operation would not be interrupted, and why a worker was lost: what had been begun, and how large it was.

import { formatBytes } from '../model/limits.ts';
import { safeText } from '../model/safe-text.ts';
import { whatLintSays } from './linted.ts';
import { type Diagnosis, fact, named, type Scene } from './scene.ts';

const SEEN_SHOWN = 4;

/** What of the text explains that one operation was too much. */
const LARGE_RULES = new Set(['huge-allocation', 'endless-iteration', 'slow-regex', 'sync-hog']);

/** What is known of a run whose process had to be killed. */
export function whyStuck(scene: Scene): Diagnosis[] {
  // What came after a wait was no single operation.
  const isAfterWait = scene.dump.place?.operation === 'await';
  const rules = isAfterWait ? new Set([...LARGE_RULES, 'infinite-loop']) : LARGE_RULES;
  return [...whatHadBegun(scene), ...whatLintSays(scene, rules), ...lastSeen(scene)];
}

/** The last operation that was begun of those that may take long. */
export function whatHadBegun({ dump: { place, reason } }: Scene): Diagnosis[] {
  if (!place?.operation) return [];
  const operation = safeText(place.operation, { charsMax: 40 });
  const at = `\`${operation}\` at line ${place.line}`;
  // Whoever waits can be stopped: it is what came after.
  if (operation === 'await' || reason !== 'stuck')
    return [
      fact(
        reason === 'stuck'
          ? `the last that is known of it is the ${at}; what it did after that could not be interrupted`
          : `the last operation begun, of those that may take long, is ${at}`,
      ),
    ];
  return [fact(`${at} was begun and had not come back; it cannot be interrupted`)];
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

/** What is known of a run whose process died. */
export function whyLost(scene: Scene): Diagnosis[] {
  const { worker, samples } = scene.dump;
  const last = samples.at(-1);
  const found = whyStuck(scene);
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
  return found;
}
