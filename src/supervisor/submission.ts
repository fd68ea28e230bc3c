// Owns one macro on its way through the supervisor: what was decided about it, what it says first, and how it ends.

import { randomBytes, randomInt } from 'node:crypto';
import type { Analysis } from '../analysis/analyse.ts';
import { writeDump } from '../dumps/dump.ts';
import type { DumpKeeper } from '../dumps/keeper.ts';
import { toStamp } from '../dumps/list.ts';
import { SnapshotFile } from '../dumps/snapshot-file.ts';
import type { Command } from '../model/command.ts';
import { toMessage } from '../model/errors.ts';
import type { EndEvent } from '../model/events.ts';
import type { Guard } from '../model/guard.ts';
import type { MacroKey } from '../model/ledger.ts';
import { formatLimit, type LimitName, mergeLimits } from '../model/limits.ts';
import { toStatus } from '../model/outcome.ts';
import type { Report, Verdict } from '../model/report.ts';
import { admit } from '../policy/admit.ts';
import { CommandDesk, CommandTally, type GivenAt } from './command-desk.ts';
import type { Drive } from './drive.ts';
import { type Cause, type Ending, NO_RUN } from './ending.ts';
import { checkInput } from './input.ts';
import { type House, type WatchedParts, WatchedRun } from './interventions/watched-run.ts';
import { EMPTY_LIBRARY } from './library.ts';
import { toMacroKey } from './macro-key.ts';
import type { StartOptions, SupervisorOptions } from './options.ts';
import { plantFor, type RealmPlan } from './realm-plan.ts';
import { RunRecord } from './record.ts';
import { LiveRun } from './run.ts';
import { toCrashDump } from './run-dump.ts';
import { RunGate } from './run-gate.ts';
import type { RunSetting } from './setting.ts';
import type { StateStore } from './state-store.ts';

/** One macro on its way through the supervisor. */
export class Submission {
  readonly live: LiveRun;
  readonly setting: RunSetting;
  /** Who it is, across its runs. */
  readonly key: MacroKey;
  /** Who goes first in the line. */
  readonly priority: number;
  readonly plan: RealmPlan;
  readonly record = new RunRecord();
  readonly verdict: Verdict;
  readonly why: string;
  drive: Drive | null = null;
  /** Why it is ended from outside; the first word counts. */
  #cause: Cause | null = null;
  readonly #options: SupervisorOptions;
  readonly #dumps: DumpKeeper;
  readonly #report: Report;
  readonly #denied: readonly LimitName[];
  readonly #abort = new AbortController();
  readonly #cancel = new AbortController();
  readonly #startedAt = new Date();
  readonly #leave: () => void;

