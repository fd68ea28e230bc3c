// Owns the way of a run from its source to its end: analyse, admit, queue, drive. Everything else is done by its parts.

import { analyse } from '../analysis/analyse.ts';
import { DumpKeeper } from '../dumps/keeper.ts';
import { CorralError, toMessage } from '../model/errors.ts';
import type { GuardLevel } from '../model/guard.ts';
import type { LoadView } from '../model/load.ts';
import { Backstop } from './backstop.ts';
import { Drive } from './drive.ts';
import { NO_RUN } from './ending.ts';
import { Feed } from './feed.ts';
import { type DrainOptions, type DrainReport, drain } from './load/drain.ts';
import { Gate } from './load/gate.ts';
import { Pass } from './load/pass.ts';
import { Sleepers } from './load/sleepers.ts';
import type { StartOptions, SupervisorOptions } from './options.ts';
import { Pool } from './pool.ts';
import type { LiveRun, Run } from './run.ts';
import { StateStore } from './state-store.ts';
import { Submission } from './submission.ts';
import { Tracked } from './tracked.ts';
import type { WorkerProcess } from './worker-process.ts';

/** Starts runs and keeps what they need. */
export class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #pool: Pool;
  readonly #state: StateStore;
  readonly #dumps: DumpKeeper;
  /** What Corral as a whole tells. */
  readonly feed = new Feed();
  readonly #backstop = new Backstop();
  readonly #tracked = new Tracked();
  readonly #sleepers = new Sleepers();
  readonly #gate: Gate;
  readonly #active = new Map<LiveRun, Promise<unknown>>();
  #closed = false;

  constructor(options: SupervisorOptions) {
    this.#options = options;
    const { limits, compiles } = options.guard;
    const heapBytes = options.limits.heap ?? limits.heap;
    const house = () => this.#options.house;
    const asleep = () => this.#sleepers.count();
    this.#gate = new Gate({ house, feed: this.feed, tracked: this.#tracked, holds: [], asleep });
    this.#pool = new Pool({
      settings: () => house().workers,
      heapBytes,
      compiles,
      tracked: this.#tracked,
      failed: (error) => this.#gate.breaker.failed(error),
    });
    this.#state = new StateStore(options.stateDir);
    this.#dumps = new DumpKeeper(options.dumpDir, options.dumpKeep);
  }

  /** Runs under way. */
  get runs(): readonly Run[] {
    return [...this.#active.keys()].filter((run) => run.state !== 'ended');
  }

  /** How much goes on, and waits. */
  get load(): LoadView {
    return this.#gate.view;
  }

  /** Process ids of the workers alive now. */
  get workerPids(): readonly number[] {
    return this.#pool.workers.map((worker) => worker.pid);
  }

  /**
   * Starts a macro.
   * @throws {CorralError} `bad-input` when the input does not fit, `bad-usage` for a debugger at a high level, `closed` after {@link close}
   */
  start(source: string, options: StartOptions): Run {
    if (this.#closed)
      throw new CorralError('closed', 'This corral is closed and starts no more runs.');
    if (options.debug) assertDebuggable(this.#options.guard.level);
    const file = options.file ?? 'macro.js';
    const language = options.language ?? (/\.[cm]?ts$/.test(file) ? 'ts' : 'js');
    const { commands } = this.#options;
    const analysis = analyse(source, { file, language, commands });
    const submission = new Submission(
      this.#options,
      { state: this.#state, dumps: this.#dumps },
      analysis,
      options,
    );
    const active = this.#carryOut(submission);
    this.#active.set(submission.live, active);
    this.#tellOf(submission);
    return submission.live;
  }

  /** Tells the feed of a run's states, and of its end. */
  #tellOf({ live, key }: Submission): void {
    const whose = { type: 'run' as const, runId: live.id, macro: live.macro, owner: key.owner };
    live.on('state', ({ state }) => {
      if (state !== 'ended') this.feed.tell({ ...whose, state, reason: null });
    });
    live.on('end', ({ reason }) => this.feed.tell({ ...whose, state: 'ended', reason }));
  }

  /** Lets in nothing more, lets go on what runs until its time is up, and stops the rest. Resolves when no run is left. */
  async drain(options: DrainOptions = {}): Promise<DrainReport> {
    const { drainMs } = this.#options.house.load;
    return drain(this.runs, this.#gate, { deadlineMs: drainMs, ...options });
  }

  /** Stops every run and every worker; resolves when no process is left and nothing goes on any more. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#active.keys()].map((run) => run.stop('the corral was closed')));
    await Promise.all(this.#active.values());
    await this.#pool.close();
    await this.#dumps.idle();
    this.#gate[Symbol.dispose]();
    await this.#tracked.idle();
    this.#state[Symbol.dispose]();
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
      this.#active.delete(submission.live);
      submission.finish();
    }
  }

  async #admitAndDrive(submission: Submission): Promise<void> {
    submission.announce();
    const { verdict, why: message } = submission;
    if (verdict === 'refuse') {
      await submission.end({ ...NO_RUN, reason: 'refused', message, refusal: LINTED_OUT });
      return;
    }
    for (let waitMs: number | null = 0; waitMs !== null; )
      waitMs = await this.#try(submission, waitMs);
  }

  /** Tries the run, after so many ms; gives in how many to try again, null when it has ended. */
  async #try(submission: Submission, waitMs: number): Promise<number | null> {
    const entry = await submission.enter(this.#gate, waitMs);
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
    const worker = await this.#pool.acquire(cordon, signal).catch((error: unknown) => {
      if (signal.aborted) return null;
      if (!isWorkerStart(error)) throw error;
      pass.failed(error);
      return 'again' as const;
    });
    if (worker === 'again') return worker;
    if (worker === null) return submission.conclude(submission.cancelled);
    try {
      submission.begin();
      // Whoever is held keeps nobody else from being created.
      if (live.isHeld) pass.held();
      await live.released();
      // Stopped while the worker was being handed over, or by a listener just now.
      if (signal.aborted) return await submission.conclude(submission.cancelled);
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
    }
  }
}

const LINTED_OUT = { code: 'lint', retryAfterMs: null } as const;

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
