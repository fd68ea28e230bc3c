// Owns how short the machine is of what Corral needs, as told: the steps, from mild to strict, and one reading of each measure.

/** What is done about pressure, from nothing to everything; each step includes those before it. */
export const PRESSURE_STEPS = ['none', 'warn', 'shed', 'reclaim', 'brake', 'emergency'] as const;

/** One of {@link PRESSURE_STEPS}. */
export type PressureStep = (typeof PRESSURE_STEPS)[number];

/** What is measured. `stall` is the share of the last 10 s in which work waited for the resource (the kernel's PSI). */
export const PRESSURE_MEASURES = [
  'memory',
  'cpu',
  'event-loop',
  'open-files',
  'threads',
  'handles',
  'memory-stall',
  'cpu-stall',
  'io-stall',
  'gpu-memory',
] as const;

/** One of {@link PRESSURE_MEASURES}. */
export type PressureMeasure = (typeof PRESSURE_MEASURES)[number];

/** Whose limit it is that is nearest: the whole machine's, a control group's, the memory budget, or this process's own. */
export type PressureBound = 'machine' | 'cgroup' | 'budget' | 'process';

/** One measure as read: used and limit in its unit. */
export interface PressureReading {
  readonly what: PressureMeasure;
  readonly of: PressureBound;
  /** used / limit: 1 is all there is. */
  readonly share: number;
  readonly used: number;
  readonly limit: number;
  readonly unit: 'bytes' | 'ms' | 'count' | 'share';
}

/** A share above which a step is taken. */
export interface PressureThreshold {
  readonly step: PressureStep;
  readonly above: number;
}

/** A reading, and what it leads to. */
export interface PressureState extends PressureReading {
  readonly thresholds: readonly PressureThreshold[];
  readonly step: PressureStep;
}

/** How short the machine is of anything, now. */
export interface Pressure {
  /** The strictest step of all measures, the emergency brake included. */
  readonly step: PressureStep;
  /** ms since 1970. */
  readonly time: number;
  /** What this machine tells; a measure that it does not tell is left out. */
  readonly measures: readonly PressureState[];
  readonly brake: {
    /** True while it holds starts. */
    readonly held: boolean;
    /** Brakes so far, since the last recycling or the last safe minute. */
    readonly count: number;
    /** Where memory is shortest: what is available, and what must be before a start (bytes); null where nothing tells. */
    readonly availableBytes: number | null;
    readonly neededBytes: number | null;
  };
}

/** The later, stricter one of two steps. */
export function stricter(one: PressureStep, other: PressureStep): PressureStep {
  return reaches(one, other) ? one : other;
}

/** True when a step is another one, or stricter. */
export function reaches(step: PressureStep, least: PressureStep): boolean {
  return PRESSURE_STEPS.indexOf(step) >= PRESSURE_STEPS.indexOf(least);
}
