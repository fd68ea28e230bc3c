// Owns what one macro of a run (the macro itself, or one it called) is started with, and where its code's lines are.

import type { Analysis } from '../analysis/analyse.ts';
import { type Planted, plantBeacons } from '../analysis/beacons.ts';
import type { DebugDoor } from '../model/debugging.ts';
import type { Limits } from '../model/limits.ts';
import { encodeValue, RESULT_BOUNDS } from '../model/value.ts';
import type { RealmStart } from '../model/wire.ts';
import type { CommandDesk } from './command-desk.ts';

/** What a run keeps of its macro's analysis. The tree, the largest part, can be made again from the text. */
export type PlannedText = Pick<
  Analysis,
  'file' | 'source' | 'language' | 'form' | 'header' | 'report'
>;

/** One macro of a run, ready to start. */
export interface RealmPlan {
  /** 0 is the run's own macro. */
  readonly number: number;
  readonly macro: string;
  readonly analysis: PlannedText;
  readonly planted: Planted;
  readonly limits: Limits;
  readonly heapWarnBytes: number;
  readonly seed: number;
  /** Checked. */
  readonly input: unknown;
  readonly desk: CommandDesk;
  /** Names from the run's own macro down to this one. */
  readonly path: readonly string[];
  /** Who called it, and the stack there, which is hostile text; null for the run's own macro. */
  readonly calledFrom: { readonly realm: number; readonly stack: string } | null;
}

/** What a realm is told of its run. */
export interface RealmRun {
  readonly runId: string;
  /** What the macro's clock says at the start (ms since 1970); null for the machine's own. */
  readonly clockMs: number | null;
  /** Where its debugger comes in; null for one without. */
  readonly debugDoor: DebugDoor | null;
}

/** Each macro of a run has these for itself; all others are the run's, whichever of its macros uses them up. */
export const OWN_LIMITS = ['heap', 'idle'] as const;

/** What has been used of a run's limits when a realm starts. */
export interface Used {
  readonly commands: number;
  readonly outputChars: number;
  /** ms since the run started, pauses left out. */
  readonly wallMs: number;
}

/** Lets go of what is needed no more once the beacons are planted. */
export function toPlannedText(analysis: Analysis): PlannedText {
  const { file, source, language, form, header, report } = analysis;
  return { file, source, language, form, header, report };
}

/** Plants the beacons: done once a macro, before {@link toRealmStart}. Who debugs a macro steps through its own text. */
export function plantFor(analysis: Analysis, isDebugged = false): Planted {
  return plantBeacons(isDebugged ? { ...analysis, ast: null } : analysis);
}

/** The message that starts a realm, but for what its place decides. */
export function toRealmStart(
  { runId, clockMs, debugDoor }: RealmRun,
  plan: RealmPlan,
  used: Used,
): Omit<RealmStart, 'graceCpuMs'> {
  const { limits } = plan;
  return {
    run: runId,
    realm: plan.number,
    file: plan.analysis.file,
    code: plan.planted.code,
    keepingEntries: plan.planted.keepingEntries,
    recurses: plan.analysis.report.recursion.length > 0,
    form: plan.analysis.form,
    heapBytes: limits.heap.value,
    heapWarnBytes: Math.min(plan.heapWarnBytes, limits.heap.value * 0.9),
    cpuMs: limits.cpu.value,
    burstMs: limits.burst.value,
    idleMs: limits.idle.value,
    outputBytes: Math.max(1, limits.output.value - used.outputChars),
    commands: Math.max(0, limits.commands.value - used.commands),
    wallMs: Math.max(0, limits.wall.value - used.wallMs),
    seed: plan.seed,
    input: JSON.stringify(encodeValue(plan.input, RESULT_BOUNDS, 'input')),
    clockMs: clockMs === null ? null : clockMs + used.wallMs,
    catalogue: plan.desk.catalogue,
    // Macros it calls are not debugged.
    debugged: debugDoor && plan.number === 0 ? plan.analysis.source : null,
  };
}
