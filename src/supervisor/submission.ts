// Owns one macro on its way through the supervisor: what was decided about it, what it says first, and how it ends.

import { randomBytes, randomInt } from 'node:crypto';
import type { Analysis } from '../analysis/analyse.ts';
import { SnapshotFile } from '../dumps/snapshot-file.ts';
import { checkInput } from '../model/check-input.ts';
import type { Command } from '../model/command.ts';
import type { EndEvent, RefusalCode } from '../model/events.ts';
import type { Guard } from '../model/guard.ts';
import { DEFAULT_OWNER, type HeldMacro, type MacroKey } from '../model/ledger.ts';
import {
  formatDuration,
  formatLimit,
  LIMIT_NAMES,
  type LimitName,
  type Limits,
  type LimitValues,
  mergeLimits,
} from '../model/limits.ts';
import { toStatus } from '../model/outcome.ts';
import type { Report, Verdict } from '../model/report.ts';
import { isRiskFrom } from '../model/risk.ts';
import { admit } from '../policy/admit.ts';
import { CommandDesk, CommandTally, type GivenAt } from './command-desk.ts';
import { type CordonFacts, chooseCordon } from './cordon.ts';
import type { Drive } from './drive.ts';
import type { DumpDesk } from './dump-desk.ts';
import { type Cause, type Ending, NO_RUN } from './ending.ts';
import { type House, type WatchedParts, WatchedRun } from './interventions/watched-run.ts';
import { type LedgerDesk, type MacroPast, toHeldMessage } from './ledger-desk.ts';
import { EMPTY_LIBRARY } from './library.ts';
import { type Entry, type Gate, Ticket } from './load/gate.ts';
import type { Turned } from './load/waiting.ts';
import { toMacroKey } from './macro-key.ts';
import type { StartOptions, SupervisorOptions } from './options.ts';
import type { Cordon } from './pool.ts';
import { plantFor, type RealmPlan, toPlannedText } from './realm-plan.ts';
import { RunRecord } from './record.ts';
import { isCrash, Retry } from './retry.ts';
import { LiveRun } from './run.ts';
import { RunGate } from './run-gate.ts';
import { type NotedRun, RunNoting } from './run-noting.ts';
import type { RunSetting } from './setting.ts';
import type { StartHold } from './start-hold.ts';
import type { StateStore } from './state-store.ts';

/** One macro on its way through the supervisor. */
export class Submission {
  readonly live: LiveRun;
  /** These three are of one try, and made anew for the next. */
  setting: RunSetting;
  plan: RealmPlan;
  record = new RunRecord();
  readonly retry: Retry;
  /** Who it is, across its runs. */
  readonly key: MacroKey;
  /** Who goes first in the line. */
  readonly priority: number;
  readonly verdict: Verdict;
  readonly why: string;
  /** What was known of the macro when it was started. */
  readonly past: MacroPast;
  drive: Drive | null = null;
  /** Why it is ended from outside; the first word counts. */
  #cause: Cause | null = null;
  readonly #dumps: DumpDesk;
  readonly #ledger: LedgerDesk;
  /** Null for a run that says nothing of its macro: a debugger holds it. */
  readonly #noting: RunNoting | null;
  readonly #report: Report;
  readonly #denied: readonly LimitName[];
  readonly #watching: House | null;
  readonly #isTaken: boolean;
  readonly #toRelease: SupervisorOptions['toRelease'];
  #facts: CordonFacts;
  #abort = new AbortController();
  #ticket: Ticket | null = null;
  /** True while the next try has to wait for its time. */
  #isTooSoon = false;
  /** The try before this one. */
  #before: { readonly ending: Ending; readonly dump: string | null } | null = null;
  readonly #cancel = new AbortController();
  #startedAt = new Date();
  readonly #leave: () => void;

