// Owns the outer watchdog: from outside each worker it reads CPU, every 50 ms while runs are active, has its memory looked
// at, and kills where the worker's own watchdog did not act in time.

import type { Drive } from './drive.ts';
import { type Held, MemoryCeiling } from './memory-ceiling.ts';
import {
  longestDelayMs,
  type ProcessUsage,
  type RunDelays,
  readProcessUsage,
  readRunDelays,
} from './process-clock.ts';
import type { WorkerProcess } from './worker-process.ts';

const LOOK_MS = 50;
/** CPU beyond a run's limit that its worker has to notice it itself (ms). */
const CPU_SLACK_MS = 150;
/**
 * What its own thread may use beside that, for one macro: so many times what the macro does, which it answers, and this share
 * of the time, for it looks ten times a second, also at one that sleeps for an hour.
 */
const ANSWERING = 2;
const LOOKING_SHARE = 0.05;
/** What one look at a paused macro may cost its worker, in each of the two (ms). */
const LOOK_AT_CPU_MS = 10;
/**
 * A worker that says nothing of any of its runs, nor anything else, this long after they were placed (ms), less what it had to
 * wait for a turn in the second half of that.
 */
const UNHEARD_MS = 2_000;
/** A worker that is silent this long (ms) while using CPU has lost its main thread. */
const SILENT_MS = 3_000;
/** And one that is silent this long (ms) beside what it waited for its turns, CPU or not, will not come back. */
const DEAD_MS = 15_000;

interface Watched {
  readonly worker: WorkerProcess;
  readonly drives: Set<Drive>;
  readonly start: ProcessUsage;
  /** The most runs at once since it is watched. */
  most: number;
  cpuAtLastWord: number;
  lastWordAt: number;
  /** From when on it had something to say: an idle worker says nothing. */
  readonly since: number;
  /** What its threads had waited for their turns once it was silent for a while. */
  delays: RunDelays | null;
}

/** Watches the workers of one corral from outside. */
export class Backstop {
  readonly #watched = new Map<WorkerProcess, Watched>();
  readonly #ceiling = new MemoryCeiling(() => [...this.#watched.values()].map(toHeld));
  #timer: NodeJS.Timeout | null = null;

  /** Watches a run until the returned function is called. */
  watch(drive: Drive): () => void {
    const { worker } = drive;
    let watched = this.#watched.get(worker);
    if (!watched) {
      // What runs that have just ended still hold is none of this one's doing.
      const isBeingCleared = worker.placed > 1;
      const start = (isBeingCleared && readProcessUsage(worker.pid)) || worker.restUsage;
      watched = {
        worker,
        drives: new Set(),
        start,
        most: 0,
        cpuAtLastWord: start.cpuMs,
        lastWordAt: worker.heardAt,
        since: performance.now(),
        delays: null,
      };
      this.#watched.set(worker, watched);
    }
    watched.drives.add(drive);
    watched.most = Math.max(watched.most, watched.drives.size);
    this.#ceiling.limit(toHeld(watched));
    this.#timer ??= setInterval(() => this.#look(), LOOK_MS).unref();
    this.#ceiling.start();
    return () => this.#forget(drive);
  }

  #forget(drive: Drive): void {
    const watched = this.#watched.get(drive.worker);
    watched?.drives.delete(drive);
    if (watched?.drives.size === 0) this.#watched.delete(drive.worker);
    else if (watched) this.#ceiling.limit(toHeld(watched));
    if (this.#watched.size === 0 && this.#timer) {
      clearInterval(this.#timer);
      this.#timer = null;
      this.#ceiling.stop();
    }
  }

