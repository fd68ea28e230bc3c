// Owns what an owner may use: how many runs at once, how much CPU a day, how many commands a minute.

import type { Run } from '../corral.ts';
import type { History } from '../store/history/history.ts';
import { CommandPace } from './command-pace.ts';
import type { Hold } from './run-seen.ts';
import { SubmissionError } from './submission-error.ts';

/** What goes on for an owner that is no run of the history, such as a replay. */
interface Beside {
  open: number;
  /** Midnight of the day that the CPU is of (ms since 1970). */
  day: number;
  cpuMs: number;
}

/** The quotas of all owners, as they are set at the moment of asking. */
export class OwnerQuotas {
  readonly #history: History;
  readonly #paces = new Map<string, { readonly perMinute: number; readonly pace: CommandPace }>();

  readonly #beside = new Map<string, Beside>();

  constructor(history: History) {
    this.#history = history;
  }

  /** Something begins that the history does not know of: until it is over it counts as a run, and then its CPU for the day. */
  beside(owner: string): { over(cpuMs: number): void } {
    const own = this.#beside.get(owner) ?? { open: 0, day: 0, cpuMs: 0 };
    this.#beside.set(owner, own);
    own.open += 1;
    return {
      over(cpuMs) {
        const day = midnight();
        own.open -= 1;
        own.cpuMs = own.day === day ? own.cpuMs + cpuMs : cpuMs;
        own.day = day;
      },
    };
  }

  /**
   * Refuses what an owner may not start now.
   * @param open how many runs of this owner are under way
   * @throws {SubmissionError} `quota`
   */
  check(owner: string, open: number): void {
    const quota = this.#history.keys.quotaOf(owner);
    if (!quota) return;
    const beside = this.#beside.get(owner);
    const atOnce = open + (beside?.open ?? 0);
    if (quota.concurrentRuns !== null && atOnce >= quota.concurrentRuns)
      throw new SubmissionError(
        'quota',
        `${owner} may have ${quota.concurrentRuns} runs at once.`,
        { retryAfterMs: 1_000 },
      );
    const since = midnight();
    const besideMs = beside?.day === since ? beside.cpuMs : 0;
    const usedMs = this.#history.statistics.cpuOf(owner, since) + besideMs;
    if (quota.cpuSecondsPerDay !== null && usedMs >= quota.cpuSecondsPerDay * 1_000)
      throw new SubmissionError(
        'quota',
        `${owner} may use ${quota.cpuSecondsPerDay} s of CPU a day, and has.`,
        { retryAfterMs: since + 24 * 3_600_000 - Date.now() },
      );
  }

  /** The pace of an owner's commands by the quota of now; null where there is none. */
  paceOf(owner: string): CommandPace | null {
    const perMinute = this.#history.keys.quotaOf(owner)?.commandsPerMinute ?? null;
    const known = this.#paces.get(owner);
    if (perMinute === (known?.perMinute ?? null)) return known?.pace ?? null;
    if (perMinute === null) this.#paces.delete(owner);
    else this.#paces.set(owner, { perMinute, pace: new CommandPace(perMinute) });
    return this.#paces.get(owner)?.pace ?? null;
  }

  /** What holds a run here; null while nothing does. */
  holdOf(owner: string, run: Run): Hold | null {
    const until = this.#paces.get(owner)?.pace.heldUntil(run) ?? null;
    if (until === null) return null;
    const why = `${owner} gave as many commands as a minute may have`;
    return { by: 'quota', why, until: Math.round(until) };
  }

  /** A run of an owner's is held by no quota any more. */
  forget(owner: string, run: Run): void {
    this.#paces.get(owner)?.pace.forget(run);
  }
}

function midnight(): number {
  return new Date().setHours(0, 0, 0, 0);
}
