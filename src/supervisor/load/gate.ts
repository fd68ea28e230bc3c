// Owns the gate that every run passes before it gets a worker: how many are active, how many are being created, who waits,
// and who is sent away. It starts nothing and stops nothing.

import { formatDuration } from '../../model/limits.ts';
import type { LoadView } from '../../model/load.ts';
import type { HouseSettings } from '../../model/settings.ts';
import type { Feed } from '../feed.ts';
import type { Cordon } from '../pool.ts';
import type { HoldsStarts, StartHold } from '../start-hold.ts';
import type { Tracked } from '../tracked.ts';
import { Breaker } from './breaker.ts';
import { Concurrency } from './concurrency.ts';
import { LoadWarning } from './load-warning.ts';
import { Pass, type PassDesk } from './pass.ts';
import { Pulse } from './pulse.ts';
import { StartLatency } from './start-latency.ts';
import { type Turned, type Visitor, type Waiter, Waiting } from './waiting.ts';

/** What a gate needs. */
export interface GateOptions {
  readonly house: () => HouseSettings;
  readonly feed: Feed;
  readonly tracked: Tracked;
  /** Who may hold starts: the guard of the machine's memory, for one. */
  readonly holds: readonly HoldsStarts[];
  /** How many of the active runs have hardly used CPU since this was asked last. */
  readonly asleep: () => number;
}

/** What becomes of a visitor: let in, sent away, or gone before it was either. */
export type Entry = Pass | Turned | null;

/** One visitor at the gate. */
export class Ticket {
  readonly visitor: Visitor;
  /** Aborted when it no longer wants in. */
  readonly signal: AbortSignal;
  /** True for a run that was in before and tries again, or was promised: it is never sent away for want of room. */
  readonly isTaken: boolean;
  /** Set while it waits. */
  waiter: Waiter<Ticket> | null = null;
  answer: (entry: Entry) => void = () => undefined;
  readonly #gate: Gate;

  constructor(gate: Gate, visitor: Visitor, signal: AbortSignal, isTaken: boolean) {
    this.#gate = gate;
    this.visitor = visitor;
    this.signal = signal;
    this.isTaken = isTaken;
  }

  /** Asks to be let in. @param isHeld true has it wait aside until it is not held any more */
  enter(isHeld: boolean): Entry | Promise<Entry> {
    return this.#gate.enter(this, isHeld);
  }

  /** Waits aside, or in line again; nothing once it has its answer. */
  setHeld(isHeld: boolean): void {
    if (isHeld) this.#gate.stepAside(this);
    else this.#gate.stepBack(this);
  }
}

/** The gate of one corral. */
export class Gate {
  readonly breaker: Breaker;
  readonly #options: GateOptions;
  readonly #waiting: Waiting<Ticket>;
  readonly #concurrency: Concurrency;
  readonly #latency = new StartLatency();
  readonly #warning: LoadWarning;
  readonly #pulse = new Pulse((lateMs) => this.#beat(lateMs));
  readonly #unhook: readonly (() => void)[];
  #active = 0;
  #solo = 0;
  #creating = 0;
  #shut: Turned | null = null;
  /** Since when nothing is let in although it might be (ms), null while it is. */
  #heldSince: number | null = null;

  constructor(options: GateOptions) {
    this.#options = options;
    const { house, feed, tracked, holds } = options;
    const load = () => house().load;
    this.#waiting = new Waiting(load);
    this.#concurrency = new Concurrency(load);
    this.#warning = new LoadWarning(load, feed);
    this.breaker = new Breaker({
      settings: () => house().breaker,
      told: (event) => {
        feed.tell(event);
        this.#letIn();
      },
      now: () => performance.now(),
      tracked,
    });
    this.#unhook = holds.map((each) => each.onChange(() => this.#letIn()));
  }

  /** How much goes on. */
  get view(): LoadView {
    const { load } = this.#options.house();
    return {
      active: this.#active,
      activeMax: this.#concurrency.max,
      activeLimit: load.active,
      creating: this.#creating,
      creatingMax: load.creating,
      queued: this.#waiting.size,
      queuedMax: load.queue,
      queuedPerOwnerMax: load.queuePerOwner,
      breaker: this.breaker.view,
      held: this.#holding,
      draining: this.#shut !== null,
    };
  }

