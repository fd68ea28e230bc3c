// Owns the way of a run from its source to its end: analyse, admit, queue, drive. Everything else is done by its parts.

import { analyse } from '../analysis/analyse.ts';
import { DumpKeeper } from '../dumps/keeper.ts';
import { CorralError, toMessage } from '../model/errors.ts';
import type { GuardLevel } from '../model/guard.ts';
import { Backstop } from './backstop.ts';
import { Drive } from './drive.ts';
import { type Ending, NO_RUN } from './ending.ts';
import { Feed } from './feed.ts';
import type { StartOptions, SupervisorOptions } from './options.ts';
import { type Cordon, Pool } from './pool.ts';
import type { LiveRun, Run } from './run.ts';
import { StateStore } from './state-store.ts';
import { Submission } from './submission.ts';
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
  readonly #active = new Map<LiveRun, Promise<unknown>>();
  #closed = false;

  constructor(options: SupervisorOptions) {
    this.#options = options;
    const { limits, compiles } = options.guard;
    const heapBytes = options.limits.heap ?? limits.heap;
    const { max: workersMax, warm: workersWarm } = options.house.workers;
    this.#pool = new Pool({ workersMax, workersWarm, heapBytes, compiles });
    this.#state = new StateStore(options.stateDir);
    this.#dumps = new DumpKeeper(options.dumpDir, options.dumpKeep);
  }

  /** Runs under way. */
  get runs(): readonly Run[] {
    return [...this.#active.keys()].filter((run) => run.state !== 'ended');
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
      { state: this.#state, dumps: this.#dumps, feed: this.feed },
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

  /** Stops every run and every worker; resolves when no process is left. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const run of this.#active.keys()) run.stop('the corral was closed').catch(rethrow);
    await Promise.all(this.#active.values());
    await this.#pool.close();
    await this.#dumps.idle();
    this.#state[Symbol.dispose]();
  }

  async #carryOut(submission: Submission): Promise<void> {
    // One turn later, so that listeners set right after `start` hear everything.
    await Promise.resolve();
    try {
      await this.#admitAndDrive(submission);
    } catch (error) {
      // The machinery failed, not the macro: the run still ends, and says so.
      await submission.end({ ...NO_RUN, reason: 'worker-lost', message: toMessage(error) });
    } finally {
      this.#active.delete(submission.live);
      submission.finish();
    }
  }

  async #admitAndDrive(submission: Submission): Promise<void> {
    submission.announce();
    const { verdict, signal, setting } = submission;
    if (verdict === 'refuse') {
      await submission.end({
        ...NO_RUN,
        reason: 'refused',
        message: submission.why,
        refusal: LINTED_OUT,
      });
      return;
    }
    const cordon = setting.shares ? 'shared' : 'solo';
    for (let attempt = 1; ; attempt++) {
      const worker = await this.#pool.acquire(cordon, signal).catch((error: unknown) => {
        if (signal.aborted) return null;
        if (isWorkerStart(error) && attempt < PLACINGS_MAX) return 'again' as const;
        throw error;
      });
      if (worker === 'again') continue;
      const ending = worker ? await this.#place(submission, worker, cordon) : submission.cancelled;
      // Nothing was heard of the run before its process died: it has done nothing, so it may start again elsewhere.
      if (!ending && attempt < PLACINGS_MAX) continue;
      if (ending !== 'ended') await submission.end(ending ?? NEVER_STARTED);
      return;
    }
  }

  /** Runs a macro in a worker and ends it; null when the worker died before anything was heard of the run. */
  async #place(
    submission: Submission,
    worker: WorkerProcess,
    cordon: Cordon,
  ): Promise<Ending | 'ended' | null> {
    const { live, signal } = submission;
    try {
      if (live.state === 'queued') live.move('start', 0);
      await live.released();
      // Stopped while the worker was being handed over, or by a listener just now.
      if (signal.aborted) return submission.cancelled;
      return await this.#drive(submission, worker, cordon);
    } finally {
      this.#pool.release(worker, cordon);
    }
  }

  async #drive(
    submission: Submission,
    worker: WorkerProcess,
    cordon: Cordon,
  ): Promise<'ended' | null> {
    const { live, setting, record, plan } = submission;
    const drive = new Drive({ setting, record, live, worker, cordon });
    const unwatch = this.#backstop.watch(drive);
    submission.drive = drive;
    try {
      const over = drive.run(plan);
      // After the start has been sent: a listener of this state may stop or pause the run at once.
      if (drive.running && live.state === 'starting') live.move('ready', 0);
      const ending = await over;
      if (!ending) return null;
      await submission.end(ending);
      return 'ended';
    } finally {
      unwatch();
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

const NEVER_STARTED: Ending = {
  ...NO_RUN,
  reason: 'worker-lost',
  message: `${PLACINGS_MAX} processes died before the macro began`,
};

function rethrow(error: unknown): never {
  throw error;
}
