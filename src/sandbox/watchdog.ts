// Owns measuring: shares the process's CPU out among the runs, samples heaps every 100 ms, and says which limit is passed.

import { availableParallelism } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FromWorker } from '../model/wire.ts';
import { macroThreadsCpuMs, whileWithin } from './cpu-clock.ts';
import type { Realm } from './realm.ts';
import type { SandboxRun } from './run.ts';
import { ignoreGone } from './session.ts';

/** The sampler's interval (ms). */
const SAMPLE_MS = 100;
/** The longest the process's memory goes unread while a macro is busy (ms). */
const BUSY_TICK_MS = 25;
/** With more runs than this asleep in one worker, each is sampled once a second instead. */
const QUIET_RUNS = 8;
/** So much CPU (ms) before its limit, what it takes to stop a macro is got ready. */
const PREPARE_MS = 20;
/** What the process may grow beyond a run's heap limit before that counts as passing it (bytes). */
const RSS_SLACK_BYTES = 72 * 1024 * 1024;
/**
 * No collection answered within this time, and CPU where a busy machine gives less of it (both ms): the isolate is inside one
 * built-in, the reading stands. Nor is it waited for longer than the last.
 */
const COLLECT_MS = 250;
const COLLECT_LAST_MS = 2_000;

/** Watches all runs of a worker from its main thread; the macros run in other threads. */
export class Watchdog {
  readonly #runs: ReadonlyMap<string, SandboxRun>;
  readonly #send: (message: FromWorker) => void;
  readonly #cores = availableParallelism();
  #timer: NodeJS.Timeout | null = null;
  #nextAt = Number.POSITIVE_INFINITY;
  #lastCpuMs = macroThreadsCpuMs();
  #lastBeatAt = 0;
  #alone: SandboxRun | null = null;
  #rssBase = process.memoryUsage.rss();

  constructor(runs: ReadonlyMap<string, SandboxRun>, send: (message: FromWorker) => void) {
    this.#runs = runs;
    this.#send = send;
  }

  /** A run begins: what was used until now is nobody's. */
  begin(): void {
    this.settleCpu();
    this.#noteAlone(process.memoryUsage.rss());
    this.wake();
  }

  /** Looks soon: within 5 ms, whatever was planned. */
  wake(): void {
    this.#plan(5);
  }

