// Owns the step of every measure from look to look: readings and thresholds in, steps out, with hysteresis.

import {
  type PressureMeasure,
  type PressureReading,
  type PressureState,
  type PressureStep,
  stricter,
} from '../../model/pressure.ts';
import { climb, type Footing, GROUND } from './ladder.ts';
import { type ThresholdSettings, toTemper, toThresholds } from './thresholds.ts';

/** The steps of all measures. */
export class Ladders {
  readonly #settings: () => ThresholdSettings;
  readonly #footings = new Map<PressureMeasure, Footing>();
  readonly #states = new Map<PressureMeasure, PressureState>();

  /** @param settings asked at every reading, since they may change */
  constructor(settings: () => ThresholdSettings) {
    this.#settings = settings;
  }

  /** The latest reading of each measure, with its step. */
  get states(): readonly PressureState[] {
    return [...this.#states.values()];
  }

  /** The strictest step of any measure. */
  get step(): PressureStep {
    return this.states.reduce<PressureStep>((most, { step }) => stricter(most, step), 'none');
  }

  /** The latest reading of one measure; null while there is none. */
  stateOf(what: PressureMeasure): PressureState | null {
    return this.#states.get(what) ?? null;
  }

  /** Takes a look at all measures: one that is not among the readings could not be read. */
  take(readings: readonly PressureReading[], atMs: number): void {
    const seen = new Set(readings.map(({ what }) => what));
    for (const reading of readings) this.takeOne(reading, atMs);
    for (const [what, state] of this.#states) if (!seen.has(what)) this.#lost(state, atMs);
  }

  /** Takes a reading of one measure. */
  takeOne(reading: PressureReading, atMs: number): void {
    this.#set(reading, reading.share, atMs);
  }

  /** A measure that is no longer told comes down like one that is calm, and is then left out. */
  #lost({ step, thresholds: _, ...reading }: PressureState, atMs: number): void {
    if (step !== 'none') this.#set(reading, null, atMs);
    if (this.#states.get(reading.what)?.step !== 'none') return;
    this.#states.delete(reading.what);
    this.#footings.delete(reading.what);
  }

  #set(reading: PressureReading, share: number | null, at: number): void {
    const { what } = reading;
    const settings = this.#settings();
    const thresholds = toThresholds(what, settings);
    const rungs = thresholds.map(({ above }) => above);
    const before = this.#footings.get(what) ?? GROUND;
    const footing = climb(before, rungs, { share, at }, toTemper(what, settings.house));
    this.#footings.set(what, footing);
    const step = thresholds[footing.height - 1]?.step ?? 'none';
    this.#states.set(what, { ...reading, thresholds, step });
  }
}
