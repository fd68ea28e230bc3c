// Owns one run from its start in a worker to its end: listens, keeps the clocks, pulls the trigger once, and makes sure
// that what was stopped is gone. The first cause wins.

import type { Limits } from '../model/limits.ts';
import type { EndReason } from '../model/outcome.ts';
import { PausableTimer } from '../model/pausable-timer.ts';
import type { Json } from '../model/value.ts';
import type { FromWorker, FromWorkerOf } from '../model/wire.ts';
import { RunAsks } from './asks.ts';
import { BringDown, graceCpuMs } from './bring-down.ts';
import { toCauseOfDeath } from './death.ts';
import { type Cause, type Ending, NO_RUN, toSentence } from './ending.ts';
import { Holding } from './holding.ts';
import { atItsWait, callersOf, placeOfStop, toSourceFrames } from './place.ts';
import type { Cordon } from './pool.ts';
import { OWN_LIMITS, type RealmPlan, toRealmStart } from './realm-plan.ts';
import type { RunRecord } from './record.ts';
import type { LiveRun } from './run.ts';
import { toOutcome } from './run-outcome.ts';
import type { RunSetting } from './setting.ts';
import { Telling } from './telling.ts';
import type { WorkerExit, WorkerProcess } from './worker-process.ts';

/** What {@link Drive} needs. */
export interface DriveOptions {
  readonly setting: RunSetting;
  readonly record: RunRecord;
  readonly live: LiveRun;
  readonly worker: WorkerProcess;
  readonly cordon: Cordon;
  /** The first word about the run has come. */
  readonly heard?: () => void;
}

/** How long a macro may go on after its `signal` was aborted (ms). */
const CANCEL_GRACE_MS = 300;

/** What a run's own count of output may miss (UTF-16 code units). */
const OUTPUT_SLACK = 64 * 1024;

/** Drives one run. */
export class Drive {
  readonly worker: WorkerProcess;
  readonly cordon: Cordon;
  /** CPU of the run as the worker last told (ms). */
  cpuMs = 0;
  readonly #setting: RunSetting;
  readonly #firstHeard: (() => void) | undefined;
  readonly #record: RunRecord;
  readonly #live: LiveRun;
  readonly #asks: RunAsks;
  readonly #telling: Telling;
  readonly #clock: PausableTimer;
  readonly #down: BringDown;
  readonly #holding: Holding;
  readonly #ended = Promise.withResolvers<Ending | null>();
  #cause: Cause | null = null;
  /** Where the macro was when it passed a limit by what it did itself. */
  #writing: { readonly realm: number; readonly stack: string } | null = null;
  #over = false;
  #heard = false;
  #beacon: { realm: number; id: number } | null = null;
  #cancelled: ((done: FromWorkerOf<'done'> | null) => void) | null = null;

