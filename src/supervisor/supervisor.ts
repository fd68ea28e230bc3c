// Owns the way of a run from its source to its end: analyse, admit, queue, drive. Everything else is done by its parts.

import { analyse } from '../analysis/analyse.ts';
import { CorralError, toMessage } from '../model/errors.ts';
import type { EndEvent } from '../model/events.ts';
import type { Guard, GuardLevel } from '../model/guard.ts';
import type { LoadView } from '../model/load.ts';
import type { Pattern } from '../model/pattern.ts';
import type { HouseSettings } from '../model/settings.ts';
import { Watcher } from '../policy/watch/watcher.ts';
import { Backstop } from './backstop.ts';
import { Drive } from './drive.ts';
import { DumpDesk } from './dump-desk.ts';
import { NO_RUN } from './ending.ts';
import { Feed } from './feed.ts';
import { toGuardedRun } from './host/guarded-run.ts';
import { HostGuard } from './host/host-guard.ts';
import {
  EMERGENCY_REFUSAL,
  type EmergencyOrder,
  type EmergencyState,
  EmergencyStop,
} from './interventions/emergency-stop.ts';
import type { House } from './interventions/watched-run.ts';
import { LedgerDesk } from './ledger-desk.ts';
import { type DrainOptions, type DrainReport, drain } from './load/drain.ts';
import { Gate } from './load/gate.ts';
import { Pass } from './load/pass.ts';
import { Sleepers } from './load/sleepers.ts';
import type { StartOptions, SupervisorOptions } from './options.ts';
import { type Cordon, Pool, type WorkerKind } from './pool.ts';
import type { Run } from './run.ts';
import {
  changesText,
  type InForce,
  type SettingChange,
  settingChanges,
} from './settings-change.ts';
import { StateStore } from './state-store.ts';
import { Submission } from './submission.ts';
import { Tracked } from './tracked.ts';
import { WorkerProcess } from './worker-process.ts';

/** Starts runs and keeps what they need. */
export class Supervisor {
  /** Replaced as a whole when settings change: to be read at use, never kept. */
  #options: SupervisorOptions;
  readonly #pool: Pool;
  readonly #state: StateStore;
  readonly #dumps: DumpDesk;
  /** What Corral as a whole tells. */
  readonly feed = new Feed();
  /** What is known of macros, and who is held. */
  readonly ledger: LedgerDesk;
  /** How short the machine is of anything, and what is done about it. */
  readonly host: HostGuard;
  readonly #backstop = new Backstop();
  readonly #emergency: EmergencyStop;
  readonly #watching: House;
  #watcher: Watcher | null = null;
  readonly #tracked = new Tracked();
  readonly #sleepers = new Sleepers();
  readonly #gate: Gate;
  readonly #active = new Map<Submission, Promise<unknown>>();
  #closed = false;

