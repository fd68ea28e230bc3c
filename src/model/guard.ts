// Owns how strict Corral is: the guard levels and the one table of their numbers. Every number can be overridden.

import type { LimitValues } from './limits.ts';
import { override } from './overrides.ts';
import type { FindingLevel } from './report.ts';
import type { RiskLevel } from './risk.ts';

/** How strict Corral is as a whole. */
export const GUARD_LEVELS = ['low', 'medium', 'high', 'maximum'] as const;

/** One of {@link GUARD_LEVELS}. */
export type GuardLevel = (typeof GUARD_LEVELS)[number];

/** What Corral does about a macro that does what a pattern describes, from mild to strict. */
export const INTERVENTIONS = ['warn', 'pause', 'stop', 'emergency'] as const;

/** One of {@link INTERVENTIONS}. */
export type Intervention = (typeof INTERVENTIONS)[number];

/** What a guard level does with what analysis says. */
export interface AdmissionNumbers {
  /** Findings of this level and above are refused. */
  readonly refuse: FindingLevel;
  /** A risk of this level and above is refused, whatever the single findings; null refuses none for its risk. */
  readonly refuseRisk: RiskLevel | null;
  /** A calm macro shares a process up to this risk; null gives each macro a process of its own. */
  readonly shareRisk: RiskLevel | null;
}

/** What a guard level sets. */
export interface GuardNumbers {
  readonly limits: LimitValues;
  /** The heap size at which a run is warned once (bytes). */
  readonly heapWarnBytes: number;
  /** False has V8 interpret macros only: slower by some factor, and without the compilers most escapes begin in. */
  readonly compiles: boolean;
  readonly admission: AdmissionNumbers;
  /** Commands that all runs of one macro together may give in 60 s. */
  readonly commandsPerMinute: number;
  /** The share (0..1) of the machine in use above which nothing more is started. */
  readonly host: { readonly memory: number; readonly cpu: number };
  /** What becomes of what a pattern asks for. */
  readonly becomes: Readonly<Record<Intervention, Intervention>>;
}

const KB = 1024;
const MB = 1024 * KB;
const SECOND = 1000;
const MINUTE = 60 * SECOND;

/** As the pattern says. */
const AS_ASKED = { warn: 'warn', pause: 'pause', stop: 'stop', emergency: 'emergency' } as const;

/**
 * The guard-level table. Only an error refuses at `low` and `medium`, and an error is said only of what surely never ends
 * or cannot run; `low` refuses that too, since it could only be killed.
 */
export const GUARD_TABLE: Readonly<Record<GuardLevel, GuardNumbers>> = {
  low: {
    limits: {
      wall: 30 * MINUTE,
      cpu: 60 * SECOND,
      burst: 10 * SECOND,
      idle: 5 * SECOND,
      heap: 500 * MB,
      commands: 20_000,
      output: 8 * MB,
    },
    heapWarnBytes: 100 * MB,
    compiles: true,
    admission: { refuse: 'error', refuseRisk: null, shareRisk: 'medium' },
    commandsPerMinute: 60_000,
    host: { memory: 0.95, cpu: 0.95 },
    becomes: AS_ASKED,
  },
  medium: {
    limits: {
      wall: 5 * MINUTE,
      cpu: 10 * SECOND,
      burst: 2 * SECOND,
      idle: 1 * SECOND,
      heap: 128 * MB,
      commands: 5_000,
      output: 1 * MB,
    },
    heapWarnBytes: 64 * MB,
    compiles: true,
    admission: { refuse: 'error', refuseRisk: null, shareRisk: 'low' },
    commandsPerMinute: 12_000,
    host: { memory: 0.85, cpu: 0.9 },
    becomes: AS_ASKED,
  },
  high: {
    limits: {
      wall: 2 * MINUTE,
      cpu: 3 * SECOND,
      burst: 1 * SECOND,
      idle: 1 * SECOND,
      heap: 64 * MB,
      commands: 1_000,
      output: 512 * KB,
    },
    heapWarnBytes: 32 * MB,
    compiles: true,
    admission: { refuse: 'error', refuseRisk: 'critical', shareRisk: null },
    commandsPerMinute: 2_000,
    host: { memory: 0.7, cpu: 0.75 },
    becomes: AS_ASKED,
  },
  maximum: {
    limits: {
      wall: 1 * MINUTE,
      cpu: 1 * SECOND,
      burst: 250,
      idle: 500,
      heap: 32 * MB,
      commands: 200,
      output: 128 * KB,
    },
    heapWarnBytes: 16 * MB,
    compiles: false,
    admission: { refuse: 'warning', refuseRisk: 'high', shareRisk: null },
    commandsPerMinute: 200,
    host: { memory: 0.4, cpu: 0.5 },
    becomes: { warn: 'pause', pause: 'stop', stop: 'stop', emergency: 'emergency' },
  },
};

/** A guard level with its numbers, as in force. */
export interface Guard extends GuardNumbers {
  readonly level: GuardLevel;
}

/** What may replace numbers of the table, by level; what is left out stays. */
export type GuardOverrides = { readonly [Level in GuardLevel]?: GuardNumbersOverride };

/** Other numbers for one level. */
export type GuardNumbersOverride = {
  readonly [Name in keyof GuardNumbers]?: GuardNumbers[Name] extends object
    ? Partial<GuardNumbers[Name]>
    : GuardNumbers[Name];
};

/** A level with its numbers, some of them replaced. */
export function toGuard(level: GuardLevel, overrides: GuardOverrides = {}): Guard {
  return { ...override(GUARD_TABLE[level], overrides[level]), level };
}
