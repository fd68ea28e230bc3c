// Owns guarding the machine while runs are under way: looks at everything Corral uses, holds starts, gets memory back, and
// tells of each change. What is measured, and from where on it counts, is decided by its parts.

import { availableParallelism } from 'node:os';
import type { FeedPayload } from '../../model/feed.ts';
import {
  type Pressure,
  type PressureState,
  type PressureStep,
  reaches,
  stricter,
} from '../../model/pressure.ts';
import type { HoldsStarts, StartHold } from '../start-hold.ts';
import { EmergencyBrake } from './brake.ts';
import { BusyRuns } from './busy-runs.ts';
import type { GuardedRun } from './guarded-run.ts';
import { HostReadings } from './host-readings.ts';
import type { KernelFiles } from './kernel-files.ts';
import { Ladders } from './ladders.ts';
import { toShortage, toStepMessage } from './pressure-words.ts';
import { Relief } from './relief.ts';
import type { ThresholdSettings } from './thresholds.ts';

/** What the guard watches and acts through. */
export interface HostGuardOptions {
  /** Asked at each use, since they may change. */
  readonly settings: () => ThresholdSettings;
  readonly childPids: () => readonly number[];
  readonly tell: (event: FeedPayload) => void;
  /** Has the workers collect garbage, and gives up those that nobody uses. */
  readonly reclaim: () => void;
  /** Memory is no longer to be got back: what is kept ready may be again. */
  readonly relieved: () => void;
  /** Replaces every worker by a fresh one. */
  readonly recycle: () => void;
  /** Stops everything, and starts nothing until a person says so. */
  readonly emergency: (cause: { readonly by: string; readonly why: string }) => void;
  /** The kernel's files; default the machine's own. */
  readonly files?: KernelFiles;
}

/** Looks are so many times as frequent while memory is to be got back. */
const HASTE = 4;
/** After how many looks a start that was refused for pressure may come again. */
const RETRY_LOOKS = 5;
/** Timers come a little early at times; a look is one all the same from this share of its time on. */
const EARLY = 0.9;

/** The guard of one corral's host. */
export class HostGuard implements HoldsStarts {
  readonly #options: HostGuardOptions;
  readonly #readings: HostReadings;
  readonly #ladders: Ladders;
  readonly #brake: EmergencyBrake;
  readonly #relief: Relief;
  readonly #runs = new BusyRuns();
  readonly #listeners = new Set<() => void>();
  #timer: NodeJS.Timeout | null = null;
  #lookedAt = 0;
  #step: PressureStep = 'none';
  #wasReclaiming = false;
  /** Starts were held since the last look, and whoever holds them must ask again. */
  #isAsked = false;
  /** When one was let through although something is short (ms). */
  #letThroughAt = Number.NEGATIVE_INFINITY;
  #closed = false;

