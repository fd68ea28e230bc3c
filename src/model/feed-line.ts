// Owns saying an event of the feed in one line for people. Names in it are their authors': escape it where it is shown.

import type { FeedEvent } from './feed.ts';
import { formatBytes, formatDuration } from './limits.ts';
import type { EndReason } from './outcome.ts';

/** One line, and how much it matters. */
export interface FeedLine {
  readonly level: 'info' | 'warning' | 'error';
  readonly text: string;
}

/** The most characters of a line; names and reasons are cut before that. */
const LINE_CHARS_MAX = 1_000;
const NAME_CHARS_MAX = 100;

/** An event as a line. */
export function toFeedLine(event: FeedEvent): FeedLine {
  const { level, text } = toLine(event);
  return { level, text: text.slice(0, LINE_CHARS_MAX) };
}

function toLine(event: FeedEvent): FeedLine {
  switch (event.type) {
    case 'run':
      return event.reason === null
        ? info(`${called(event.macro)} is ${event.state}`)
        : { level: endLevel(event.reason), text: `${called(event.macro)} ended: ${event.reason}` };
    case 'intervention': {
      const { action, message, pattern } = event.intervention;
      const level = action === 'stop' || action === 'emergency' ? 'error' : 'warning';
      return { level, text: `${called(event.macro)}: ${pattern} (${action}): ${message}` };
    }
    case 'quarantine': {
      const what = event.held ? 'held in quarantine' : 'let out of quarantine';
      const text = `${called(event.macro)} was ${what} by ${event.by}: ${event.why}`;
      return event.held ? warning(text) : info(text);
    }
    case 'ledger':
      return warning(event.message);
    case 'pressure': {
      if (event.step === 'none') return info(event.message);
      const level = event.step === 'warn' || event.step === 'shed' ? 'warning' : 'error';
      return { level, text: `${event.step}: ${event.message}` };
    }
    case 'brake': {
      const { held, count, availableBytes, neededBytes } = event;
      return held
        ? warning(
            `the emergency brake holds starts: ${formatBytes(availableBytes)} free, ${formatBytes(neededBytes)} needed (${count} in a row)`,
          )
        : info('the emergency brake let go');
    }
    case 'worker': {
      const why = event.why === null ? '' : ` (${event.why})`;
      const text = `worker ${event.pid} ${event.what === 'draining' ? 'is draining' : event.what}${why}`;
      return event.why === 'lost' ? warning(text) : info(text);
    }
    case 'breaker': {
      const { state, failures, retryAfterMs } = event;
      if (state !== 'open') return info(`the breaker is ${state}`);
      const again = retryAfterMs === null ? '' : `, tries again in ${formatDuration(retryAfterMs)}`;
      return { level: 'error', text: `the breaker is open after ${failures} failures${again}` };
    }
    case 'load':
      return warning(event.message);
    case 'emergency':
      return event.active
        ? { level: 'error', text: `emergency stop by ${event.by}: ${event.why}` }
        : info(`emergency cleared by ${event.by}: ${event.why}`);
    case 'settings':
      return info(event.message);
    case 'dump':
      return info(`the crash dump of ${called(event.macro)} was written: ${event.reason}`);
    case 'operator': {
      const done = { pause: 'paused', resume: 'resumed', stop: 'stopped' }[event.deed];
      const why = event.why === '' ? '' : `: ${event.why}`;
      return warning(`${event.by} ${done} ${called(event.macro)}${why}`);
    }
  }
}

function called(macro: string): string {
  return macro.slice(0, NAME_CHARS_MAX);
}

function endLevel(reason: EndReason): FeedLine['level'] {
  if (reason === 'completed') return 'info';
  return reason === 'cancelled' || reason === 'refused' ? 'warning' : 'error';
}

function info(text: string): FeedLine {
  return { level: 'info', text };
}

function warning(text: string): FeedLine {
  return { level: 'warning', text };
}
