// Owns the table of what each measure leads to, and above which share: by guard level for memory and processors, fixed for
// what is the same on every machine.

import type { Guard } from '../../model/guard.ts';
import type { PressureMeasure, PressureThreshold } from '../../model/pressure.ts';
import type { HouseSettings } from '../../model/settings.ts';
import type { Temper } from './ladder.ts';

/** What thresholds are made from. */
export interface ThresholdSettings {
  readonly guard: Guard;
  readonly house: HouseSettings;
}

/** Above this share of the files or threads there may be, starting a process fails. */
const LAST_OF_THEM = 0.95;
/** Work that waits for memory for so much of its time makes hardly any progress (systemd-oomd kills at 0.6). */
const STALLED = { warn: 0.2, shed: 0.4, reclaim: 0.5 };

/** The thresholds of one measure, mildest first. */
export function toThresholds(
  what: PressureMeasure,
  { guard, house: { host } }: ThresholdSettings,
): readonly PressureThreshold[] {
  switch (what) {
    case 'memory':
      return memoryThresholds(guard.host.memory, host);
    case 'cpu':
      return [warning(host, guard.host.cpu), { step: 'shed', above: guard.host.cpu }];
    case 'event-loop':
      return [warning(host), { step: 'shed', above: 1 }];
    case 'open-files':
    case 'threads':
      return [warning(host), { step: 'shed', above: LAST_OF_THEM }];
    case 'memory-stall':
      return [
        warning(host, STALLED.warn),
        { step: 'shed', above: STALLED.shed },
        { step: 'reclaim', above: STALLED.reclaim },
      ];
    // These say why something else is short; holding starts for them alone would help nobody.
    case 'handles':
    case 'cpu-stall':
    case 'io-stall':
    case 'gpu-memory':
      return [warning(host)];
  }
}

/** Nothing is started above the guard level's share; the rest of the way to the emergency has two more steps, evenly apart. */
function memoryThresholds(shed: number, host: HouseSettings['host']): PressureThreshold[] {
  const last = Math.max(shed, host.emergencyAt);
  const third = (last - shed) / 3;
  return [
    warning(host, shed),
    { step: 'shed', above: shed },
    { step: 'reclaim', above: shed + third },
    { step: 'brake', above: shed + 2 * third },
    { step: 'emergency', above: last },
  ];
}

function warning(host: HouseSettings['host'], atMost = 1): PressureThreshold {
  return { step: 'warn', above: Math.min(host.warnAt, atMost) };
}

/** How long readings must be high, or low, to count (looks). */
const LOOKS_RISING: Partial<Record<PressureMeasure, number>> = { cpu: 5, 'event-loop': 3 };
const LOOKS_CALM = 3;
/** How far below a threshold a measure must come before its step is left (share). */
const MARGIN = 0.03;

/** How readily a measure changes its step. */
export function toTemper(what: PressureMeasure, { host }: HouseSettings): Temper {
  return {
    risingMs: (LOOKS_RISING[what] ?? 0) * host.lookEveryMs,
    margin: MARGIN,
    calmMs: LOOKS_CALM * host.lookEveryMs,
  };
}