  constructor(options: HostGuardOptions) {
    this.#options = options;
    this.#readings = new HostReadings({
      childPids: options.childPids,
      memoryBudgetBytes: () => options.settings().house.host.memoryBudgetBytes,
      ...(options.files ? { files: options.files } : {}),
    });
    this.#ladders = new Ladders(options.settings);
    this.#brake = new EmergencyBrake({
      settings: () => options.settings().house.brake,
      memory: (nowMs) => this.#readings.memory(nowMs),
      tell: options.tell,
      recycle: options.recycle,
    });
    this.#relief = new Relief({ ...options, runs: () => this.#runs.all });
  }

  /** How short the machine is of anything, now. */
  get pressure(): Pressure {
    const now = performance.now();
    // While nothing is under way nobody looks.
    if (!this.#timer && !this.#closed) this.#lookAround(now);
    return {
      step: this.step,
      time: Date.now(),
      measures: this.#ladders.states,
      brake: this.#brake.state(now),
    };
  }

  /** The strictest step of all measures at the last look, the brake included. */
  get step(): PressureStep {
    return this.#brake.held ? stricter(this.#step, 'brake') : this.#step;
  }

  /** True while memory is to be got back: nothing is kept ready then. */
  get isReclaiming(): boolean {
    return reaches(this.step, 'reclaim');
  }

  /** Watches over a run until the returned function is called. */
  enter(run: GuardedRun): () => void {
    this.#runs.add(run);
    this.#wake();
    return () => this.#runs.delete(run);
  }

  held(): StartHold | null {
    const now = performance.now();
    this.#takeMemory(now);
    const hold = this.#brake.check(now) ?? this.#underPressure(now, true);
    if (hold) {
      this.#isAsked = true;
      this.#wake();
    }
    return hold;
  }

  get holding(): StartHold | null {
    const now = performance.now();
    this.#takeMemory(now);
    return this.#brake.wouldHold(now) ?? this.#underPressure(now, false);
  }

  onChange(listener: () => void): () => void {
    const own = () => listener();
    this.#listeners.add(own);
    return () => this.#listeners.delete(own);
  }

  /** Looks no more. */
  close(): void {
    this.#closed = true;
    this.#rest();
  }

  #underPressure(now: number, isStart: boolean): StartHold | null {
    const short = this.#ladders.states.find((state) => this.#isReason(state, now, isStart));
    if (!short) return null;
    const { lookEveryMs } = this.#options.settings().house.host;
    const retryAfterMs = RETRY_LOOKS * lookEveryMs;
    return { code: 'host-pressure', message: toShortage(short), retryAfterMs };
  }

  /** Whether what is short by this state is a reason to hold the next start. */
  #isReason({ what, step }: PressureState, now: number, isStart: boolean): boolean {
    if (!reaches(step, 'shed')) return false;
    if (what === 'cpu') return this.#runs.busy >= this.#busyMax();
    if (what !== 'event-loop') return true;
    // A loop that is late by somebody else's doing is none the better for waiting: one at a time goes on.
    const { lookEveryMs } = this.#options.settings().house.host;
    if (this.#runs.count > 0 || now - this.#letThroughAt < lookEveryMs) return true;
    if (isStart) this.#letThroughAt = now;
    return false;
  }

  /**
   * How many of our own runs may be busy on processors that are all in use: holding back more of them helps only where they
   * are what uses them. At 90 % nine a processor, at 75 % three, at 50 % one.
   */
  #busyMax(): number {
    const { cpu } = this.#options.settings().guard.host;
    return Math.floor((availableParallelism() * cpu) / Math.max(1 - cpu, Number.EPSILON));
  }

  #wake(): void {
    if (this.#timer || this.#closed) return;
    this.#lookedAt = performance.now();
    this.#plan();
  }

  #plan(): void {
    const { host, brake } = this.#options.settings().house;
    const everyMs = this.isReclaiming ? host.lookEveryMs / HASTE : host.lookEveryMs;
    const inMs = this.#brake.held ? Math.min(everyMs, brake.lookEveryMs) : everyMs;
    // Whoever waits for a start keeps the process alive, and so does every run; this alone does not.
    this.#timer = setTimeout(() => this.#look(), inMs).unref();
  }

  #look(): void {
    const now = performance.now();
    this.#brake.look(now);
    // Hasty looks are for memory alone.
    const { lookEveryMs } = this.#options.settings().house.host;
    if (now - this.#lookedAt >= lookEveryMs * EARLY) {
      this.#readings.start();
      this.#lookAround(now);
    } else this.#takeMemory(now);
    this.#relieve(now);
    this.#timer = null;
    if (this.#isNeeded()) this.#plan();
    else this.#rest();
    if (!this.#isAsked) return;
    this.#isAsked = false;
    for (const listener of this.#listeners) listener();
  }

  /** Nothing under way, nobody waiting, nothing short and nothing to forget: then there is nothing to look for. */
  #isNeeded(): boolean {
    if (this.#closed) return false;
    return this.#isAsked || this.#runs.count > 0 || this.#brake.isCounting || this.#step !== 'none';
  }

  #rest(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    this.#readings.stop();
    this.#relief.rest();
  }

  #takeMemory(now: number): void {
    const memory = this.#readings.memoryReading(now);
    if (memory) this.#ladders.takeOne(memory, now);
    this.#tellStep();
  }

  #lookAround(now: number): void {
    const memory = this.#readings.memoryReading(now);
    const others = this.#readings.look(now);
    this.#ladders.take(memory ? [memory, ...others] : others, now);
    this.#runs.look(now - this.#lookedAt);
    this.#lookedAt = now;
    this.#tellStep();
  }

  #tellStep(): void {
    const { step, states } = this.#ladders;
    if (step === this.#step) return;
    this.#step = step;
    const causes = states.filter((state) => state.step !== 'none');
    this.#options.tell({
      type: 'pressure',
      step,
      causes: causes.map(({ what, share }) => ({ what, share })),
      message: toStepMessage(step, causes),
    });
    // Somebody has to see the end of it.
    if (step !== 'none') this.#wake();
  }

  #relieve(now: number): void {
    if (this.isReclaiming) this.#relief.reclaim(now);
    else if (this.#wasReclaiming) this.#options.relieved();
    this.#wasReclaiming = this.isReclaiming;
    const memory = this.#ladders.stateOf('memory');
    const last = memory?.thresholds.find(({ step }) => step === 'emergency');
    if (memory && last && memory.share > last.above)
      this.#relief.kill(toShortage(memory, 'emergency'), now);
    else this.#relief.rest();
  }
}
