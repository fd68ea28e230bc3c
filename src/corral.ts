// The package's entry and composition root: what an embedder configures becomes a supervisor. It decides defaults, nothing else.

import { analyse } from './analysis/analyse.ts';
import { ControlServer, type ControlState } from './control/server.ts';
import type { Steered, SteeringNote } from './control/steered.ts';
import { KEEP_DEFAULT, type KeepLimits } from './dumps/keep-limits.ts';
import { SNAPSHOT_BYTES_MAX } from './dumps/snapshot-file.ts';
import { parseSlash } from './hosts/slash.ts';
import type { Command } from './model/command.ts';
import { CorralError } from './model/errors.ts';
import type { FeedEvent } from './model/feed.ts';
import { type GuardLevel, type GuardOverrides, toGuard } from './model/guard.ts';
import type { HeldMacro, MacroRecord } from './model/ledger.ts';
import { LIMIT_NAMES, type LimitName, type LimitValues, parseLimit } from './model/limits.ts';
import type { LoadView } from './model/load.ts';
import { amend } from './model/overrides.ts';
import type { Pattern } from './model/pattern.ts';
import type { Pressure } from './model/pressure.ts';
import { releaseCommand } from './model/release-command.ts';
import type { Report } from './model/report.ts';
import {
  type BrakeSettings,
  type BreakerSettings,
  type HostSettings,
  type LoadSettings,
  type RetrySettings,
  toHouse,
  type WatchSettings,
  type WorkerSettings,
} from './model/settings.ts';
import type { Wall, WallMode } from './model/wall.ts';
import { RECKONING } from './policy/reckoning.ts';
import { SqliteLedger } from './store/ledger.ts';
import {
  checkChange,
  checkConsent,
  checkCorralOptions,
  checkDrainOptions,
  checkMacroName,
  checkOrder,
  checkRunOptions,
  checkSignedOrder,
  checkSource,
} from './supervisor/check-options.ts';
import type { EmergencyOrder, EmergencyState } from './supervisor/interventions/emergency-stop.ts';
import type { Consent, MacroName } from './supervisor/ledger-desk.ts';
import { folderLibrary } from './supervisor/library.ts';
import { livePatterns } from './supervisor/live-patterns.ts';
import type { DrainOptions, DrainReport } from './supervisor/load/drain.ts';
import type { DumpWhen, StartOptions } from './supervisor/options.ts';
import { readResidentBytes } from './supervisor/process-clock.ts';
import type { Run } from './supervisor/run.ts';
import type { InForce, SettingChange } from './supervisor/settings-change.ts';
import { Supervisor } from './supervisor/supervisor.ts';
import { assertAllWalls, readWalls } from './supervisor/walls/walls.ts';

export type { ControlState } from './control/server.ts';
export type { SteeringNote } from './control/steered.ts';
export type { Devtools } from './devtools/endpoint.ts';
export { type DevtoolsOptions, openDevtools } from './devtools/open-devtools.ts';
export { readDump } from './dumps/dump.ts';
export { createPrintHost } from './hosts/print.ts';
export { createTrainingGround } from './hosts/training-ground.ts';
export type {
  Command,
  CommandContext,
  CommandDeclaration,
  Host,
  OnLimit,
} from './model/command.ts';
export { defineCommand } from './model/command.ts';
export type { CrashDump } from './model/dump.ts';
export { CorralError, type ErrorCode } from './model/errors.ts';
export type * from './model/events.ts';
export type * from './model/feed.ts';
export type { GuardLevel, Intervention } from './model/guard.ts';
export type * from './model/ledger.ts';
export type { LimitName } from './model/limits.ts';
export type * from './model/load.ts';
export type { EndReason, EndStatus, RunState } from './model/outcome.ts';
export type { Pattern } from './model/pattern.ts';
export type {
  Pressure,
  PressureBound,
  PressureMeasure,
  PressureReading,
  PressureState,
  PressureStep,
  PressureThreshold,
} from './model/pressure.ts';
export type { Finding, Report, Verdict } from './model/report.ts';
export type * from './model/settings.ts';
export { HOUSE_DEFAULTS } from './model/settings.ts';
export type { Json } from './model/value.ts';
export type { Wall, WallCheck, WallId, WallMode, WallState } from './model/wall.ts';
export type { EmergencyOrder, EmergencyState } from './supervisor/interventions/emergency-stop.ts';
export type { Consent, MacroName } from './supervisor/ledger-desk.ts';
export type { LibraryMacro, MacroLibrary } from './supervisor/library.ts';
export type { DrainOptions, DrainReport } from './supervisor/load/drain.ts';
export {
  type PlaceMatch,
  type Replay,
  type ReplayOptions,
  replayDump,
} from './supervisor/replay.ts';
export type { Look, Run, StopOptions } from './supervisor/run.ts';
export type { SettingChange } from './supervisor/settings-change.ts';
export { examineWalls } from './supervisor/walls/examine.ts';
export { readWalls } from './supervisor/walls/walls.ts';