  constructor(
    options: SupervisorOptions,
    parts: {
      readonly state: StateStore;
      readonly dumps: DumpDesk;
      readonly watching: House;
      readonly ledger: LedgerDesk;
    },
    analysis: Analysis,
    start: StartOptions,
  ) {
    this.#dumps = parts.dumps;
    this.#ledger = parts.ledger;
    this.#report = analysis.report;
    const { header } = analysis;
    const { guard, parseSlash, privileged, commands, snapshotBytes } = options;
    const given = start.name ?? header.name;
    const macro = given || baseName(analysis.file);
    const wishes = { base: guard.limits, host: options.limits, caller: start.limits };
    const { limits, deniedNames } = mergeLimits({ ...wishes, header: header.limits });
    this.#denied = deniedNames;
    this.#isTaken = start.isTaken ?? false;
    this.#toRelease = options.toRelease;
    const lint = start.lint ?? true;
    const owner = start.owner ?? DEFAULT_OWNER;
    this.key = toMacroKey(owner, isNamed(given, start.file) ? macro : null, analysis.source);
    this.past = parts.ledger.pastOf(this.key, analysis.report.risk);
    const { verdict: asRead, why } = admit(analysis.report, { lint, guard });
    const verdict = isWary(this.past) && asRead === 'admit' ? 'solo' : asRead;
    this.verdict = this.past.held ? 'refuse' : verdict;
    this.why = why ?? 'lint found errors';
    this.#facts = {
      verdict: this.verdict,
      liveRisk: isWary(this.past) ? (this.past.risk?.score ?? null) : null,
      mayShare: options.share,
      writesHeap: snapshotBytes !== null,
      isDebugged: start.debug !== undefined,
      isSuspect: false,
    };
    const runId = start.id ?? randomBytes(6).toString('hex');
    this.live = new LiveRun(runId, macro, {
      stop: (why) => this.pull({ reason: 'cancelled', limit: null, message: why }),
      pause: async () => this.drive?.holding.pause(),
      look: async () => (await this.drive?.holding.look()) ?? null,
      resume: async () => this.drive?.holding.resume(),
      hold: (consent) => this.#ledger.hold(this.key, consent, runId),
      held: () => this.#stepInLine(),
    });
    this.#watching = start.replay ? null : parts.watching;
    const own = this.#ownParts(guard);
    const deskOptions = { runId, privileged, parseSlash, ...own.desk };
    this.setting = {
      runId,
      guard,
      lint,
      limits,
      shares: chooseCordon(this.#facts) === 'shared',
      deskOptions,
      commands,
      state: parts.state.of(owner),
      library: start.library ?? EMPTY_LIBRARY,
      whyHeld: (name, source) => {
        const key = toMacroKey(owner, name, source);
        const held = parts.ledger.heldBy(key);
        return held && toHeldMessage(held, key, options.toRelease);
      },
      signal: own.desk.signal,
      gate: own.desk.gate,
      watched: own.watched,
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
      analysis: toPlannedText(analysis),
      planted: plantFor(analysis, start.debug !== undefined),
      limits,
      heapWarnBytes: guard.heapWarnBytes,
      seed: start.seed ?? randomInt(2 ** 32),
      input: this.verdict === 'refuse' ? {} : checkInput(start.input, header, macro),
      desk: new CommandDesk({ ...deskOptions, macro, commands, grants: header.grants }),
      path: [macro],
      calledFrom: null,
    };
    this.priority = start.priority ?? 0;
    // What is run again to see the same once more, or under a debugger's eyes, is run once.
    const isOnce = start.replay !== undefined || start.debug !== undefined;
    this.retry = new Retry(isOnce ? NO_RETRY : header, () => options.house.retry);
    this.#noting = start.debug
      ? null
      : new RunNoting(this.#toNote(toValues(mergeLimits(wishes).limits)));
    const onAbort = () => this.pull(CANCELLED);
    start.signal?.addEventListener('abort', onAbort, { once: true });
    this.#leave = () => start.signal?.removeEventListener('abort', onAbort);
    if (start.signal?.aborted) this.#cancel.abort();
  }

  /** Who it shares its process with. */
  get cordon(): Cordon {
    return this.setting.shares ? 'shared' : 'solo';
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

  /** Asks to be let in, after so many ms; one that is held from beginning waits aside. */
  async enter(gate: Gate, waitMs: number): Promise<Entry> {
    const visitor = { owner: this.key.owner, priority: this.priority, cordon: this.cordon };
    const isTaken = this.#isTaken || this.retry.attempt > 1;
    this.#ticket = new Ticket(gate, visitor, this.signal, isTaken);
    if (waitMs === 0) return this.#ticket.enter(this.live.isHeld);
    this.#isTooSoon = true;
    const timer = setTimeout(() => {
      this.#isTooSoon = false;
      this.#stepInLine();
    }, waitMs);
    try {
      return await this.#ticket.enter(true);
    } finally {
      clearTimeout(timer);
    }
  }

  /** How risky its macro has shown itself by now; null where that is not known. */
  get riskNow(): number | null {
    return this.#ledger.riskNow(this.key, this.#report.risk);
  }

  /** True while it waits to be let in. */
  get isInLine(): boolean {
    const waiter = this.#ticket?.waiter ?? null;
    return waiter !== null && waiter.place !== null;
  }

  /** Says why it does not start yet, where something holds it. */
  tellHeld(hold: StartHold | null): void {
    if (!hold) return;
    const message = `it waits: ${hold.message}`;
    this.live.emit({ type: 'warning', at: 0, code: 'start-held', message });
  }

  #stepInLine(): void {
    this.#ticket?.setHeld(this.#isTooSoon || this.live.isHeld);
  }

  /** The end of a run that is not let in, by what was known at its start; null for one that is. */
  get refused(): Ending | null {
    if (this.past.held) return this.#refusedFor(this.past.held);
    return this.verdict === 'refuse' ? toRefusal('lint', this.why) : null;
  }

  /** The same for one whose macro is held at this moment: it may have waited in line for long. */
  get heldNow(): Ending | null {
    const held = this.#ledger.heldBy(this.key);
    return held && this.#refusedFor(held);
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
      liveRisk: this.past.risk,
      findings,
      limits,
      seed: plan.seed,
    });
    this.#ledger.warn(live);
    for (const name of this.#denied) {
      const asked = formatLimit(name, plan.analysis.header.limits[name] ?? 0);
      const { value, setBy } = limits[name];
      const message = `the header asks for ${name}=${asked}; it gets ${formatLimit(name, value)} (set by the ${setBy})`;
      live.emit({ type: 'warning', at: 0, code: 'limit-denied', message });
    }
  }

  /** The macro is about to be sent to its worker. */
  begin(): void {
    this.#startedAt = new Date();
    if (this.live.state === 'queued') this.live.move('start', 0);
  }

  /** A try is over: ends the run, or gets it ready to be tried again and gives in how many ms; null where it has ended. */
  async conclude(ending: Ending): Promise<number | null> {
    const waitMs = this.signal.aborted ? null : this.retry.waitMs(ending, this.cordon);
    if (waitMs === null) await this.end(ending);
    else await this.#prepareAgain(ending, waitMs);
    return waitMs;
  }

  /** Ends a run that is not let in; one that was in before ends as it did then. */
  async turnAway({ refusal, message }: Turned): Promise<void> {
    const before = this.#before;
    if (!before) await this.end({ ...NO_RUN, reason: 'refused', message, refusal });
    else {
      const { ending, dump } = before;
      this.retry.attempt -= 1;
      this.#tellEnd({ ...ending, message: `${ending.message}; not tried again: ${message}` }, dump);
    }
  }

  async #prepareAgain(ending: Ending, waitMs: number): Promise<void> {
    this.#abort.abort(new Error('this try of the run has ended'));
    const dump = await this.#dump(ending);
    const { attempt, attemptsMax } = this.retry;
    this.live.emit({
      type: 'warning',
      at: ending.durationMs,
      code: 'retried',
      message: `try ${attempt} of ${attemptsMax} ended (${ending.reason}): ${ending.message}; the next one begins in ${formatDuration(waitMs)}`,
      retry: { attempt, attemptsMax, reason: ending.reason, waitMs, dump },
    });
    this.#before = { ending, dump };
    this.retry.attempt += 1;
    this.#renew(isCrash(ending));
    this.live.again(ending.durationMs);
  }

  /** What was counted, recorded and kept belongs to the try before. */
  #renew(isSuspect: boolean): void {
    this.#abort = new AbortController();
    this.setting.watched?.[Symbol.dispose]();
    this.record = new RunRecord();
    const { desk, watched } = this.#ownParts(this.setting.guard);
    const { signal, gate } = desk;
    const deskOptions = { ...this.setting.deskOptions, ...desk };
    this.#facts = { ...this.#facts, isSuspect: this.#facts.isSuspect || isSuspect };
    const shares = chooseCordon(this.#facts) === 'shared';
    const realms = new Map();
    this.setting = { ...this.setting, deskOptions, signal, gate, watched, shares, realms };
    const { macro, analysis } = this.plan;
    const { commands } = this.setting;
    const { grants } = analysis.header;
    this.plan = {
      ...this.plan,
      desk: new CommandDesk({ ...deskOptions, macro, commands, grants }),
    };
    this.drive = null;
  }

  /** Writes the dump where there is to be one, then ends the run. */
  async end(ending: Ending): Promise<void> {
    this.#abort.abort(new Error('the run has ended'));
    this.#tellEnd(ending, await this.#dump(ending));
  }

  #tellEnd(ending: Ending, dump: string | null): void {
    const { live, plan, record, setting, retry } = this;
    const tries = retry.attempt === 1 ? '' : ` (try ${retry.attempt} of ${retry.attemptsMax})`;
    const event: EndEvent = {
      type: 'end',
      runId: setting.runId,
      macro: plan.macro,
      status: toStatus(ending.reason),
      reason: ending.reason,
      message: `${ending.message}${tries}`,
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
      attempts: retry.attempt,
      dump,
    };
    this.#noting?.ending(event);
    try {
      // First, so that the macro's risk, as the feed tells it with the end, has this end in it.
      this.#noting?.ended(event);
    } finally {
      live.end(event);
    }
  }

  /** Lets go of what was held for the run. */
  finish(): void {
    this.#leave();
    this.#abort.abort(new Error('the run has ended'));
    this.setting.watched?.[Symbol.dispose]();
  }

  /** What each try has of its own: its gate, who watches it, how much it has given. */
  #ownParts(guard: Guard) {
    const { signal } = this.#abort;
    const watched = this.#watching && new WatchedRun(this.#watching, this.#toWatch(guard));
    const permit = watched && ((command: Command, at: GivenAt) => watched.permit(command, at));
    const desk = { signal, gate: new RunGate(signal), permit, tally: new CommandTally() };
    return { desk, watched };
  }

  #toWatch(guard: Guard): WatchedParts {
    const { live, key, record } = this;
    return {
      ...{ live, key, record, guard },
      now: () => this.drive?.elapsedMs ?? 0,
      riskNow: () => this.riskNow,
      end: (cause) => this.pull(cause),
      collect: () => this.drive?.collect(),
    };
  }

  #toNote(limits: LimitValues): NotedRun {
    const self = this;
    return {
      desk: this.#ledger,
      live: this.live,
      key: this.key,
      staticRisk: this.#report.risk,
      limits,
      // Each try has its own.
      get record() {
        return self.record;
      },
      get shares() {
        return self.setting.shares;
      },
    };
  }

  #refusedFor(held: HeldMacro): Ending {
    return toRefusal('quarantined', toHeldMessage(held, this.key, this.#toRelease));
  }

  async #dump(ending: Ending): Promise<string | null> {
    const { live, setting, plan, record, key } = this;
    const startedAt = this.#startedAt;
    return this.#dumps.write({ live, owner: key.owner, setting, plan, record, ending, startedAt });
  }
}

const CANCELLED: Cause = { reason: 'cancelled', limit: null, message: 'it was cancelled' };
const NO_RETRY = { retry: 0, retryFailed: false } as const;
/** A text without a name of its own is known by what it says: all those would else be one macro. */
function isNamed(name: string, file: string | undefined): boolean {
  return name !== '' || (file !== undefined && !/^<.*>$/.test(file));
}

/** What a macro has done, and not its text alone, makes it too risky to share a process. */
function isWary({ risk }: MacroPast): boolean {
  return (
    risk?.parts.some(({ cause }) => cause !== 'static') === true && isRiskFrom(risk.score, 'medium')
  );
}

function toRefusal(code: RefusalCode, message: string): Ending {
  return { ...NO_RUN, reason: 'refused', message, refusal: { code, retryAfterMs: null } };
}

function toValues(limits: Limits): LimitValues {
  return Object.fromEntries(LIMIT_NAMES.map((name) => [name, limits[name].value])) as LimitValues;
}

function baseName(file: string): string {
  const last = file.split(/[\\/]/).at(-1) ?? file;
  return last.replace(/\.[cm]?[jt]s$/, '') || 'macro';
}