  constructor(options: DriveOptions) {
    this.#setting = options.setting;
    this.#firstHeard = options.heard;
    this.#record = options.record;
    this.#live = options.live;
    this.worker = options.worker;
    this.cordon = options.cordon;
    this.#down = new BringDown(this.worker, this.runId, this.cordon);
    this.#clock = new PausableTimer(this.#setting.limits.wall.value, (measured) =>
      this.pull({ reason: 'wall-limit', limit: { name: 'wall', measured }, message: null }),
    );
    this.#holding = new Holding({
      live: this.#live,
      worker: this.worker,
      clock: this.#clock,
      realms: this.#setting.realms,
      gate: this.#setting.gate,
      debugDoor: this.#setting.debugDoor,
      isRunning: () => this.running,
      ended: this.#ended.promise,
    });
    this.#telling = new Telling(options, () => this.#clock.elapsedMs);
    this.#asks = new RunAsks(this.#setting, {
      journal: this.#record.journal,
      answer: (realm, id, value, error) => this.#answer(realm, id, value, error),
      told: (event) => {
        if (!this.#over) this.#telling.command(event);
      },
      end: (cause) => this.pull(cause),
      now: () => this.#clock.elapsedMs,
      startRealm: (plan) => this.#startRealm(plan),
      warn: (message) => this.#telling.warning('state-failed', message),
    });
  }

  /** The run's id. */
  get runId(): string {
    return this.#setting.runId;
  }

  /** The kill limit of the heap and of CPU, for the outer watchdog (bytes, ms). */
  get limits(): { readonly heapBytes: number; readonly cpuMs: number } {
    return { heapBytes: this.#setting.limits.heap.value, cpuMs: this.#setting.limits.cpu.value };
  }

  /** How often it was looked at while it was held. */
  get looks(): number {
    return this.#holding.looks;
  }

  /** True while nothing has been decided about its end. */
  get running(): boolean {
    return this.#cause === null && !this.#over;
  }

  /** True when a debugger has it: what is asked of the macro then costs CPU that is not its own. */
  get isDebugged(): boolean {
    return this.#setting.debugDoor !== null;
  }

  /** True while its heap is written to disk: its process may hold more, and be silent for longer. */
  get isTakingSnapshot(): boolean {
    return this.#down.isTakingSnapshot;
  }

  /** ms since the run started, pauses left out. */
  get elapsedMs(): number {
    return this.#clock.elapsedMs;
  }

  /** True once the worker has said anything of the run: from then on the macro may have done something. */
  get heard(): boolean {
    return this.#heard;
  }

  /**
   * Starts the macro; resolves when the run is over, with null when its worker died before anything was heard of it.
   * What is left of it in its worker is {@link cleared}.
   */
  run(plan: RealmPlan): Promise<Ending | null> {
    this.#clock.start();
    this.worker.listen(this.runId, {
      hear: (message) => this.#hear(message),
      gone: (exit) => this.#workerGone(exit),
    });
    this.#startRealm(plan);
    return this.#ended.promise;
  }

  /** Resolves once the worker holds nothing of the run any more, or is dead. Never rejects. */
  async cleared(): Promise<void> {
    this.#clock.stop();
    this.#holding.end();
    await this.#down.cleared();
    this.worker.unlisten(this.runId);
  }

  /** Decides the end. Only the first call counts. */
  pull(cause: Cause, limits: Limits = this.#setting.limits): void {
    if (!this.running) return;
    this.#cause = cause;
    if (cause.limit?.name === 'cpu') this.cpuMs = Math.max(this.cpuMs, cause.limit.measured);
    this.#clock.stop();
    // What was asked for and not carried out yet never is; a cancelled macro may ask for more.
    this.#setting.gate.end(cause.reason === 'cancelled');
    this.#asks.drop();
    this.#live.move('stop', this.#clock.elapsedMs);
    this.#bringDown(cause, limits).catch(this.#ended.reject);
  }

  /** Holds the macro and lets it go on. */
  get holding(): Holding {
    return this.#holding;
  }

  /** The outer watchdog found the worker beyond saving. */
  kill(cause: Cause): void {
    if (!this.running) return;
    this.#down.kill();
    this.pull(cause);
  }

  #startRealm(plan: RealmPlan): void {
    this.#setting.realms.set(plan.number, plan);
    const { outputChars } = this.#record;
    const used = { commands: this.#asks.commands, outputChars, wallMs: this.#clock.elapsedMs };
    const start = toRealmStart(this.#setting, plan, used);
    this.worker.send({ type: 'start', graceCpuMs: graceCpuMs(this.cordon, false), ...start });
  }

  #hear(message: FromWorker): void {
    if (!this.#heard) this.#firstHeard?.();
    this.#heard = true;
    switch (message.type) {
      case 'examined':
        this.cpuMs = message.cpuMs;
        this.#noteBeacon(message);
        this.#down.examined(message);
        return;
      case 'profile':
        this.#record.addProfiles(message.realm, message.cpu, message.heap);
        if (this.running) this.#watchProfile(message);
        this.#down.profiled();
        return;
      case 'snapshot':
        this.#down.snapshotPart(message);
        return;
      case 'disposed':
        this.#down.disposed();
        return;
      case 'paused':
      case 'resumed':
      case 'seen':
      case 'debug':
        this.#holding.hear(message);
        return;
      case 'aborted':
        this.#asks.allow(message.realm);
        return;
      case 'done':
        this.#done(message);
        return;
    }
    // A cancelled macro may still tidy up: say something, give a command.
    if (this.running || (this.#cause?.reason === 'cancelled' && !this.#over))
      this.#hearRunning(message);
  }

  #hearRunning(message: FromWorker): void {
    switch (message.type) {
      case 'ask':
        this.#asks.take(message);
        break;
      case 'log':
        this.#telling.log(message);
        this.#checkOutput();
        break;
      case 'sample':
        this.cpuMs = message.cpuMs;
        this.#noteBeacon(message);
        this.#telling.sample(message);
        this.#setting.watched?.sample(message);
        break;
      case 'warning':
        this.#telling.heapWarning(message.measured);
        break;
      case 'limit':
        this.#noteBeacon(message);
        this.#writing = message;
        this.pull(toCause(message), this.#limitsOf(message));
        break;
    }
  }

  /** Has the run's garbage collected, and its heap read then: another sample. */
  collect(): void {
    this.worker.send({ type: 'collect', run: this.runId });
  }

  #watchProfile({ realm, cpu }: FromWorkerOf<'profile'>): void {
    const plan = this.#setting.realms.get(realm);
    if (plan && cpu !== null) this.#setting.watched?.profile(cpu, plan);
  }

  #limitsOf({ realm, name }: FromWorkerOf<'limit'>): Limits {
    const own = OWN_LIMITS.find((each) => each === name) && this.#setting.realms.get(realm);
    return own?.limits ?? this.#setting.limits;
  }

  #noteBeacon({ realm, beacon }: { readonly realm: number; readonly beacon: number }): void {
    this.#beacon = { realm, id: beacon };
  }

  /** The isolate stops by itself at the limit; this holds for one that was tampered with. */
  #checkOutput(): void {
    const measured = this.#record.outputChars;
    if (measured > this.#setting.limits.output.value + OUTPUT_SLACK)
      this.pull({ reason: 'output-limit', limit: { name: 'output', measured }, message: null });
  }

  #answer(
    realm: number,
    id: number,
    value: Json | null,
    error: { name: string; message: string; code: string } | null,
  ): void {
    if (this.#over) return;
    this.worker.send({
      type: 'answer',
      run: this.runId,
      realm,
      id,
      value: error ? null : JSON.stringify(value),
      error,
    });
  }

  #done(message: FromWorkerOf<'done'>): void {
    this.cpuMs = message.cpuMs;
    if (message.realm !== 0) {
      this.#asks.calls.done(message);
      return;
    }
    this.#cancelled?.(message);
    if (!this.running) return;
    if (message.tooLong) {
      const { value } = this.#setting.limits.output;
      this.pull({
        reason: 'output-limit',
        limit: { name: 'output', measured: value },
        message: 'its result is longer than the output it may write',
      });
      return;
    }
    const { reason, ...known } = toOutcome(message, this.#setting.realms.get(0) as RealmPlan);
    this.#end(reason, known);
  }

  #workerGone(exit: WorkerExit): void {
    this.#down.workerGone(exit);
    this.#cancelled?.(null);
    if (!this.running) return;
    const heapBytes = this.#setting.limits.heap.value;
    const cause = toCauseOfDeath(exit, {
      heapBytes,
      lastHeapBytes: this.#record.lastHeap,
      peakHeapBytes: this.#record.peakHeap,
      restBytes: this.worker.restUsage.rssBytes,
      isAlone: this.worker.placed <= 1,
    });
    if (!this.#heard && cause.reason !== 'heap-limit') {
      this.#over = true;
      this.#clock.stop();
      this.#ended.resolve(null);
      return;
    }
    this.pull(cause);
  }

  async #bringDown(cause: Cause, limits: Limits): Promise<void> {
    const isCancel = cause.reason === 'cancelled';
    if (!isCancel || !(await this.#cancel(cause.message ?? 'it was cancelled')))
      await this.#down.examine(cause.reason === 'heap-limit');
    const { examination } = this.#down;
    const open = this.#asks.pending;
    if (this.#setting.snapshot) {
      this.#record.snapshot = this.#setting.snapshot();
      await this.#down.takeSnapshot(this.#record.snapshot);
    }
    const isUnstopped = !isCancel && !examination && !this.#down.lost;
    await this.#down.remove(isUnstopped);
    const isStuck = isUnstopped && (cause.reason === 'cpu-limit' || cause.reason === 'wall-limit');
    const reason: EndReason = isStuck ? 'stuck' : cause.reason;
    const { realms } = this.#setting;
    const stopped = toSourceFrames(examination?.frames ?? [], realms);
    const asleep = examination?.asleep ?? false;
    const place = placeOfStop(
      {
        frames: stopped,
        asleep,
        waitingRealm: examination?.realm ?? 0,
        reason,
        writing: this.#writing,
        command: cause.place ?? null,
        beacon: this.#beacon,
        commands: this.#record.commands,
      },
      realms,
    );
    const frames = asleep
      ? atItsWait(stopped, place, realms.get(examination?.realm ?? 0))
      : stopped;
    const callers = callersOf(examination?.realm ?? this.#beacon?.realm ?? 0, realms);
    this.#end(reason, {
      message: toSentence({ ...cause, reason }, limits),
      limit: cause.limit && { ...cause.limit, ...limits[cause.limit.name] },
      frames: [...frames, ...callers],
      place,
      pending: examination?.pending ?? open.shown,
      pendingTotal: examination?.pendingTotal ?? open.total,
      heapStatistics: examination?.heapStatistics ?? null,
    });
  }

  /** True when the macro ended by itself within the grace, or its worker did. */
  async #cancel(why: string): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<FromWorkerOf<'done'> | null>();
    this.#cancelled = resolve;
    const timer = setTimeout(() => resolve(null), CANCEL_GRACE_MS);
    this.worker.send({ type: 'cancel', run: this.runId, message: why });
    const done = await promise;
    clearTimeout(timer);
    return done !== null;
  }

  #end(reason: EndReason, known: Partial<Ending> & { readonly message: string }): void {
    if (this.#over) return;
    this.#over = true;
    this.#clock.stop();
    this.#ended.resolve({
      ...NO_RUN,
      worker: this.#down.exit,
      isolatedVm: this.worker.isolatedVm,
      durationMs: this.#clock.elapsedMs,
      cpuMs: this.cpuMs,
      commands: this.#asks.commands,
      ...known,
      reason,
    });
  }
}

function toCause({ name, measured }: FromWorkerOf<'limit'>): Cause {
  const reason = name === 'burst' ? 'cpu-limit' : (`${name}-limit` as const);
  return { reason, limit: { name, measured }, message: null };
}
