// Owns the way of a run from its source to its end: analyse, admit, queue, drive, dump. Everything else is done by its parts.

import { randomBytes, randomInt } from 'node:crypto';
import { type Analysis, analyse } from '../analysis/analyse.ts';
import { writeDump } from '../dumps/dump.ts';
import type { Command } from '../model/command.ts';
import { CorralError, toMessage } from '../model/errors.ts';
import type { EndEvent } from '../model/events.ts';
import {
  formatLimit,
  GUARD_TABLE,
  type GuardLevel,
  type LimitName,
  type LimitValues,
  mergeLimits,
} from '../model/limits.ts';
import { toStatus } from '../model/outcome.ts';
import type { Report, Verdict } from '../model/report.ts';
import { admit } from '../policy/admit.ts';
import { Backstop } from './backstop.ts';
import { CommandDesk, CommandTally, type SlashParser } from './command-desk.ts';
import { Drive } from './drive.ts';
import type { Ending } from './ending.ts';
import { checkInput } from './input.ts';
import { EMPTY_LIBRARY, type MacroLibrary } from './library.ts';
import { type Cordon, Pool } from './pool.ts';
import { plantFor, type RealmPlan } from './realm-plan.ts';
import { RunRecord } from './record.ts';
import { LiveRun, type Run } from './run.ts';
import { toCrashDump } from './run-dump.ts';
import type { RunSetting } from './setting.ts';
import { StateStore } from './state-store.ts';
import type { WorkerProcess } from './worker-process.ts';

/** When crash dumps are written: on kills, on `failed` runs too, or never. */
export type DumpWhen = 'kill' | 'always' | 'never';

/** What a supervisor is made of; every field is decided by the composition root. */
export interface SupervisorOptions {
  readonly commands: readonly Command[];
  readonly parseSlash: SlashParser;
  readonly level: GuardLevel;
  readonly limits: Partial<LimitValues>;
  readonly privileged: ReadonlySet<string>;
  readonly dump: DumpWhen;
  readonly dumpDir: string;
  /** Null keeps state in memory. */
  readonly stateDir: string | null;
  readonly workersMax: number;
  readonly workersWarm: number;
  /** True lets macros that analysis cleared share a process. */
  readonly share: boolean;
}

/** What one run is started with. */
export interface StartOptions {
  /** Any JSON-like value; checked against the macro's `@input` lines. Default `{}`. */
  readonly input?: unknown;
  /** Where the source came from, shown in stacks and dumps. Default `macro.js`. */
  readonly file?: string;
  /** Default: by the file's name. */
  readonly language?: 'js' | 'ts';
  /** Lower limits for this run (ms, bytes, counts). */
  readonly limits?: Partial<LimitValues>;
  /** Where `random()` starts from. Default: by chance, told in the `admission` event. */
  readonly seed?: number;
  /** False runs what lint would refuse (never what does not parse), alone in its process. Default true. */
  readonly lint?: boolean;
  /** The macros `macros.call` finds. Default: none. */
  readonly library?: MacroLibrary;
  /** Cancels the run when aborted. */
  readonly signal?: AbortSignal;
}