  /**
   * Shares out the CPU used since the last call. Exact for one run; among several that overlap, by `isolate.cpuTime`,
   * which counts wall time while several run and so is used as a weight only.
   */
  settleCpu(): void {
    // Two clocks are read one after the other: their difference may go back by some µs.
    const now = Math.max(this.#lastCpuMs, macroThreadsCpuMs());
    const used = now - this.#lastCpuMs;
    this.#lastCpuMs = now;
    const shares: { run: SandboxRun; weight: number }[] = [];
    let total = 0;
    for (const run of this.#runs.values()) {
      const weight = takeWeight(run);
      if (weight > 0) shares.push({ run, weight });
      total += weight;
    }
    for (const { run, weight } of shares) if (!run.paused) run.cpuMs += used * (weight / total);
  }

  /** Tells what the macro that works holds once its garbage was collected. One inside one built-in never answers. */
  async collect(run: SandboxRun): Promise<void> {
    const realm = run.top;
    const isGone = () => !realm || run.over || run.paused || realm.ended || realm.isolate.gone;
    if (!realm || isGone()) return;
    await realm.isolate.inspector.collectGarbage();
    if (isGone()) return;
    await this.#measure(realm);
    if (isGone()) return;
    this.settleCpu();
    this.#report(run, realm, process.memoryUsage.rss(), true);
  }

  #plan(inMs: number): void {
    const at = performance.now() + inMs;
    if (this.#timer && this.#nextAt <= at) return;
    if (this.#timer) clearTimeout(this.#timer);
    this.#nextAt = at;
    this.#timer = setTimeout(() => this.#tick(), inMs);
  }

  #tick(): void {
    this.#timer = null;
    this.#nextAt = Number.POSITIVE_INFINITY;
    if (this.#runs.size === 0) return;
    this.settleCpu();
    const now = performance.now();
    if (now - this.#lastBeatAt >= SAMPLE_MS - 5) {
      this.#lastBeatAt = now;
      this.#send({ type: 'beat' });
    }
    let next = SAMPLE_MS;
    const rss = process.memoryUsage.rss();
    this.#noteAlone(rss);
    for (const run of this.#runs.values()) {
      if (run.over || run.paused) continue;
      this.#sampleIfDue(run, now, rss);
      if (run.busy) next = Math.min(next, BUSY_TICK_MS, this.#checkBusy(run, rss));
      else for (const realm of run.realms.values()) if (!realm.stale) realm.rest();
    }
    this.#plan(next);
  }

  /** What the process holds when a run comes to be alone in it, beside what that is known to hold, others have left there. */
  #noteAlone(rss: number): void {
    const [only, another] = this.#runs.values();
    const alone = another ? null : (only ?? null);
    if (alone === this.#alone) return;
    this.#alone = alone;
    if (alone) this.#rssBase = rss - heldBy(alone);
  }

  /** Checks a busy run's limits; returns the soonest moment (ms from now) at which one could be passed. */
  #checkBusy(run: SandboxRun, rss: number): number {
    let soonest = BUSY_TICK_MS;
    for (const realm of run.realms.values()) {
      if (!realm.isolate.busy) continue;
      const burst = run.cpuMs - realm.burstStartCpuMs;
      if (run.cpuMs > run.start.cpuMs) run.limit(realm, 'cpu', run.cpuMs);
      else if (burst > run.start.burstMs) run.limit(realm, 'burst', burst);
      else if (this.#alone === run && rss > this.#rssBase + realm.heapBytes + RSS_SLACK_BYTES) {
        run.limit(realm, 'heap', rss - this.#rssBase);
      }
      // V8 looks by signals at a thread; only where one macro has the process to itself is it surely that macro's.
      const isWatched = this.#runs.size === 1 && !run.over && run.start.debugged === null;
      if (isWatched) watchCpu(run, realm, burst);
      const left = Math.min(run.start.cpuMs - run.cpuMs, run.start.burstMs - burst);
      if (isWatched && left < PREPARE_MS && !realm.recurses) realm.isolate.inspector.prepareStop();
      // CPU runs at most as fast as wall time on every core at once.
      soonest = Math.min(soonest, Math.max(1, left / this.#cores));
    }
    return soonest;
  }

  /** Early samples come thick (5, 10, 20, 40 ms …), so that a fast death has something to show; then every 100 ms. */
  #sampleIfDue(run: SandboxRun, now: number, rss: number): void {
    const age = run.elapsedMs;
    const busy = run.busy;
    const quiet = !busy && this.#runs.size > QUIET_RUNS;
    const every = quiet
      ? 10 * SAMPLE_MS
      : busy
        ? Math.min(SAMPLE_MS, Math.max(5, age / 2))
        : SAMPLE_MS;
    if (now - run.lastSampleAt < every - 2) return;
    run.lastSampleAt = now;
    const realm = run.top;
    if (!realm) return;
    // Asleep since the last reading: nothing can have changed.
    if ((!busy && !realm.stale) || realm.isolate.gone) this.#report(run, realm, rss);
    else this.#readHeap(run, realm).catch(ignoreGone);
  }

  async #readHeap(run: SandboxRun, realm: Realm): Promise<void> {
    await this.#measure(realm);
    // Asked for before a pause and answered after it: a held macro is not watched, and nothing is told of it.
    if (run.over || run.paused || realm.ended) return;
    const held = () => realm.heapUsed + realm.external;
    const before = realm.heapUsed;
    if (held() > realm.heapBytes) {
      // Garbage is no offence: count again after a collection, which an isolate inside one built-in never answers.
      let isOver = false;
      const collected = realm.profiling
        .collectGarbage()
        .then(() => {
          realm.collections.own(before);
          return this.#measure(realm);
        })
        .finally(() => {
          isOver = true;
        });
      const late = Promise.all([
        sleep(COLLECT_MS),
        whileWithin(COLLECT_MS, COLLECT_LAST_MS, () => isOver),
      ]);
      await Promise.race([collected, late]);
      if (run.over || run.paused || realm.ended) return;
    }
    this.#report(run, realm, process.memoryUsage.rss());
    if (held() > realm.heapBytes) return run.limit(realm, 'heap', held());
    realm.profiling.watchHeap(held());
    if (!run.warned && held() > run.start.heapWarnBytes) {
      run.warned = true;
      this.#send({ type: 'warning', run: run.id, code: 'heap-near-limit', measured: held() });
    }
    // Near the limit the next reading comes sooner.
    if (held() > realm.heapBytes / 2) {
      run.lastSampleAt = performance.now() - SAMPLE_MS + 10;
      this.#plan(10);
    }
  }

  async #measure(realm: Realm): Promise<void> {
    realm.stale = false;
    // Only of one that waits: a look runs on the stack it interrupts, and at the end of that the process would die.
    const mayLook = !realm.isDebugged && !realm.isolate.busy;
    const [heap] = await Promise.all([
      realm.isolate.inspector.heapUsage(),
      mayLook ? realm.collections.look() : null,
    ]);
    realm.heapUsed = heap.used;
    realm.heapTotal = heap.total;
    realm.external = heap.external;
  }

  #report(run: SandboxRun, realm: Realm, rss: number, collected = false): void {
    this.#send({
      type: 'sample',
      run: run.id,
      realm: realm.number,
      beacon: realm.isolate.beacon,
      collected,
      heapUsed: realm.heapUsed,
      heapTotal: realm.heapTotal,
      external: realm.external,
      rss,
      cpuMs: run.cpuMs,
      collection: realm.collections.take(realm.heapUsed),
    });
  }
}

/** Bytes of heap and buffers, as they were last read. */
function heldBy({ realms }: SandboxRun): number {
  return [...realms.values()].reduce((sum, { heapUsed, external }) => sum + heapUsed + external, 0);
}

function watchCpu(run: SandboxRun, realm: Realm, burstMs: number): void {
  const { start, elapsedMs, cpuMs } = run;
  realm.profiling.watchCpu(
    () => run.cpuMs,
    { ms: burstMs, maxMs: start.burstMs },
    { ms: cpuMs, maxMs: start.cpuMs },
    { ms: elapsedMs, maxMs: start.wallMs },
  );
}

function takeWeight(run: SandboxRun): number {
  let weight = 0;
  for (const realm of run.realms.values()) {
    if (realm.isolate.gone) continue;
    const now = Number(realm.isolate.isolate.cpuTime);
    weight += now - realm.lastWeight;
    realm.lastWeight = now;
  }
  return weight;
}