  #look(): void {
    for (const watched of this.#watched.values()) {
      const usage = readProcessUsage(watched.worker.pid);
      if (!usage) continue;
      this.#checkCpu(watched, usage);
      this.#checkSilence(watched, usage);
    }
  }

  #checkCpu({ drives, start, since }: Watched, usage: ProcessUsage): void {
    const [alone] = drives;
    if (drives.size !== 1 || !alone || alone.cordon !== 'solo' || alone.isDebugged) return;
    const { limits, looks } = alone;
    const sinceMs = performance.now() - since;
    const measured = overspentMs(start, usage, { cpuMs: limits.cpuMs, looks, sinceMs });
    if (measured !== null)
      alone.pull({ reason: 'cpu-limit', limit: { name: 'cpu', measured }, message: null });
  }

  #checkSilence(watched: Watched, { cpuMs }: ProcessUsage): void {
    const { worker } = watched;
    if ([...watched.drives].some((drive) => drive.isTakingSnapshot)) return;
    if (worker.heardAt !== watched.lastWordAt) {
      watched.lastWordAt = worker.heardAt;
      watched.cpuAtLastWord = cpuMs;
      watched.delays = null;
      return;
    }
    const silentMs = performance.now() - Math.max(worker.heardAt, watched.since);
    // V8 can deadlock between making one isolate and disposing of another (once in some thousand runs): a run that waits
    // for such a process has not begun, and is placed again.
    if (silentMs < DEAD_MS && isUnheard(watched, silentMs)) {
      worker.kill();
      return;
    }
    if (silentMs > SILENT_MS) watched.delays ??= readRunDelays(worker.pid);
    const usedMs = cpuMs - watched.cpuAtLastWord;
    const waitedMs = () => longestDelayMs(watched.delays ?? new Map(), readRunDelays(worker.pid));
    const lost = whyLost(silentMs, usedMs, waitedMs);
    if (lost) for (const drive of watched.drives) drive.kill({ ...lost, limit: null });
  }
}

/**
 * What became of a worker that is silent; null for one that may come back.
 * @param silentMs since its last word
 * @param usedMs its CPU since then
 * @param waitedMs tells what it had to wait for its turns meanwhile: starved is not dead
 */
export function whyLost(
  silentMs: number,
  usedMs: number,
  waitedMs: () => number,
): { readonly reason: 'stuck' | 'worker-lost'; readonly message: string | null } | null {
  if (silentMs < SILENT_MS) return null;
  if (usedMs >= SILENT_MS / 3) return { reason: 'stuck', message: null };
  return silentMs < DEAD_MS || silentMs - waitedMs() < DEAD_MS
    ? null
    : { reason: 'worker-lost', message: 'the process it ran in stopped answering' };
}

/** What a macro may use that has its worker to itself. */
export interface Granted {
  /** Its limit of CPU (ms). */
  readonly cpuMs: number;
  /** How often it was looked at while it was paused. */
  readonly looks: number;
  /** ms since it is watched, pauses and all. */
  readonly sinceMs: number;
}

/**
 * CPU (ms) that a worker has used for its one macro, where that is too much: more than the limit in the macro's threads, or so
 * much in its own that somebody else must have taken that over. Null where all is well.
 */
export function overspentMs(
  from: ProcessUsage,
  to: ProcessUsage,
  { cpuMs, looks, sinceMs }: Granted,
): number | null {
  const own = to.firstThreadCpuMs - from.firstThreadCpuMs;
  const macros = to.cpuMs - from.cpuMs - own;
  const most = cpuMs * 1.1 + CPU_SLACK_MS + looks * LOOK_AT_CPU_MS;
  if (macros > most) return macros;
  return own > most + macros * ANSWERING + sinceMs * LOOKING_SHARE ? macros + own : null;
}

/** Starved is not dead: killed and placed again, its runs would ask for still more of what there is too little of. */
function isUnheard(watched: Watched, silentMs: number): boolean {
  const { worker, drives } = watched;
  if ([...drives].some((drive) => drive.heard)) return false;
  const waitedMs = Math.min(silentMs, Math.max(...[...drives].map((drive) => drive.elapsedMs)));
  if (waitedMs > UNHEARD_MS / 2) watched.delays ??= readRunDelays(worker.pid);
  if (waitedMs <= UNHEARD_MS || !watched.delays) return false;
  return waitedMs - longestDelayMs(watched.delays, readRunDelays(worker.pid)) > UNHEARD_MS;
}

function toHeld({ worker, drives, start, most }: Watched): Held {
  return { worker, drives, restBytes: start.rssBytes, most };
}