/** Starts runs and keeps what they need. */
export class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #pool: Pool;
  readonly #state: StateStore;
  readonly #backstop = new Backstop();
  readonly #active = new Map<LiveRun, Promise<unknown>>();
  #closed = false;

  constructor(options: SupervisorOptions) {
    this.#options = options;
    const heapBytes = options.limits.heap ?? GUARD_TABLE[options.level].limits.heap;
    const { workersMax, workersWarm } = options;
    this.#pool = new Pool({ workersMax, workersWarm, heapBytes });
    this.#state = new StateStore(options.stateDir);
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
   * @throws {CorralError} `bad-input` when the input does not fit, `closed` after {@link close}
   */
  start(source: string, options: StartOptions): Run {
    if (this.#closed)
      throw new CorralError('closed', 'This corral is closed and starts no more runs.');
    const file = options.file ?? 'macro.js';
    const language = options.language ?? (/\.[cm]?ts$/.test(file) ? 'ts' : 'js');
    const analysis = analyse(source, { file, language });
    const submission = new Submission(this.#options, this.#state, analysis, options);
    const active = this.#carryOut(submission);
    this.#active.set(submission.live, active);
    return submission.live;
  }

  /** Stops every run and every worker; resolves when no process is left. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const run of this.#active.keys()) run.stop('the corral was closed').catch(rethrow);
    await Promise.all(this.#active.values());
    await this.#pool.close();
    this.#state[Symbol.dispose]();
  }

  async #carryOut(submission: Submission): Promise<void> {
    // One turn later, so that listeners set right after `start` hear everything.
    await Promise.resolve();
    try {
      await this.#admitAndDrive(submission);
    } catch (error) {
      // The machinery failed, not the macro: the run still ends, and says so.
      await submission.end({ ...NOTHING, reason: 'worker-lost', message: toMessage(error) });
    } finally {
      this.#active.delete(submission.live);
      submission.finish();
    }
  }

  async #admitAndDrive(submission: Submission): Promise<void> {
    submission.announce();
    const { verdict, signal } = submission;
    if (verdict === 'refuse') {
      await submission.end({ ...NOTHING, reason: 'refused', message: submission.why });
      return;
    }
    const cordon = verdict === 'admit' && this.#options.share ? 'shared' : 'solo';
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

function isWorkerStart(error: unknown): boolean {
  return error instanceof CorralError && error.code === 'worker-start';
}

/** How often a run whose worker died before it began is placed. */
const PLACINGS_MAX = 5;

const NOTHING: Omit<Ending, 'reason' | 'message'> = {
  limit: null,
  value: null,
  error: null,
  place: null,
  frames: [],
  pending: [],
  heapStatistics: null,
  worker: null,
  isolatedVm: '',
  durationMs: 0,
  cpuMs: 0,
  commands: 0,
};

const NEVER_STARTED: Ending = {
  ...NOTHING,
  reason: 'worker-lost',
  message: `${PLACINGS_MAX} processes died before the macro began`,
};

/** One macro on its way through the supervisor. */
class Submission {
  readonly live: LiveRun;
  readonly setting: RunSetting;
  readonly plan: RealmPlan;
  readonly record = new RunRecord();
  readonly verdict: Verdict;
  readonly why: string;
  drive: Drive | null = null;
  stopWhy = 'it was cancelled';
  readonly #options: SupervisorOptions;
  readonly #report: Report;
  readonly #denied: readonly LimitName[];
  readonly #abort = new AbortController();
  readonly #cancel = new AbortController();
  readonly #startedAt = new Date();
  readonly #leave: () => void;

  constructor(
    options: SupervisorOptions,
    state: StateStore,
    analysis: Analysis,
    start: StartOptions,
  ) {
    this.#options = options;
    this.#report = analysis.report;
    const { header } = analysis;
    const { level, parseSlash, privileged, commands } = options;
    const macro = header.name || baseName(analysis.file);
    const { limits, deniedNames } = mergeLimits({
      level,
      host: options.limits,
      caller: start.limits,
      header: header.limits,
    });
    this.#denied = deniedNames;
    const lint = start.lint ?? true;
    const { verdict, why } = admit(analysis.report, { lint, level });
    this.verdict = verdict;
    this.why = why ?? 'lint found errors';
    const runId = randomBytes(6).toString('hex');
    const deskOptions = {
      runId,
      privileged,
      parseSlash,
      signal: this.#abort.signal,
      tally: new CommandTally(),
    };
    this.setting = {
      runId,
      level,
      lint,
      limits,
      deskOptions,
      commands,
      state,
      library: start.library ?? EMPTY_LIBRARY,
      signal: this.#abort.signal,
      realms: new Map(),
    };
    this.plan = {
      number: 0,
      macro,
      analysis,
      planted: plantFor(analysis),
      limits,
      heapWarnBytes: GUARD_TABLE[level].heapWarnBytes,
      seed: start.seed ?? randomInt(2 ** 32),
      input: verdict === 'refuse' ? {} : checkInput(start.input, header, macro),
      desk: new CommandDesk({ ...deskOptions, macro, commands, grants: header.grants }),
      path: [macro],
    };
    this.live = new LiveRun(runId, macro, {
      stop: (reason) => this.#stop(reason),
      pause: async () => this.drive?.pause(),
      resume: async () => this.drive?.resume(),
    });
    const onAbort = () => this.#stop('it was cancelled');
    start.signal?.addEventListener('abort', onAbort, { once: true });
    this.#leave = () => start.signal?.removeEventListener('abort', onAbort);
    if (start.signal?.aborted) this.#cancel.abort();
  }

  /** Aborted when somebody stops the run before it has a worker. */
  get signal(): AbortSignal {
    return this.#cancel.signal;
  }

  /** The end of a run that was stopped before it began. */
  get cancelled(): Ending {
    return { ...NOTHING, reason: 'cancelled', message: this.stopWhy };
  }

  /** First events: admission, then what the author should know. */
  announce(): void {
    const { live, plan, setting } = this;
    const { risk, findings } = this.#report;
    const { runId, limits } = setting;
    live.emit({
      type: 'admission',
      runId,
      macro: plan.macro,
      verdict: this.verdict,
      risk,
      findings,
      limits,
      seed: plan.seed,
    });
    for (const name of this.#denied) {
      const asked = formatLimit(name, plan.analysis.header.limits[name] ?? 0);
      const { value, setBy } = limits[name];
      const message = `the header asks for ${name}=${asked}; it gets ${formatLimit(name, value)} (set by the ${setBy})`;
      live.emit({ type: 'warning', at: 0, code: 'limit-denied', message });
    }
  }

  /** Writes the dump where there must be one, then ends the run. */
  async end(ending: Ending): Promise<void> {
    this.#abort.abort(new Error('the run has ended'));
    const { live, plan, record, setting } = this;
    const dump = this.#needsDump(ending) ? await this.#dump(ending) : null;
    const event: EndEvent = {
      type: 'end',
      runId: setting.runId,
      macro: plan.macro,
      status: toStatus(ending.reason),
      reason: ending.reason,
      message: ending.message,
      value: ending.value,
      error: ending.error,
      line: ending.place?.line ?? null,
      column: ending.place?.column ?? null,
      file: ending.place?.file ?? plan.analysis.file,
      limit: ending.limit && {
        name: ending.limit.name,
        value: ending.limit.value,
        measured: ending.limit.measured,
      },
      durationMs: ending.durationMs,
      cpuMs: ending.cpuMs,
      peakHeap: record.peakHeap,
      commands: ending.commands,
      dump,
    };
    live.end(event);
  }

  /** Lets go of what was held for the run. */
  finish(): void {
    this.#leave();
    this.#abort.abort(new Error('the run has ended'));
  }

  #needsDump({ reason }: Ending): boolean {
    const { dump } = this.#options;
    if (dump === 'never') return false;
    return toStatus(reason) === 'killed' || (reason === 'failed' && dump === 'always');
  }

  async #dump(ending: Ending): Promise<string | null> {
    const { setting, plan, record } = this;
    try {
      const dump = toCrashDump({ setting, plan, record, ending, startedAt: this.#startedAt });
      return (await writeDump(dump, { dir: this.#options.dumpDir })).jsonPath;
    } catch (error) {
      this.live.emit({
        type: 'warning',
        at: ending.durationMs,
        code: 'dump-failed',
        message: toMessage(error),
      });
      return null;
    }
  }

  #stop(why: string): void {
    this.stopWhy = why;
    this.#cancel.abort(new Error(why));
    this.drive?.stop(why);
  }
}

function baseName(file: string): string {
  const last = file.split(/[\\/]/).at(-1) ?? file;
  return last.replace(/\.[cm]?[jt]s$/, '') || 'macro';
}

function rethrow(error: unknown): never {
  throw error;
}