/** Limits as people write them: `{ cpu: '1s', heap: '64mb', commands: 200 }`; plain numbers are ms, bytes or counts. */
export type LimitWishList = Partial<Record<LimitName, string | number>>;

/** What {@link createCorral} takes; everything has a default. */
export interface CorralOptions {
  /** What macros may tell the host. Default: nothing. */
  readonly commands?: readonly Command[];
  /** Default `medium`. */
  readonly level?: GuardLevel;
  /** Other numbers for guard levels than the table's. Default: none. */
  readonly guard?: GuardOverrides;
  /** Replace the guard level's limits, up or down; headers can only lower them. */
  readonly limits?: LimitWishList;
  /** Names of privileged commands that a macro with a `@grant` may use. Default: none. */
  readonly privileged?: readonly string[];
  /** Where crash dumps go. Default `.corral/dumps` in the working directory. */
  readonly dumpDir?: string;
  /** How long dumps are kept there, the newest in any case: their number, their age in ms, the bytes of all. Default 1,000, 30 days, 1 GB. */
  readonly dumpKeep?: Partial<KeepLimits>;
  /**
   * Writes the heap of a stopped macro beside its dump, as Chrome's heap snapshot, up to so many bytes (true: 512 MB). Takes
   * seconds and several times the memory, so such macros run alone in their process. Default: none.
   */
  readonly heapSnapshot?: boolean | number;
  /** Default `kill`: every kill and every lost worker. */
  readonly dump?: DumpWhen;
  /** Where `state` is kept; null keeps it in memory until {@link Corral.close}. Default null. */
  readonly stateDir?: string | null;
  /**
   * Where is kept how risky each macro has shown itself, what is normal for it, and which are in quarantine; null keeps it in
   * memory until {@link Corral.close}. Default null.
   */
  readonly ledgerDir?: string | null;
  /**
   * How somebody lets a macro out of quarantine, as its refusal tells; may not throw. Default: by the command
   * `corral release`.
   */
  readonly toRelease?: (name: string, owner: string) => string;
  /** The folder whose macros `macros.call` can call by `@name`. Default: none. */
  readonly macrosDir?: string | null;
  /** The folder, its owner's alone, by which `corral top` finds this Corral, watches and steers it. Default null: none does. */
  readonly controlDir?: string | null;
  /** Called with what is done from outside through {@link controlDir}, before it is done; may not throw. */
  readonly onSteering?: (note: SteeringNote) => void;
  /** Worker processes: how many, how old, how fat; see {@link HOUSE_DEFAULTS}. */
  readonly workers?: Partial<WorkerSettings>;
  /** An emergency stop that was pulled before, and still holds. Default: none. */
  readonly emergency?: EmergencyState | null;
  /** How much may go on at once, and wait. */
  readonly load?: Partial<LoadSettings>;
  /** The breaker around the machinery. */
  readonly breaker?: Partial<BreakerSettings>;
  /** The emergency brake. */
  readonly brake?: Partial<BrakeSettings>;
  /** When the machine counts as short of something. */
  readonly host?: Partial<HostSettings>;
  /** Retries of macros that ask for them. */
  readonly retry?: Partial<RetrySettings>;
  /** What the watcher does over time. */
  readonly watch?: Partial<WatchSettings>;
  /**
   * Folders or files of patterns that runs are watched for besides the built-in ones, as `corral lint --patterns` takes them;
   * false watches for none (the guard level's commands a minute count all the same). Default: the built-in ones.
   */
  readonly patterns?: readonly string[] | false;
  /** False gives every macro a process of its own; true (the default) only those that analysis could not clear. */
  readonly share?: boolean;
  /** `strict` refuses to start with a wall around the workers missing; `available` (the default) takes those that work. */
  readonly walls?: WallMode;
}