  /** Lets a visitor in, sends it away, or has it wait. @param isHeld true has it wait aside until {@link stepBack} */
  enter(ticket: Ticket, isHeld: boolean): Entry | Promise<Entry> {
    if (ticket.signal.aborted) return null;
    const now = performance.now();
    const turned = this.#shut ?? this.#brokenFor(ticket);
    if (turned) return turned;
    const { cordon } = ticket.visitor;
    const isNext = this.#hasPlace(cordon) && this.#nextCordon(now) === null;
    return (!isHeld && isNext && this.#admit(cordon, now)) || this.#queue(ticket, isHeld, now);
  }

  /** Has one who waits leave the line, without losing the right to wait. */
  stepAside({ waiter }: Ticket): void {
    if (waiter) this.#waiting.stepAside(waiter);
  }

  /** Has one who stepped aside stand in line again, at its end. */
  stepBack({ waiter }: Ticket): void {
    if (!waiter) return;
    this.#waiting.stepBack(waiter, performance.now());
    this.#letIn();
  }

  /** Sends away whoever waits and whoever comes, for good. */
  shut(turned: Turned): void {
    this.#shut ??= turned;
    this.#sendAway(this.#shut, () => true);
  }

  /** Stops its clockwork; to be called when nobody is in or waits. */
  [Symbol.dispose](): void {
    this.#pulse.stop();
    for (const leave of this.#unhook) leave();
  }

  /** A full line turns away whoever has to wait; one that was taken before may always. */
  #queue(ticket: Ticket, isHeld: boolean, now: number): Turned | Promise<Entry> {
    const full = ticket.isTaken ? null : this.#waiting.full(ticket.visitor, now);
    if (full) return full;
    const { promise, resolve } = Promise.withResolvers<Entry>();
    const waiter = this.#waiting.add(ticket, ticket.visitor, now);
    const leave = () => {
      this.#waiting.remove(waiter);
      ticket.answer(null);
    };
    ticket.waiter = waiter;
    ticket.answer = (entry) => {
      ticket.waiter = null;
      ticket.signal.removeEventListener('abort', leave);
      resolve(entry);
    };
    ticket.signal.addEventListener('abort', leave, { once: true });
    if (isHeld) this.#waiting.stepAside(waiter);
    this.#warning.check(this.#level, now);
    this.#letIn();
    return promise;
  }

  /** Lets in as many of those who wait as there is room for. */
  #letIn(): void {
    const now = performance.now();
    for (let cordon = this.#nextCordon(now); cordon; cordon = this.#nextCordon(now)) {
      const pass = this.#admit(cordon, now);
      if (!pass) break;
      this.#waiting.take(cordon, now)?.item.answer(pass);
    }
    this.#pulse.start(this.#waiting.size > 0);
  }

  #nextCordon(now: number): Cordon | null {
    return this.#waiting.inLine === 0 ? null : this.#waiting.next(now, this.#hasPlace);
  }

  readonly #hasPlace = (cordon: Cordon): boolean => {
    const { load, workers } = this.#options.house();
    if (this.#active >= this.#concurrency.max || this.#creating >= load.creating) return false;
    return cordon === 'shared' || this.#solo < workers.max;
  };

  /** Gives out a pass, where nothing holds starts. */
  #admit(cordon: Cordon, now: number): Pass | null {
    const trial = this.#hold() ? null : this.breaker.attempt();
    if (!trial) return null;
    this.#active += 1;
    if (cordon === 'solo') this.#solo += 1;
    this.#warning.check(this.#level, now);
    this.#pulse.start(this.#waiting.size > 0);
    return new Pass(cordon, trial, this.#desk);
  }

  readonly #desk: PassDesk = {
    creating: (change) => {
      this.#creating += change;
      if (change < 0) this.#letIn();
    },
    started: (ms) => this.#latency.note(ms),
    back: ({ cordon }) => {
      this.#active -= 1;
      if (cordon === 'solo') this.#solo -= 1;
      this.#letIn();
    },
  };

  /** While the breaker is open, whoever comes is sent away; who waits, or was taken before, waits on. */
  #brokenFor({ isTaken }: Ticket): Turned | null {
    const { retryAfterMs, failures } = this.breaker.view;
    if (isTaken || !retryAfterMs) return null;
    return {
      refusal: { code: 'breaker-open', retryAfterMs },
      message: `Corral could not start runs ${failures} times, the last time because: ${this.breaker.lastFailure}. It tries again in ${formatDuration(retryAfterMs)}; \`corral doctor\` tries what a worker needs`,
    };
  }

  /** What would hold a start. */
  get #holding(): StartHold | null {
    return this.#options.holds.find(({ holding }) => holding !== null)?.holding ?? null;
  }

  /** What holds a start that is to be made: the emergency brake counts each time it is asked. */
  #hold(): StartHold | null {
    let hold: StartHold | null = null;
    for (const each of this.#options.holds) hold ??= each.held();
    this.#heldSince = hold ? (this.#heldSince ?? performance.now()) : null;
    return hold;
  }

  /** Once a second, while anybody is in or waits. */
  #beat(lateMs: number): void {
    const now = performance.now();
    const hold = this.#holding;
    if (!hold) this.#heldSince = null;
    const before = this.#concurrency.max;
    const why = this.#concurrency.look({
      active: this.#active,
      asleep: this.#options.asleep(),
      held: hold?.message ?? null,
      loopDelayMs: lateMs,
      latency: this.#latency.look(),
    });
    if (why !== null) {
      const { max } = this.#concurrency;
      this.#warning.tell(
        this.#level,
        now,
        `at most ${max} runs are active now, before ${before}: ${why}`,
      );
    }
    if (hold) this.#sendHeldAway(hold, now);
    this.#letIn();
    const isQuiet = this.#active === 0 && this.#waiting.size === 0 && this.#concurrency.isFull;
    if (isQuiet) this.#pulse.stop();
  }

  /** Those who have waited through a hold for as long as one may take. */
  #sendHeldAway({ code, message, retryAfterMs }: StartHold, now: number): void {
    const { holdMs } = this.#options.house().brake;
    const since = this.#heldSince ?? now;
    this.#sendAway(
      { refusal: { code, retryAfterMs }, message },
      (waiter) => waiter.place !== null && now - Math.max(since, waiter.since) >= holdMs,
    );
  }

  #sendAway(turned: Turned, leaves: (waiter: Waiter<Ticket>) => boolean): void {
    for (const { item } of this.#waiting.removeWhere(leaves)) item.answer(turned);
  }

  get #level() {
    return {
      active: this.#active,
      activeMax: this.#concurrency.max,
      queued: this.#waiting.size,
    };
  }
}
