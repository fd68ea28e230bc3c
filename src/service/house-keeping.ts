// Owns what of the house outlives its server: the emergency stop while it is pulled, and a guard level that somebody has set
// over the configuration's.

import type { Corral, FeedPayload } from '../corral.ts';
import type { GuardLevel } from '../model/guard.ts';
import type { History } from '../store/history/history.ts';

/**
 * Puts the guard level back in force that was set while the server before ran, unless the configuration has said another one
 * since: whoever changed that has spoken last.
 */
export function restoreLevel({ house }: History, corral: Corral, configured: GuardLevel): void {
  const kept = house.get('level');
  if (kept?.configured === configured) corral.configure({ level: kept.level });
}

/** Keeps what an event says of the house, to be found by the next server. */
export function keepHouse(
  { house, writes }: History,
  corral: Corral,
  configured: GuardLevel,
  event: FeedPayload,
): void {
  if (event.type === 'emergency') {
    const { emergencyState: state } = corral;
    writes.surely(() => house.set('emergency', state));
  } else if (event.type === 'settings') {
    const { level } = event;
    const kept = level === configured ? null : { level, configured };
    writes.surely(() => house.set('level', kept));
  }
}
