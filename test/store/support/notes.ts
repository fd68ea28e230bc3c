// Owns building what a ledger is told, from a few wishes.

import type { HitNote, MacroKey, Quarantine, RunNote } from '../../../src/model/ledger.ts';

/** When all this happens (ms since 1970). */
export const NOW = 1_800_000_000_000;

/** A macro; its text is told by its digest. */
export function macro(name: string, digest = `text-of-${name}`, owner = 'local'): MacroKey {
  return { owner, name, digest };
}

/** The note of a clean run, but for what is wished. */
export function run(wishes: Partial<RunNote> = {}): RunNote {
  return {
    at: NOW,
    runId: 'run-1',
    reason: 'completed',
    staticRisk: 0,
    durationMs: 10,
    cpuMs: 5,
    peakHeap: 1e6,
    commands: 1,
    nearestLimit: 0.1,
    nearestName: 'cpu',
    alone: true,
    interventions: 0,
    unusual: [],
    ...wishes,
  };
}

/** A pattern that matched. */
export function hit(wishes: Partial<HitNote> = {}): HitNote {
  const about = {
    runId: 'run-1',
    pattern: 'chat-spam',
    action: 'pause',
    effects: ['Chat unreadable'],
  };
  return { at: NOW, risk: 'high', ...about, ...wishes };
}

/** A quarantine. */
export function held(wishes: Partial<Quarantine> = {}): Quarantine {
  return { at: NOW, by: 'pattern:chat-spam', why: 'it spams', runId: 'run-1', ...wishes };
}