/** The options of {@link createCorral} that can be changed while it runs. */
type Changeable =
  | 'level'
  | 'guard'
  | 'limits'
  | 'workers'
  | 'load'
  | 'breaker'
  | 'brake'
  | 'host'
  | 'retry'
  | 'watch';

/** Some of a tree's values; one that is undefined is taken back. */
type Amendment<Tree> = {
  readonly [Name in keyof Tree]?:
    | (NonNullable<Tree[Name]> extends object ? Amendment<NonNullable<Tree[Name]>> : Tree[Name])
    | undefined;
};

/** What {@link Corral.configure} takes: `{ level: 'high', load: { active: 50 } }`. */
export type CorralChange = Amendment<Pick<CorralOptions, Changeable>>;

/** What one run is started with. */
export interface RunOptions extends Omit<StartOptions, 'limits' | 'replay'> {
  /** Lower limits for this run. */
  readonly limits?: LimitWishList;
  /** The folder whose macros this one can call, where no `library` is given. Default: the corral's `macrosDir`. */
  readonly macrosDir?: string | null;
}

/** Runs macros, contained. Close it, or declare it with `await using`. */
export interface Corral extends AsyncDisposable {
  /** What analysis says about a macro; runs nothing and throws for nothing in it. */
  lint(
    source: string,
    options?: { readonly file?: string; readonly language?: 'js' | 'ts' },
  ): Report;
  /**
   * Starts a macro; its `result` resolves when it has ended, however it ended.
   * @throws {CorralError} `bad-input`, `bad-limit`, `bad-usage` or `closed`
   */
  start(source: string, options?: RunOptions): Run;
  /**
   * Changes settings for everything that starts from now on: all of them, or none when one is wrong. A value that is left
   * out stays as it is, and one that is there as undefined goes back to its default.
   * @returns what has another value than before; the feed tells it too
   * @throws {CorralError} `bad-usage`, `bad-limit` or `closed`
   */
  configure(change: CorralChange): readonly SettingChange[];
  /**
   * Watches runs that start from now on for these patterns, and no others; runs under way keep theirs. What was counted of
   * macros for patterns over all their runs begins anew.
   */
  watchFor(patterns: readonly Pattern[]): void;
  /** The guard level in force. */
  readonly level: GuardLevel;
  /** Runs under way. */
  readonly runs: readonly Run[];
  /** Calls a listener for everything Corral as a whole tells from now on; the returned function stops that. */
  onFeed(listener: (event: FeedEvent) => void): () => void;
  /** The latest of that, oldest first; a thousand at most. */
  readonly feed: readonly FeedEvent[];
  /** How short the machine is of anything, measure by measure, and what is done about it. */
  readonly pressure: Pressure;
  /**
   * The emergency stop: ends every run as `emergency`, each with its dump, and refuses new ones until
   * {@link Corral.clearEmergency}. Resolves when every run has ended; never rejects.
   * @throws {CorralError} `bad-usage` for an order without a name or a reason
   */
  emergency(order: EmergencyOrder): Promise<void>;
  /**
   * Lets runs start again; false when the emergency stop was not pulled.
   * @throws {CorralError} `bad-usage` for an order without a name or a reason
   */
  clearEmergency(order: EmergencyOrder): boolean;
  /** Who pulled the emergency stop, when and why; null while it is not pulled. */
  readonly emergencyState: EmergencyState | null;
  /** How much goes on and waits, and whether more may: see docs/load.md. */
  readonly load: LoadView;
  /** Everything known of the macros that ran, the riskiest first. */
  readonly macros: readonly MacroRecord[];
  /**
   * Holds a macro: it is refused until {@link release}, by its name, and under any other name of its owner's with the same
   * text. Runs under way go on.
   * @throws {CorralError} `bad-usage` or `closed`
   */
  quarantine(macro: MacroName, consent: Consent): void;
  /** Lets a macro run again; false when it was not held by that name. @throws {CorralError} `bad-usage` or `closed` */
  release(macro: MacroName, consent: Consent): boolean;
  /**
   * Why a macro may not run at this moment, by its name or the text that is given; null where nothing holds it.
   * @throws {CorralError} `bad-usage`
   */
  quarantineOf(macro: MacroName, source?: string): HeldMacro | null;
  /** Process ids of the workers alive now. */
  readonly workerPids: readonly number[];
  /** Whether this Corral can be watched from outside; resolves once that is known and never rejects. */
  readonly control: Promise<ControlState>;
  /** The walls around the workers: which stand on this machine, and why one does not. The first look takes some 20 ms. */
  readonly walls: readonly Wall[];
  /**
   * Lets in nothing more: who waits, and who comes, is refused with the code `draining`. What runs goes on until the deadline
   * and is then stopped. Resolves when no run is left; the corral still has to be closed.
   */
  drain(options?: DrainOptions): Promise<DrainReport>;
  /** Stops every run and every worker; resolves when no process is left. */
  close(): Promise<void>;
}

