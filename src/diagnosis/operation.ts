// Owns why a single operation would not be interrupted, and why a worker was lost: what had been begun, and how large it was.

import { formatBytes } from '../model/limits.ts';
import { safeText } from '../model/safe-text.ts';
import { type Diagnosis, named, type Scene } from './scene.ts';

const SEEN_SHOWN = 4;

/** What is known of a run whose process had to be killed. */
export function whyStuck({ dump }: Scene): Diagnosis[] {
  const { place, lastSeen = [] } = dump;
  const found: Diagnosis[] = [];
  if (place?.operation) {
    const operation = safeText(place.operation, { charsMax: 40 });
    found.push(
      fact(
        dump.reason === 'stuck'
          ? `\`${operation}\` at line ${place.line} was begun and had not come back; it cannot be interrupted`
          : `the last risky operation that was begun is \`${operation}\` at line ${place.line}`,
      ),
    );
  }
  if (lastSeen.length > 0) {
    const ways = lastSeen
      .slice(0, SEEN_SHOWN)
      .map(({ functionName, line }) => `${named(functionName)} (line ${line})`);
    found.push(fact(`when it was last seen it was in ${ways.join(', called by ')}`));
  }
  return found;
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

function fact(text: string): Diagnosis {
  return { text, certain: true, advice: null };
}
