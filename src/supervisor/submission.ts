// Owns one macro on its way through the supervisor: what was decided about it, what it says first, and how it ends.

import { randomBytes, randomInt } from 'node:crypto';
import { statSync } from 'node:fs';
import type { Analysis } from '../analysis/analyse.ts';
import { writeDump } from '../dumps/dump.ts';
import { toFingerprint } from '../dumps/fingerprint.ts';
import type { DumpKeeper } from '../dumps/keeper.ts';
import { toStamp } from '../dumps/list.ts';
import { SnapshotFile } from '../dumps/snapshot-file.ts';
import type { CrashDump } from '../model/dump.ts';
import { toMessage } from '../model/errors.ts';
import type { EndEvent } from '../model/events.ts';
import type { MacroKey } from '../model/ledger.ts';
import { formatLimit, type LimitName, mergeLimits } from '../model/limits.ts';
import { type EndReason, toStatus } from '../model/outcome.ts';
import type { Report, Verdict } from '../model/report.ts';
import { admit } from '../policy/admit.ts';
import { CommandDesk, CommandTally } from './command-desk.ts';
import type { Drive } from './drive.ts';
import { type Ending, NO_RUN } from './ending.ts';
import type { Feed } from './feed.ts';
import { checkInput } from './input.ts';
import { EMPTY_LIBRARY } from './library.ts';
import { toMacroKey } from './macro-key.ts';
import type { StartOptions, SupervisorOptions } from './options.ts';
import { plantFor, type RealmPlan } from './realm-plan.ts';
import { RunRecord } from './record.ts';
import { LiveRun } from './run.ts';
import { toCrashDump } from './run-dump.ts';
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
  stopWhy = 'it was cancelled';
  readonly #options: SupervisorOptions;
  readonly #dumps: DumpKeeper;
  readonly #feed: Feed;
  readonly #report: Report;
  readonly #denied: readonly LimitName[];
  readonly #abort = new AbortController();
  readonly #cancel = new AbortController();
  readonly #startedAt = new Date();
  readonly #leave: () => void;

  constructor(
    options: SupervisorOptions,
    {
      state,
      dumps,
      feed,
    }: { readonly state: StateStore; readonly dumps: DumpKeeper; readonly feed: Feed },
    analysis: Analysis,
    start: StartOptions,
  ) {
    this.#options = options;
    this.#dumps = dumps;
    this.#feed = feed;
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
    const runId = start.id ?? randomBytes(6).toString('hex');
    const deskOptions = {
      runId,
      privileged,
      parseSlash,
      signal: this.#abort.signal,
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
      state,
      library: start.library ?? EMPTY_LIBRARY,
      signal: this.#abort.signal,
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
    this.key = toMacroKey(start.owner ?? 'local', macro, analysis.source);
    this.priority = start.priority ?? 0;
    this.live = new LiveRun(runId, macro, {
      stop: (reason) => this.#stop(reason),
      pause: async () => this.drive?.holding.pause(),
      look: async () => (await this.drive?.holding.look()) ?? null,
      resume: async () => this.drive?.holding.resume(),
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
    return { ...NO_RUN, reason: 'cancelled', message: this.stopWhy };
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
      this.#tellOfDump(jsonPath, dump);
      return jsonPath;
    } catch (error) {
      warn(toMessage(error));
      return null;
    }
  }

  #tellOfDump(path: string, dump: CrashDump): void {
    const { live, key } = this;
    const { place, reason } = dump;
    this.#feed.tell({
      type: 'dump',
      runId: live.id,
      macro: live.macro,
      owner: key.owner,
      reason: reason as EndReason,
      path,
      bytes: statSync(path, { throwIfNoEntry: false })?.size ?? 0,
      fingerprint: toFingerprint(dump).id,
      place: place ? `${place.file}:${place.line}` : '',
    });
  }

  #stop(why: string): void {
    this.stopWhy = why;
    this.#cancel.abort(new Error(why));
    this.live.letGo();
    this.drive?.stop(why);
  }
}

function baseName(file: string): string {
  const last = file.split(/[\\/]/).at(-1) ?? file;
  return last.replace(/\.[cm]?[jt]s$/, '') || 'macro';
}
