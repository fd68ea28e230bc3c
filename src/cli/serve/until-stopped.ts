// Owns a server's end: the first signal drains it, a second one stops what runs at once, a third ends the process.

import type { Log } from '../../api/log.ts';
import { toFeedLine } from '../../model/feed-line.ts';
import { safeText } from '../../model/safe-text.ts';
import type { Service } from '../../service/service.ts';
import { INTERRUPTED, SAME_SIGNAL_MS } from '../run/signals.ts';

const LOG_LEVEL = { info: 'info', warning: 'warn', error: 'error' } as const;

/** Logs what happens until a signal comes, then drains. @param draining called when that begins @returns the exit code */
export async function serveUntilStopped(
  service: Service,
  log: Log,
  draining: () => void,
): Promise<number> {
  const leave = service.onEvent((event) => {
    const { level, text } = toFeedLine(event);
    const runId = 'runId' in event ? event.runId : undefined;
    log[LOG_LEVEL[level]]({ event: event.type, id: event.id, runId }, safeText(text));
  });
  const atOnce = new AbortController();
  try {
    await firstSignal(atOnce);
    draining();
    log.info('draining');
    const report = await service.drain({ signal: atOnce.signal });
    log.info(report, 'drained');
    return atOnce.signal.aborted ? INTERRUPTED : 0;
  } finally {
    leave();
  }
}

/** Resolves at the first signal; the second aborts, the third ends the process. */
async function firstSignal(second: AbortController): Promise<void> {
  const first = Promise.withResolvers<void>();
  let count = 0;
  let lastAt = -Infinity;
  const onSignal = () => {
    if (performance.now() - lastAt < SAME_SIGNAL_MS) return;
    lastAt = performance.now();
    count += 1;
    if (count === 1) first.resolve();
    else if (count === 2) second.abort(new Error('a second signal came'));
    else process.exit(INTERRUPTED);
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  await first.promise;
}
