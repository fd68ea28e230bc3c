// Owns what becomes of a run that does what a pattern describes: it is warned of, paused, stopped, or everything is. What a
// pattern made match is told, noted and remembered for the dump; whether it matched is `policy/watch/`'s to say.

import type { Command } from '../../model/command.ts';
import { toMessage } from '../../model/errors.ts';
import type { InterventionEvent } from '../../model/events.ts';
import { type Guard, INTERVENTIONS, type Intervention } from '../../model/guard.ts';
import type { MacroKey, MacroLedger } from '../../model/ledger.ts';
import { RISK_BOUNDS } from '../../model/risk.ts';
import { safeText } from '../../model/safe-text.ts';
import type { HouseSettings } from '../../model/settings.ts';
import { formatCount } from '../../model/units.ts';
import type { FromWorkerOf } from '../../model/wire.ts';
import type { Hit, Nesting } from '../../policy/watch/hit.ts';
import type { Watcher, Watching } from '../../policy/watch/watcher.ts';
import { CommandLimitPassed, type GivenAt } from '../command-desk.ts';
import type { Cause } from '../ending.ts';
import type { Feed } from '../feed.ts';
import type { RealmPlan } from '../realm-plan.ts';
import type { RunRecord } from '../record.ts';
import type { LiveRun } from '../run.ts';
import type { EmergencyOrder } from './emergency-stop.ts';
import { PatternPauses } from './pattern-pauses.ts';
import { deepestRecursion } from './recursion-depth.ts';

/** What all runs of a corral are watched with. */
export interface House {
  /** Made when it is first asked for. */
  watcher(): Watcher;
  settings(): HouseSettings;
  readonly feed: Feed;
  /** Null where nobody remembers macros. */
  readonly ledger: MacroLedger | null;
  emergency(order: EmergencyOrder): void;
}

/** The run that is watched. */
export interface WatchedParts {
  readonly live: LiveRun;
  readonly key: MacroKey;
  readonly guard: Guard;
  readonly record: RunRecord;
  /** ms since it started, pauses left out. */
  now(): number;
  /** How risky its macro has shown itself by now, 0..1; null where that is not known. */
  riskNow: () => number | null;
  /** Ends it. */
  end(cause: Cause): void;
  /** Has its garbage collected and its heap read. */
  collect(): void;
}

/** Whether the run goes on: at once, once it is resumed, or never. */
type Outcome = 'goes on' | 'held' | Cause;

/** The command that made a pattern match. */
type GivenCommand = NonNullable<Cause['place']>;

const MILD_TO_STRICT: readonly Intervention[] = INTERVENTIONS;

/** One run that is watched. */
export class WatchedRun implements Disposable {
  readonly #house: House;
  readonly #parts: WatchedParts;
  readonly #pauses: PatternPauses;
  /** How often each pattern matched, and how often it was paused for it. */
  readonly #offences = new Map<string, number>();
  readonly #paused = new Map<string, number>();
  #watching: Watching | null = null;

  constructor(house: House, parts: WatchedParts) {
    this.#house = house;
    this.#parts = parts;
    this.#pauses = new PatternPauses(parts.live);
  }

