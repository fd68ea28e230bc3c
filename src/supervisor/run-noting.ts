// Owns watching one run for the ledger: warns as soon as it is far outside of what is normal for its macro, once a measure,
// and notes at the end what it showed. It never stops a run.

import type { EndEvent } from '../model/events.ts';
import type { Baseline, BaselineMeasure, MacroKey, UnusualNote } from '../model/ledger.ts';
import { LIMIT_NAMES, type LimitName, type LimitValues } from '../model/limits.ts';
import { isFarOutside, mayMatter, NO_MATTER, toUnusualMessage } from '../policy/baseline.ts';
import type { LedgerDesk } from './ledger-desk.ts';
import type { RunRecord } from './record.ts';
import type { LiveRun } from './run.ts';

/** The longest timer (ms). */
const TIMER_MAX = 2 ** 31 - 1;

/** What {@link RunNoting} looks at. */
export interface NotedRun {
  readonly desk: LedgerDesk;
  readonly live: LiveRun;
  readonly record: RunRecord;
  readonly key: MacroKey;
  readonly staticRisk: number;
  /** What the run may use, where its own header does not lower that: a macro that asks for little is not near anything. */
  readonly limits: LimitValues;
  /** True when it shares its process with others. */
  readonly shares: boolean;
}

/** Watches one run. */
export class RunNoting {
  readonly #run: NotedRun;
  /** Looked up once something may matter: most runs are too short for that. */
  #baseline: Baseline | null | undefined;
  readonly #unusual = new Map<BaselineMeasure, UnusualNote>();
  #interventions = 0;
  #commands = 0;
  #timer: NodeJS.Timeout | null = null;

  constructor(run: NotedRun) {
    this.#run = run;
    const { live } = run;
    live.on('intervention', () => {
      this.#interventions += 1;
    });
    live.on('sample', ({ at, heapUsed, external, cpuMs }) => {
      this.#look('peakHeap', heapUsed + external, at);
      this.#look('cpuMs', cpuMs, at);
    });
    live.on('command', ({ at }) => {
      this.#commands += 1;
      this.#look('commands', this.#commands, at);
    });
    live.on('state', ({ state, at }) => {
      // Its clock stands still unless it runs.
      this.#disarm();
      if (state === 'running') this.#arm(at);
    });
  }

  /** Before the end is told: what no sample saw. After it nothing can be told. */
  ending(end: EndEvent): void {
    this.#disarm();
    this.#look('peakHeap', end.peakHeap, end.durationMs);
    this.#look('cpuMs', end.cpuMs, end.durationMs);
    this.#look('commands', end.commands, end.durationMs);
    this.#look('durationMs', end.durationMs, end.durationMs);
  }

  /** Notes what the run came to. */
  ended({
    runId,
    reason,
    durationMs,
    cpuMs,
    peakHeap,
    commands,
    message,
    refusal,
  }: EndEvent): void {
    const { desk, key, staticRisk, record, limits, shares } = this.#run;
    // Turned away for what the house is short of: that says nothing of the macro.
    if (refusal && !OF_THE_MACRO.includes(refusal.code)) return;
    const used = {
      wall: durationMs,
      cpu: cpuMs,
      heap: peakHeap,
      commands,
      output: record.outputChars,
    };
    const nearest = nearestLimit(used, limits);
    desk.note(
      key,
      {
        at: Date.now(),
        runId,
        reason,
        staticRisk,
        durationMs,
        cpuMs,
        peakHeap,
        commands,
        nearestLimit: nearest.share,
        nearestName: nearest.name,
        alone: !shares,
        interventions: this.#interventions,
        unusual: [...this.#unusual.values()],
      },
      message,
    );
  }

  #look(measure: BaselineMeasure, value: number, at: number): void {
    if (!mayMatter(measure, value) || this.#unusual.has(measure)) return;
    const baseline = this.#normal();
    if (!baseline || !isFarOutside(baseline, measure, value)) return;
    const message = toUnusualMessage(baseline, measure, value);
    this.#unusual.set(measure, { measure, value, message });
    this.#run.live.emit({ type: 'warning', at, code: 'unusual-behaviour', message });
  }

  #normal(): Baseline | null {
    if (this.#baseline === undefined) this.#baseline = this.#run.desk.baselineOf(this.#run.key);
    return this.#baseline;
  }

  /** Looks at the time when it may matter, and again when it does. */
  #arm(at: number): void {
    const highMs = this.#baseline?.measures.durationMs.high ?? NO_MATTER.durationMs;
    const waitMs = Math.max(1, Math.ceil(highMs - at) + 1);
    if (this.#baseline === null || this.#unusual.has('durationMs') || waitMs > TIMER_MAX) return;
    const from = performance.now();
    this.#timer = setTimeout(() => {
      const elapsedMs = at + performance.now() - from;
      this.#look('durationMs', elapsedMs, elapsedMs);
      this.#arm(elapsedMs);
    }, waitMs).unref();
  }

  #disarm(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
  }
}

/** Refusals that say something of the macro itself. */
const OF_THE_MACRO: readonly string[] = ['lint', 'risk', 'quarantined'];

function nearestLimit(
  used: Partial<LimitValues>,
  limits: LimitValues,
): { readonly share: number; readonly name: LimitName | null } {
  let nearest: { share: number; name: LimitName | null } = { share: 0, name: null };
  for (const name of LIMIT_NAMES) {
    const share = Math.min(1, (used[name] ?? 0) / Math.max(1, limits[name]));
    if (share > nearest.share) nearest = { share, name };
  }
  return nearest;
}