/**
 * Creates a corral.
 * @throws {CorralError} `bad-usage`, `bad-command`, `bad-limit`, `bad-pattern`, `bad-state`, `unreadable-file`, or `walls-missing` with `walls: 'strict'`
 * @example
 * await using corral = createCorral({ commands: [say], limits: { cpu: '1s' } });
 * const run = corral.start(`await chat.say({ text: 'hello' }); return 42`);
 * const { reason, value } = await run.result;
 */
export function createCorral(options: CorralOptions = {}): Corral {
  checkCorralOptions(options);
  const commands = options.commands ?? [];
  assertDistinct(commands);
  if (options.walls === 'strict') assertAllWalls();
  let said: CorralOptions = options;
  const ledger = new SqliteLedger({ dir: options.ledgerDir ?? null, reckoning: RECKONING });
  const supervisor = new Supervisor({
    ledger,
    commands,
    parseSlash,
    ...toInForce(options),
    privileged: new Set(options.privileged ?? []),
    dump: options.dump ?? 'kill',
    dumpDir: options.dumpDir ?? '.corral/dumps',
    dumpKeep: { ...KEEP_DEFAULT, ...options.dumpKeep },
    toRelease: options.toRelease ?? releaseCommand,
    snapshotBytes: toSnapshotBytes(options.heapSnapshot ?? false),
    stateDir: options.stateDir ?? null,
    share: options.share ?? true,
    emergency: options.emergency ?? null,
    patterns: livePatterns(options.patterns ?? []),
  });
  ledger.onProblem((message) => supervisor.ledger.problem(message));
  const { controlDir = null, onSteering = () => undefined } = options;
  const control =
    controlDir === null
      ? null
      : new ControlServer(
          controlDir,
          toSteered(supervisor, onSteering),
          (pid) => readResidentBytes(pid) ?? 0,
        );
  const close = async () => {
    await supervisor.close();
    await control?.close();
    ledger[Symbol.dispose]();
  };
  return {
    lint(source, { file = 'macro.js', language = /\.[cm]?ts$/.test(file) ? 'ts' : 'js' } = {}) {
      checkSource(source);
      return analyse(source, { file, language, commands }).report;
    },
    start(source, wishes = {}) {
      checkSource(source);
      checkRunOptions(wishes);
      const { limits, macrosDir = options.macrosDir ?? null, ...rest } = wishes;
      const library = macrosDir === null ? {} : { library: folderLibrary(macrosDir) };
      const run = supervisor.start(source, {
        ...library,
        ...rest,
        limits: toLimitValues(limits),
      });
      control?.follow(run, wishes.owner ?? 'local');
      return run;
    },
    configure(change) {
      checkChange(change);
      const next: CorralOptions = amend({ ...said }, change);
      checkOrder('configure', next);
      const changes = supervisor.configure(toInForce(next));
      said = next;
      return changes;
    },
    watchFor: (patterns) => supervisor.watchFor(patterns),
    get level() {
      return supervisor.guard.level;
    },
    get runs() {
      return supervisor.runs;
    },
    onFeed: (listener) => supervisor.feed.on(listener),
    get feed() {
      return supervisor.feed.recent;
    },
    emergency(order) {
      checkSignedOrder('emergency', order);
      return supervisor.emergency(order);
    },
    clearEmergency(order) {
      checkSignedOrder('clearEmergency', order);
      return supervisor.clearEmergency(order);
    },
    get emergencyState() {
      return supervisor.emergencyState;
    },
    get walls() {
      return readWalls();
    },
    get pressure() {
      return supervisor.host.pressure;
    },
    get workerPids() {
      return supervisor.workerPids;
    },
    get macros() {
      return supervisor.ledger.macros;
    },
    quarantine(macro, consent) {
      checkConsent('quarantine', macro, consent);
      supervisor.ledger.quarantine(macro, consent);
    },
    release(macro, consent) {
      checkConsent('release', macro, consent);
      return supervisor.ledger.release(macro, consent);
    },
    quarantineOf(macro, source) {
      checkMacroName('quarantineOf', macro);
      return supervisor.ledger.heldAs(macro, source);
    },
    get load() {
      return supervisor.load;
    },
    drain: async (drainOptions = {}) => {
      checkDrainOptions(drainOptions);
      return supervisor.drain(drainOptions);
    },
    control: control?.state ?? Promise.resolve({ path: null, problem: null }),
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** What may be seen and done of it from another process. */
function toSteered(supervisor: Supervisor, note: Steered['note']): Steered {
  return {
    get runs() {
      return supervisor.runs;
    },
    riskOf: (run) => supervisor.riskOf(run),
    ownerOf: (run) => supervisor.ownerOf(run),
    get workerPids() {
      return supervisor.workerPids;
    },
    get level() {
      return supervisor.level;
    },
    get activeMax() {
      return supervisor.activeMax;
    },
    get emergencyOrder() {
      return supervisor.emergencyState;
    },
    get feed() {
      return supervisor.feed.recent;
    },
    onFeed: (listener) => supervisor.feed.on(listener),
    tell: (event) => supervisor.feed.tell(event),
    note,
    emergency: (order) => supervisor.emergency(order),
    clearEmergency: (order) => supervisor.clearEmergency(order),
  };
}

function toInForce(options: CorralOptions): InForce {
  return {
    guard: toGuard(options.level ?? 'medium', options.guard),
    limits: toLimitValues(options.limits),
    house: toHouse(options),
  };
}

function toSnapshotBytes(wish: boolean | number): number | null {
  if (wish === false) return null;
  return wish === true ? SNAPSHOT_BYTES_MAX : wish;
}

function toLimitValues(wishes: LimitWishList = {}): Partial<LimitValues> {
  const values: Partial<LimitValues> = {};
  for (const [name, value] of Object.entries(wishes)) {
    if (!(LIMIT_NAMES as readonly string[]).includes(name) || value !== undefined) {
      const limit = parseLimit(`${name}=${value}`);
      values[limit.name] = limit.value;
    }
  }
  return values;
}

function assertDistinct(commands: readonly Command[]): void {
  const seen = new Set<string>();
  for (const { name } of commands) {
    if (seen.has(name)) throw new CorralError('bad-command', `command "${name}" is declared twice`);
    seen.add(name);
  }
}