  /**
   * Asked right before a command is carried out. True: it is, and counts; false: not before the run goes on.
   * @throws {CommandLimitPassed} when the run is ended for it
   */
  permit(command: Command, { line, file }: GivenAt): boolean {
    const { run } = this.#watch();
    const moment = { time: performance.now(), at: this.#parts.now(), line };
    const place = line === null ? null : { file, line };
    const { commandsPerMinute } = this.#parts.guard;
    if (run.isMinuteFull(moment.time, commandsPerMinute))
      this.#endForMinute(commandsPerMinute, place);
    const hits = run.look(command, moment);
    const outcome = hits.length === 0 ? 'goes on' : this.#act(hits, place);
    if (outcome === 'held') return false;
    if (outcome !== 'goes on')
      throw new CommandLimitPassed(outcome.message ?? outcome.reason, outcome.reason);
    run.count(command, moment);
    return true;
  }

  /** Takes what the worker measured. */
  sample(sample: FromWorkerOf<'sample'>): void {
    const { realm, heapUsed, external, cpuMs, collected = false } = sample;
    const heapBytes = heapUsed + external;
    const at = this.#parts.now();
    const { run } = this.#watch();
    const { hits, wantsCollection } = run.sample({ at, realm, heapBytes, cpuMs, collected });
    if (hits.length > 0) this.#act(hits);
    else if (wantsCollection) this.#parts.collect();
  }

  /** Takes a CPU profile, JSON as the worker sent it. */
  profile(cpu: string, plan: RealmPlan): void {
    // V8 shows no stack deeper than 255 frames, and reading a profile costs some.
    if (this.#house.watcher().rules.leastDepth > 255) return;
    const nesting = deepestRecursion(cpu, plan);
    if (nesting) this.nested(nesting);
  }

  /** Takes how deep calls stand in each other. */
  nested(nesting: Nesting): void {
    const hits = this.#watch().run.nested(nesting, this.#parts.now());
    if (hits.length > 0) this.#act(hits);
  }

  /** The run is over. */
  [Symbol.dispose](): void {
    this.#watching?.[Symbol.dispose]();
  }

  #watch(): Watching {
    this.#watching ??= this.#house.watcher().watch(this.#parts.key);
    return this.#watching;
  }

  #act(hits: readonly Hit[], place: GivenCommand | null = null): Outcome {
    // One that is being ended already, or that somebody holds, is not acted on.
    if (this.#parts.live.state !== 'running') return 'held';
    const acts = hits.map((hit) => ({ hit, ...this.#become(hit) }));
    acts.sort((a, b) => MILD_TO_STRICT.indexOf(b.action) - MILD_TO_STRICT.indexOf(a.action));
    let outcome: Outcome = 'goes on';
    for (const { hit, action, message } of acts) {
      const event = this.#toEvent(hit, action, message);
      this.#tell(hit, event);
      if (action === 'stop' || action === 'emergency') outcome = this.#end(event, place);
      else if (action === 'pause') {
        this.#pause(event);
        outcome = 'held';
      }
      this.#note(hit, event);
      // What else matched does not matter any more.
      if (outcome !== 'goes on' && outcome !== 'held') break;
    }
    return outcome;
  }

  /** What is done about a match: what the guard level makes of it, and more when pausing has not helped. */
  #become({ pattern, message }: Hit): { action: Intervention; message: string } {
    const action = this.#parts.guard.becomes[pattern.action];
    const before = this.#pausesOf(pattern.id);
    const { stopAfterPauses } = this.#house.settings().watch;
    if (action !== 'pause' || before < stopAfterPauses) return { action, message };
    const times = before === 1 ? 'once' : `${before} times`;
    return { action: 'stop', message: `${message}; it was paused for that ${times} before` };
  }

  /** How often a pattern has paused this run, or its macro within the last hour. */
  #pausesOf(id: string): number {
    const time = performance.now();
    const { macros } = this.#watch();
    return Math.max(this.#paused.get(id) ?? 0, ...macros.map((macro) => macro.pauses(id, time)));
  }

  #toEvent({ pattern, ...hit }: Hit, action: Intervention, message: string): InterventionEvent {
    const offence = oneMore(this.#offences, pattern.id);
    return {
      type: 'intervention',
      at: this.#parts.now(),
      pattern: pattern.id,
      title: pattern.title,
      action,
      message,
      advice: pattern.recovery.advice,
      scope: hit.scope,
      what: hit.what,
      measured: hit.measured,
      allowed: hit.allowed,
      windowMs: hit.windowMs,
      occurrences: hit.occurrences,
      offence,
      resumeAfterMs: action === 'pause' ? (pattern.recovery.autoResumeAfterMs ?? null) : null,
    };
  }

  #tell({ pattern }: Hit, intervention: InterventionEvent): void {
    const { live, key, record, riskNow } = this.#parts;
    record.addIntervention(intervention);
    live.emit(intervention);
    this.#house.feed.tell({
      type: 'intervention',
      runId: live.id,
      macro: live.macro,
      owner: key.owner,
      intervention,
      risk: Math.max(RISK_BOUNDS[pattern.risk], riskNow() ?? 0),
    });
  }

  #pause({ pattern, resumeAfterMs }: InterventionEvent): void {
    const time = performance.now();
    oneMore(this.#paused, pattern);
    for (const macro of this.#watch().macros) macro.notePause(pattern, time);
    this.#pauses.pause(resumeAfterMs);
  }

  #end({ pattern, title, message, action }: InterventionEvent, place: GivenCommand | null): Cause {
    const { live, end } = this.#parts;
    const why = `${title}: ${message}`;
    if (action === 'emergency') {
      this.#house.emergency({ by: `pattern:${pattern}`, why: `${live.macro}: ${why}` });
      return { reason: 'emergency', limit: null, message: why };
    }
    const cause: Cause = { reason: `pattern:${pattern}`, limit: null, message: why, place };
    end(cause);
    return cause;
  }

  /** For those who remember macros. */
  #note({ pattern }: Hit, { action, message }: InterventionEvent): void {
    const { key, live } = this.#parts;
    const { ledger, feed } = this.#house;
    if (!ledger) return;
    const { id, risk, effects, title } = pattern;
    const by = `pattern:${id}`;
    const why = `${title}: ${message}`;
    const at = Date.now();
    try {
      ledger.noteHit(key, { at, runId: live.id, pattern: id, risk, action, effects });
      if (action !== 'stop' && action !== 'emergency') return;
      ledger.quarantine(key, { at, by, why, runId: live.id });
      feed.tell({ type: 'quarantine', macro: key.name, owner: key.owner, held: true, by, why });
    } catch (error) {
      // What cannot be remembered must not keep the run going.
      const problem = `what pattern ${id} saw cannot be remembered: ${toMessage(error)}`;
      live.emit({ type: 'warning', at: this.#parts.now(), code: 'state-failed', message: problem });
    }
  }

  #endForMinute(max: number, place: GivenCommand | null): never {
    const { live, key, guard, end } = this.#parts;
    const whose = safeText(`${live.macro} of ${key.owner}`, { charsMax: 160 });
    const message = `all runs of ${whose} together gave more commands than they may: the limit is ${formatCount(max)} in a minute (guard level ${guard.level})`;
    end({ reason: 'command-limit', limit: null, message, place });
    throw new CommandLimitPassed(message);
  }
}

function oneMore(counts: Map<string, number>, id: string): number {
  const count = (counts.get(id) ?? 0) + 1;
  counts.set(id, count);
  return count;
}
