// Owns what the parts of one run share: who it is, what it may use, and where its commands, state and macros come from.

import type { SnapshotFile } from '../dumps/snapshot-file.ts';
import type { Host } from '../model/command.ts';
import type { Guard } from '../model/guard.ts';
import type { Limits } from '../model/limits.ts';
import type { DeskOptions } from './command-desk.ts';
import type { WatchedRun } from './interventions/watched-run.ts';
import type { MacroLibrary } from './library.ts';
import type { RealmPlan, RealmRun } from './realm-plan.ts';
import type { Recording } from './recording.ts';
import type { RunGate } from './run-gate.ts';
import type { OwnedState } from './state-store.ts';

/** One run's setting; built once, before it starts. */
export interface RunSetting extends RealmRun {
  readonly guard: Guard;
  /** False when what lint refuses may run all the same. */
  readonly lint: boolean;
  readonly limits: Limits;
  /** True when it was admitted to a process that others share. */
  readonly shares: boolean;
  /** What the desks of all its macros share. */
  readonly deskOptions: Omit<DeskOptions, 'macro' | 'commands' | 'grants'>;
  readonly commands: Host['commands'];
  readonly state: OwnedState;
  readonly library: MacroLibrary;
  /** Why a macro that is called may not run, in a sentence; null for one that may. */
  readonly whyHeld: (name: string, source: string) => string | null;
  /** Aborted when the run ends. */
  readonly signal: AbortSignal;
  /** Shut while it is paused. */
  readonly gate: RunGate;
  /** Watches what it does; null for one that is run again. */
  readonly watched: WatchedRun | null;
  /** Makes the file for the heap at the end; null where none is wanted. */
  readonly snapshot: (() => SnapshotFile) | null;
  /** The answers of a run that is run again; null for one that is run for the first time. */
  readonly recorded: Recording | null;
  /** By number; 0 is the run's own macro. Grows as macros are called. */
  readonly realms: Map<number, RealmPlan>;
}