  constructor(
    options: SupervisorOptions,
    parts: {
      readonly state: StateStore;
      readonly dumps: DumpKeeper;
      readonly watching: House;
    },
    analysis: Analysis,
    start: StartOptions,
  ) {
    this.#options = options;
    this.#dumps = parts.dumps;
    this.#report = analysis.report;
    const { header } = analysis;
    const { guard, parseSlash, privileged, commands, snapshotBytes } = options;
    const macro = header.name || baseName(analysis.file);
    const { limits, deniedNames } = mergeLimits({
      base: guard.limits,
      host: options.limits,
      caller: start.limits,
      header: header.limits,
    });
    this.#denied = deniedNames;
    const lint = start.lint ?? true;
    const { verdict, why } = admit(analysis.report, { lint, guard });
    this.verdict = verdict;
    this.why = why ?? 'lint found errors';
    const runId = randomBytes(6).toString('hex');
    this.key = toMacroKey(start.owner ?? 'local', macro, analysis.source);
    this.live = new LiveRun(runId, macro, {
      stop: (why) => this.pull({ reason: 'cancelled', limit: null, message: why }),
      pause: async () => this.drive?.holding.pause(),
      look: async () => (await this.drive?.holding.look()) ?? null,
      resume: async () => this.drive?.holding.resume(),
    });
    const gate = new RunGate(this.#abort.signal);
    const watched = start.replay ? null : new WatchedRun(parts.watching, this.#toWatch(guard));
    const deskOptions = {
      runId,
      privileged,
      parseSlash,
      signal: this.#abort.signal,
      gate,
      permit: watched && ((command: Command, at: GivenAt) => watched.permit(command, at)),
      tally: new CommandTally(),
    };
    this.setting = {
      runId,
      guard,
      lint,
      limits,
      // Writing a heap takes its process seconds, and memory.
      shares: verdict === 'admit' && options.share && snapshotBytes === null && !start.debug,
      deskOptions,
      commands,
      state: parts.state,
      library: start.library ?? EMPTY_LIBRARY,
      signal: this.#abort.signal,
      gate,
      watched,
      snapshot:
        snapshotBytes === null
          ? null
          : () => new SnapshotFile(options.dumpDir, runId, snapshotBytes),
      recorded: start.replay?.recording ?? null,
      clockMs: start.replay?.clockMs ?? null,
      debugDoor: start.debug ?? null,
      realms: new Map(),
    };
    this.plan = {
      number: 0,
      macro,
      analysis,
      planted: plantFor(analysis, start.debug !== undefined),
      limits,
      heapWarnBytes: guard.heapWarnBytes,
      seed: start.seed ?? randomInt(2 ** 32),
      input: verdict === 'refuse' ? {} : checkInput(start.input, header, macro),
      desk: new CommandDesk({ ...deskOptions, macro, commands, grants: header.grants }),
      path: [macro],
    };
    this.priority = start.priority ?? 0;
    const onAbort = () => this.pull(CANCELLED);
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
    const { reason, message } = this.#cause ?? CANCELLED;
    return { ...NO_RUN, reason, message: message ?? reason };
  }

  /** Ends the run, wherever it is on its way. Only the first cause counts. */
  pull(cause: Cause): void {
    this.#cause ??= cause;
    this.#cancel.abort(new Error(cause.message ?? cause.reason));
    this.live.letGo();
    this.drive?.pull(cause);
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
      refusal: ending.refusal,
      dump,
    };
    live.end(event);
  }

  /** Lets go of what was held for the run. */
  finish(): void {
    this.#leave();
    this.#abort.abort(new Error('the run has ended'));
    this.setting.watched?.[Symbol.dispose]();
  }

  #toWatch(guard: Guard): WatchedParts {
    const { live, key, record } = this;
    return {
      ...{ live, key, record, guard },
      now: () => this.drive?.elapsedMs ?? 0,
      end: (cause) => this.pull(cause),
      collect: () => this.drive?.collect(),
    };
  }

  #needsDump({ reason }: Ending): boolean {
    const { dump } = this.#options;
    if (dump === 'never') return false;
    return toStatus(reason) === 'killed' || (reason === 'failed' && dump === 'always');
  }

  async #dump(ending: Ending): Promise<string | null> {
    const { setting, plan, record } = this;
    await using _unfinished = record.snapshot;
    const warn = (message: string) =>
      this.live.emit({ type: 'warning', at: ending.durationMs, code: 'dump-failed', message });
    try {
      const dump = toCrashDump({ setting, plan, record, ending, startedAt: this.#startedAt });
      const { jsonPath, problem } = await writeDump(dump, { dir: this.#options.dumpDir });
      if (problem !== null) warn(problem);
      const missing = await record.snapshot?.finish(jsonPath);
      if (missing) warn(missing);
      await this.#dumps.written(toStamp(jsonPath) ?? '', warn);
      return jsonPath;
    } catch (error) {
      warn(toMessage(error));
      return null;
    }
  }
}

const CANCELLED: Cause = { reason: 'cancelled', limit: null, message: 'it was cancelled' };

function baseName(file: string): string {
  const last = file.split(/[\\/]/).at(-1) ?? file;
  return last.replace(/\.[cm]?[jt]s$/, '') || 'macro';
}