  constructor(options: SupervisorOptions) {
    this.#options = options;
    this.#emergency = new EmergencyStop(this.feed, options.emergency);
    const tell: Feed['tell'] = (event) => this.feed.tell(event);
    this.host = this.#guardHost(tell);
    const house = () => this.#options.house;
    const asleep = () => this.#sleepers.count();
    const holds = [this.host];
    this.#gate = new Gate({ house, feed: this.feed, tracked: this.#tracked, holds, asleep });
    this.#pool = new Pool({
      settings: () => house().workers,
      kind: () => this.#workerKind,
      tracked: this.#tracked,
      tell,
      mayWarm: () => !this.host.isReclaiming,
      failed: (error) => this.#gate.breaker.failed(error),
    });
    this.#state = new StateStore(options.stateDir);
    this.#dumps = new DumpDesk(options, this.feed);
    this.ledger = new LedgerDesk(options.ledger, this.feed);
    this.#watching = {
      watcher: () => this.#loadWatcher(),
      settings: () => this.#options.house,
      feed: this.feed,
      ledger: options.ledger,
      emergency: (order) => void this.emergency(order),
    };
  }

  /** How strict it is now. */
  get guard(): Guard {
    return this.#options.guard;
  }

  /** The house's numbers as they are now. */
  get house(): HouseSettings {
    return this.#options.house;
  }

  /**
   * Puts other settings in force, for everything that starts from now on, and tells the feed what changed.
   * @param change checked already; what is left out stays
   * @returns what has another value than before
   * @throws {CorralError} `closed` after {@link close}
   */
  configure(change: Partial<InForce>): readonly SettingChange[] {
    this.#assertOpen('takes no other settings');
    const before = this.#options;
    this.#options = { ...before, ...change };
    const changes = settingChanges(before, this.#options);
    if (changes.length === 0) return changes;
    this.#pool.adapt();
    const message = changesText(changes);
    this.feed.tell({ type: 'settings', level: this.guard.level, message });
    return changes;
  }

  get #workerKind(): WorkerKind {
    const { guard, limits } = this.#options;
    return { heapBytes: limits.heap ?? guard.limits.heap, compiles: guard.compiles };
  }

  #assertOpen(what: string): void {
    if (this.#closed) throw new CorralError('closed', `This corral is closed and ${what}.`);
  }

  /** Runs under way. */
  get runs(): readonly Run[] {
    return [...this.#active.keys()].map(({ live }) => live).filter(isUnderWay);
  }

  /** How risky the macro of a run under way has shown itself by now, 0..1; null where that is not known. Never throws. */
  riskOf(run: Run): number | null {
    return this.#submissionOf(run)?.riskNow ?? null;
  }

  /** Whose a run under way is. */
  ownerOf(run: Run): string | undefined {
    return this.#submissionOf(run)?.key.owner;
  }

  #submissionOf(run: Run): Submission | undefined {
    return [...this.#active.keys()].find(({ live }) => live === run);
  }

  /** The guard level in force. */
  get level(): GuardLevel {
    return this.#options.guard.level;
  }

  /** Runs that may be active at once. */
  get activeMax(): number {
    return this.#options.house.load.active;
  }

  /** How much goes on, and waits. */
  get load(): LoadView {
    return this.#gate.view;
  }

  /** Process ids of the workers alive now; of one that is about to be started, none. */
  get workerPids(): readonly number[] {
    return this.#pool.workerPids;
  }

  /**
   * Starts a macro.
   * @throws {CorralError} `bad-input` when the input does not fit, `bad-usage` for a debugger at a high level, `closed` after {@link close}
   */
  start(source: string, options: StartOptions): Run {
    this.#assertOpen('starts no more runs');
    if (options.debug) assertDebuggable(this.#options.guard.level);
    const file = options.file ?? 'macro.js';
    const language = options.language ?? (/\.[cm]?ts$/.test(file) ? 'ts' : 'js');
    const { commands } = this.#options;
    const analysis = analyse(source, { file, language, commands });
    const submission = new Submission(
      this.#options,
      {
        state: this.#state,
        dumps: this.#dumps,
        watching: this.#watching,
        ledger: this.ledger,
      },
      analysis,
      options,
    );
    const active = this.#carryOut(submission);
    this.#active.set(submission, active);
    this.#tellOf(submission);
    return submission.live;
  }

  #guardHost(tell: Feed['tell']): HostGuard {
    return new HostGuard({
      settings: () => this.#options,
      childPids: () => this.#pool.pids,
      tell,
      reclaim: () => this.#pool.reclaim(),
      relieved: () => this.#pool.keepWarm(),
      recycle: () => this.#pool.recycle('brake', this.#options.house.workers.drainMs),
      emergency: (order) => void this.emergency(order),
    });
  }

  /** Tells the feed of a run's states, and of its end. */
  #tellOf(submission: Submission): void {
    const { live, key } = submission;
    const whose = { type: 'run' as const, runId: live.id, macro: live.macro, owner: key.owner };
    live.on('state', ({ state }) => {
      if (state !== 'ended') this.feed.tell({ ...whose, state, reason: null, risk: null });
    });
    live.on('end', (end) => {
      const { reason } = end;
      const message = end.status === 'killed' ? { message: toTold(end) } : {};
      this.feed.tell({ ...whose, state: 'ended', reason, risk: submission.riskNow, ...message });
    });
  }

  /** Who pulled the emergency stop, when and why; null while it is not pulled. */
  get emergencyState(): EmergencyState | null {
    return this.#emergency.state;
  }

  /** Ends every run, and refuses new ones until {@link clearEmergency}; resolves when all have ended. Never rejects. */
  async emergency(order: EmergencyOrder): Promise<void> {
    this.#emergency.pull(order);
    const { cause } = this.#emergency;
    const ending = [...this.#active];
    for (const [submission] of ending) submission.pull(cause);
    await Promise.all(ending.map(([, over]) => over));
  }

  /** Lets runs start again; false when nobody had pulled the emergency stop. */
  clearEmergency(order: EmergencyOrder): boolean {
    return this.#emergency.clear(order);
  }

  /** Watches what starts from now on for these patterns, and no others. Counts begin anew; runs under way keep theirs. */
  watchFor(patterns: readonly Pattern[]): void {
    this.#watcher = new Watcher(patterns);
  }

  #loadWatcher(): Watcher {
    this.#watcher ??= new Watcher(this.#options.patterns());
    return this.#watcher;
  }

  /** Lets in nothing more, lets go on what runs until its time is up, and stops the rest. Resolves when no run is left. */
  async drain(options: DrainOptions = {}): Promise<DrainReport> {
    const { drainMs } = this.#options.house.load;
    return drain(this.runs, this.#gate, { deadlineMs: drainMs, ...options });
  }

  /** Stops every run and every worker; resolves when no process is left and nothing goes on any more. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all(
      [...this.#active.keys()].map(({ live }) => live.stop('the corral was closed')),
    );
    await Promise.all(this.#active.values());
    this.host.close();
    await this.#pool.close();
    await this.#dumps.idle();
    this.#gate[Symbol.dispose]();
    await this.#tracked.idle();
    this.#state[Symbol.dispose]();
    this.ledger.close();
  }

  async #carryOut(submission: Submission): Promise<void> {
    // One turn later, so that listeners set right after `start` hear everything.
    await Promise.resolve();
    try {
      await this.#admitAndDrive(submission);
    } catch (error) {
      // The machinery failed, not the macro: the run still ends, and says so.
      this.#gate.breaker.failed(error);
      await submission.end({ ...NO_RUN, reason: 'worker-lost', message: toMessage(error) });
    } finally {
      this.#active.delete(submission);
      submission.finish();
    }
  }

  async #admitAndDrive(submission: Submission): Promise<void> {
    submission.announce();
    if (submission.refused) {
      await submission.end(submission.refused);
      return;
    }
    // One that was there when it was pulled ends like all others.
    if (this.#emergency.state && !submission.signal.aborted) {
      const refused = { reason: 'refused', refusal: EMERGENCY_REFUSAL } as const;
      await submission.end({
        ...NO_RUN,
        ...refused,
        message: this.#emergency.cause.message ?? '',
      });
      return;
    }
    for (let waitMs: number | null = 0; waitMs !== null; )
      waitMs = await this.#try(submission, waitMs);
  }

  /** Waits for a worker; the first time the patterns are read meanwhile. */
  async #whileLoading<Other>(
    acquired: Promise<WorkerProcess | Other>,
    cordon: Cordon,
  ): Promise<WorkerProcess | Other> {
    try {
      this.#loadWatcher();
    } catch (error) {
      const worker = await acquired;
      if (worker instanceof WorkerProcess) this.#pool.release(worker, cordon);
      throw error;
    }
    return acquired;
  }

  /** Tries the run, after so many ms; gives in how many to try again, null when it has ended. */
  async #try(submission: Submission, waitMs: number): Promise<number | null> {
    const entering = submission.enter(this.#gate, waitMs);
    if (submission.isInLine) submission.tellHeld(this.host.holding);
    const entry = await entering;
    if (entry === null) return submission.conclude(submission.cancelled);
    if (!(entry instanceof Pass)) {
      await submission.turnAway(entry);
      return null;
    }
    using pass = entry;
    for (let placing = 1; placing <= PLACINGS_MAX; placing++) {
      const placed = await this.#place(submission, pass);
      if (placed !== 'again') return placed;
    }
    const message = `${PLACINGS_MAX} times no worker took it; the last one: ${this.#gate.breaker.lastFailure}`;
    return submission.conclude({ ...NO_RUN, reason: 'worker-lost', message });
  }

  /** Gets a worker and runs the macro in it. `again` when the worker did not start, or was lost before anything was heard. */
  async #place(submission: Submission, pass: Pass): Promise<number | null | 'again'> {
    const { live, signal } = submission;
    const { cordon } = pass;
    pass.creating();
    const { compiles } = submission.setting.guard;
    const acquired = this.#pool.acquire(cordon, signal, compiles).catch((error: unknown) => {
      if (signal.aborted) return null;
      if (!isWorkerStart(error)) throw error;
      pass.failed(error);
      return 'again' as const;
    });
    const worker = await this.#whileLoading(acquired, cordon);
    if (worker === 'again') return worker;
    if (worker === null) return submission.conclude(submission.cancelled);
    try {
      submission.begin();
      // Whoever is held keeps nobody else from being created.
      if (live.isHeld) pass.held();
      await live.released();
      // Stopped while the worker was being handed over, or by a listener just now.
      if (signal.aborted) return await submission.conclude(submission.cancelled);
      // Held while it waited in line.
      const { heldNow } = submission;
      if (heldNow) return await submission.conclude(heldNow);
      return await this.#drive(submission, worker, pass);
    } finally {
      this.#pool.release(worker, cordon);
    }
  }

  async #drive(
    submission: Submission,
    worker: WorkerProcess,
    pass: Pass,
  ): Promise<number | null | 'again'> {
    const { live, setting, record, plan } = submission;
    const { cordon } = pass;
    const heard = () => pass.heard();
    const drive = new Drive({ setting, record, live, worker, cordon, heard });
    const unwatch = this.#backstop.watch(drive);
    this.#sleepers.add(drive);
    const leave = this.host.enter(toGuardedRun(submission));
    submission.drive = drive;
    try {
      const over = drive.run(plan);
      pass.sent();
      // After the start has been sent: a listener of this state may stop or pause the run at once.
      if (drive.running && live.state === 'starting') live.move('ready', 0);
      const ending = await over;
      // Nothing was heard of the run before its process died: it has done nothing, so it may start again elsewhere.
      if (ending) return await submission.conclude(ending);
      pass.failed(
        new CorralError('worker-start', 'A worker died before anything was heard of its run.'),
      );
      return 'again';
    } finally {
      unwatch();
      this.#sleepers.delete(drive);
      await drive.cleared();
      leave();
    }
  }
}

function isUnderWay({ state }: Run): boolean {
  return state !== 'ended';
}

/** Whoever debugs a macro can do all it can, and hold its limits still: not where macros are trusted least. */
function assertDebuggable(level: GuardLevel): void {
  if (level === 'high' || level === 'maximum')
    throw new CorralError(
      'bad-usage',
      `No macro is debugged at guard level ${level}; use level medium or low for that.`,
    );
}

function isWorkerStart(error: unknown): boolean {
  return error instanceof CorralError && error.code === 'worker-start';
}

/** How often a run whose worker died before it began is placed. */
const PLACINGS_MAX = 5;
/** In the feed (UTF-16 code units). */
const TOLD_CHARS_MAX = 500;

/** An end in one line, with its place. */
function toTold({ message, file, line }: EndEvent): string {
  const where = line === null ? '' : ` (${file}:${line})`;
  return `${message.slice(0, TOLD_CHARS_MAX)}${where}`;
}
