// Owns which events of the feed are worth an alert, and which of them say that a trouble is over.

import type { Alert } from '../model/alert.ts';
import type { FeedEvent } from '../model/feed.ts';
import { toFeedLine } from '../model/feed-line.ts';
import type { EndReason } from '../model/outcome.ts';

/** Ends that nobody has to hear of. */
const QUIET: readonly EndReason[] = ['completed', 'failed', 'refused', 'cancelled'];

type Facts = Pick<Alert, 'kind' | 'level'> & Partial<Alert>;

/** The alert of an event; null for one that is none. */
export function toAlert(event: FeedEvent): Alert | null {
  const facts = factsOf(event);
  if (facts === null) return null;
  const macro = 'macro' in event ? event.macro : null;
  const owner = 'owner' in event ? (event.owner ?? null) : null;
  return {
    fingerprint: [facts.kind, owner, macro].filter((part) => part !== null).join('/'),
    status: 'firing',
    title: toFeedLine(event).text,
    text: '',
    macro,
    owner,
    run: 'runId' in event ? event.runId : null,
    risk: 'risk' in event ? event.risk : null,
    count: 1,
    time: event.time,
    ...facts,
  };
}

function factsOf(event: FeedEvent): Facts | null {
  switch (event.type) {
    case 'run': {
      const { reason } = event;
      if (reason === null || QUIET.includes(reason)) return null;
      const level = reason === 'emergency' ? 'warning' : 'error';
      const fingerprint = `kill/${event.owner}/${event.macro}/${reason}`;
      return { kind: 'kill', level, fingerprint, text: event.message ?? '' };
    }
    case 'intervention': {
      const { action, pattern, advice } = event.intervention;
      const level = action === 'warn' ? 'info' : action === 'pause' ? 'warning' : 'error';
      const fingerprint = `intervention/${event.owner}/${event.macro}/${pattern}`;
      return { kind: 'intervention', level, fingerprint, text: advice };
    }
    case 'quarantine':
      return { kind: 'quarantine', level: 'error', status: toStatus(event.held) };
    case 'pressure': {
      const level = event.step === 'warn' || event.step === 'shed' ? 'warning' : 'error';
      return { kind: 'pressure', level, status: toStatus(event.step !== 'none') };
    }
    case 'brake':
      return { kind: 'brake', level: 'warning', status: toStatus(event.held) };
    case 'breaker':
      // One that is half open is still tried out.
      if (event.state === 'half-open') return null;
      return { kind: 'breaker', level: 'error', status: toStatus(event.state === 'open') };
    case 'load':
      return { kind: 'load', level: 'warning' };
    case 'emergency':
      return { kind: 'emergency', level: 'critical', status: toStatus(event.active) };
    default:
      return null;
  }
}

function toStatus(isFiring: boolean): Alert['status'] {
  return isFiring ? 'firing' : 'resolved';
}
