// Owns a run's events as lines of JSON, for whoever follows it over one connection.

import { z } from 'zod';
import type { Run, RunEvent } from '../corral.ts';
import { withoutFolder } from './shown/end.ts';
import { ShownRunEvent } from './shown/events.ts';

/** A blank line at least so often (ms): what stands between server and reader closes connections that are silent. */
const BEAT_MS = 15_000;

/** One of the lines. */
export const RunLine = z.union([
  z.object({ type: z.literal('accepted'), id: z.string() }),
  ShownRunEvent,
]);

/** The lines: that it was taken, then everything it tells. @param isOpen whether its reader may still read */
export async function* toLines(
  id: string,
  events: ReturnType<Run['events']>,
  isOpen: () => boolean,
): AsyncGenerator<string, void, void> {
  yield `${JSON.stringify({ type: 'accepted', id })}\n`;
  let next = events.next();
  try {
    for (;;) {
      const told = await within(next, BEAT_MS);
      if (!isOpen()) return;
      if (told === null) yield '\n';
      else if (told.done) return;
      else {
        yield `${JSON.stringify(shown(told.value))}\n`;
        next = events.next();
      }
    }
  } finally {
    // It leaves at the run's next event; its last one comes for sure.
    void events.return?.();
  }
}

function shown(event: RunEvent): RunEvent {
  return event.type === 'end' ? withoutFolder(event) : event;
}

/** What a promise comes to, null where that takes longer than so many ms. */
async function within<Value>(promise: Promise<Value>, ms: number): Promise<Value | null> {
  const { promise: late, resolve } = Promise.withResolvers<null>();
  const timer = setTimeout(() => resolve(null), ms);
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
