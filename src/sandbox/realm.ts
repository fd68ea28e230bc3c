// Owns one macro inside one isolate: its sleeps, its open requests, and when nothing can wake it any more.

import { PausableTimer } from '../model/pausable-timer.ts';
import type { RealmStart, WirePending } from '../model/wire.ts';
import type { BridgeDelivery } from './bridge/receive.ts';
import { Collections } from './collections.ts';
import type { MacroIsolate } from './isolate.ts';
import { type Noted, Profiling } from './profiling.ts';

/** What a realm tells its run. */
export interface RealmEvents {
  ask(realm: Realm, id: number, kind: string, name: string, args: string, stack: string): void;
  log(level: string, text: string): void;
  /** The macro ended by itself. */
  done(
    realm: Realm,
    value: string | null,
    error: { name: string; message: string; stack: string } | null,
    tooLong: boolean,
  ): void;
  /** @param stack where the macro was, for what it did itself */
  limit(realm: Realm, name: 'idle' | 'output' | 'heap', measured: number, stack?: string): void;
  /** The macro hears that it is cancelled: whatever it asks for from now on it asks for knowing that. */
  aborted(realm: Realm): void;
  busy(): void;
  idle(realm: Realm): void;
  /** ms since the run started, pauses left out. */
  elapsedMs(): number;
  /** JSON of what is left of each limit. */
  budget(): string;
  /** Where CPU and memory went, before a limit is passed. */
  profile(realm: Realm, noted: Noted): void;
}

/** What a macro is given that is woken before its answer is there. No variable that has it may be shown with it. */
export const UNANSWERED = 'corral: not answered';

/** How long a heap reading at the end may take (ms). */
const FAULT_LOOK_MS = 100;

/** A request or a sleep that has not been answered. */
interface Open {
  readonly kind: string;
  readonly name: string;
  /** By the run's clock (ms). */
  readonly since: number;
  readonly timer: PausableTimer | null;
}

/** One macro in one isolate. Realm 0 is the run's own macro, the others are macros it called. */
export class Realm {
  readonly number: number;
  readonly file: string;
  readonly isolate: MacroIsolate;
  readonly profiling: Profiling;
  readonly collections: Collections;
  /** The run's CPU (ms) when the current burst began. */
  burstStartCpuMs = 0;
  /** `isolate.cpuTime` at the last reading (ns): a weight for sharing out the process's CPU, never CPU itself. */
  lastWeight = 0;
  /** Last heap reading (bytes). */
  heapUsed = 0;
  heapTotal = 0;
  external = 0;
  /** A burst has run since the last reading. */
  stale = true;
  readonly #start: RealmStart;
  readonly #events: RealmEvents;
  readonly #open = new Map<number, Open>();
  #held: BridgeDelivery[] | null = null;
  #idleTimer: PausableTimer | null = null;
  #isStill = false;
  #ended = false;
  #isFaulty = false;

  constructor(start: RealmStart, isolate: MacroIsolate, events: RealmEvents) {
    this.number = start.realm;
    this.file = start.file;
    this.isolate = isolate;
    this.#start = start;
    this.#events = events;
    this.profiling = new Profiling(isolate.inspector, start.heapBytes, (noted) =>
      events.profile(this, noted),
    );
    this.collections = new Collections(isolate.inspector);
  }

  /** The macro has ended by itself; what still comes from its isolate is ignored. */
  get ended(): boolean {
    return this.#ended;
  }

  /** What the code that runs has at a place (1-based), up to the end of that line. */
  textAt(line: number, column: number): string {
    const text = this.#start.code.split(/\r\n|[\n\r\u2028\u2029]/, line)[line - 1] ?? '';
    return text.slice(column - 1);
  }

  /** True for one that a debugger was let into. */
  get isDebugged(): boolean {
    return this.#start.debugged !== null;
  }

  /** True where functions of it are known to call themselves. */
  get recurses(): boolean {
    return this.#start.recurses;
  }

  /** It is idle: nothing is noted of it for long, and no stop is near. */
  rest(): void {
    this.profiling.rest();
    if (!this.isolate.gone) this.isolate.inspector.unprepareStop();
  }

  /** Kill limit for this realm's heap (bytes). */
  get heapBytes(): number {
    return this.#start.heapBytes;
  }

  /** Starts the macro; everything else comes by events. */
  start(): void {
    this.isolate.listen(
      { post: (kind, args) => this.#post(kind, args), budget: () => this.#events.budget() },
      () => this.#onBusy(),
      () => this.#onIdle(),
    );
    const { code, form, file, keepingEntries } = this.#start;
    const { seed, input, outputBytes, commands, clockMs, catalogue } = this.#start;
    const config = { seed, input, outputBytes, commands, clockMs, catalogue };
    this.isolate
      .start({ code, form, file, keepingEntries }, config)
      .catch((error: unknown) => this.#burstFailed(error));
  }

  /** Gives an answer to the macro, or keeps it while the run is paused. */
  deliver(delivery: BridgeDelivery): void {
    if (delivery.id !== undefined && !this.#open.delete(delivery.id)) return;
    this.#send(delivery);
  }

  /** Keeps what would wake the macro until {@link release}. */
  hold(): void {
    this.#held ??= [];
  }

  /** Delivers what was kept. */
  release(): void {
    const held = this.#held ?? [];
    this.#held = null;
    for (const delivery of held) this.#send(delivery);
    this.#watchIdle();
  }

  /** Its sleeps, and how long nothing can wake it, stand still while the run is paused. */
  standStill(isStill: boolean): void {
    this.#isStill = isStill;
    const timers = [this.#idleTimer, ...[...this.#open.values()].map(({ timer }) => timer)];
    for (const timer of timers) {
      if (isStill) timer?.stop();
      else timer?.start();
    }
  }

  /**
   * Answers something that an asleep macro waits for, as nothing in particular: for one that will be stopped at once, to
   * be looked at, and then ended. Resolves when what it does then is over; null when it waits for nothing.
   */
  rouse(): Promise<unknown> | null {
    const delivery = this.#held?.shift() ?? this.#nothingInParticular();
    if (!delivery || this.#ended || this.isolate.gone) return null;
    // It is ended in any case: what goes wrong now is no end of its own.
    return this.isolate.deliver(delivery).catch(() => null);
  }

  #nothingInParticular(): BridgeDelivery | null {
    const [first] = [...this.#open].sort(([, a], [, b]) => rank(a) - rank(b));
    if (!first) return null;
    const [id, { kind }] = first;
    this.#open.delete(id);
    return { id, value: JSON.stringify(kind === 'sleep' ? null : UNANSWERED), error: null };
  }

  /** How much the macro waits for. */
  get pendingCount(): number {
    return this.#open.size;
  }

  /** What the macro waits for, the oldest of it first. */
  pending(): WirePending[] {
    const now = this.#events.elapsedMs();
    return [...this.#open.values()]
      .slice(0, 20)
      .map(({ kind, name, since }) => ({ kind, name, sinceMs: Math.round(now - since) }));
  }

  /** Ends all timers and the isolate; only while it is not busy. */
  dispose(): void {
    this.abandon();
    this.isolate.dispose();
  }

  /** Ends all timers and leaves the isolate to the death of the process. */
  abandon(): void {
    this.#ended = true;
    for (const { timer } of this.#open.values()) timer?.stop();
    this.#open.clear();
    this.#idleTimer?.stop();
  }

  #send(delivery: BridgeDelivery): void {
    if (this.#ended || this.isolate.gone) return;
    if (this.#held) this.#held.push(delivery);
    else this.isolate.deliver(delivery).catch((error: unknown) => this.#burstFailed(error));
  }

  #post(kind: string, args: readonly unknown[]): void {
    if (this.#ended) return;
    const [a, b, c, d] = args;
    switch (kind) {
      case 'command':
      case 'slash':
      case 'state':
      case 'call': {
        const id = Number(a);
        this.#open.set(id, { kind, name: String(b), since: this.#events.elapsedMs(), timer: null });
        this.#events.ask(this, id, kind, String(b), String(c), String(d));
        break;
      }
      case 'sleep':
        this.#sleep(Number(a), Number(b), Number(c));
        break;
      case 'log':
        this.#events.log(String(a), String(b));
        break;
      case 'overflow':
        this.#events.limit(this, 'output', this.#start.outputBytes, String(a));
        break;
      case 'aborted':
        this.#events.aborted(this);
        break;
      case 'settled':
        this.#send({ finish: true });
        break;
      case 'done':
        this.#end(String(a), null, false);
        break;
      case 'tooLong':
        this.#end(null, null, true);
        break;
      case 'fault':
        this.#fault({ name: String(a), message: String(b), stack: String(c) }).catch(
          (failure: unknown) => this.#burstFailed(failure),
        );
        break;
    }
  }

  /** @param asked when, on the machine's clock (whole ms): since then this thread was busy, or the clock was set */
  #sleep(id: number, ms: number, asked: number): void {
    const gone = Math.min(Math.max(Date.now() - asked - 1, 0), ms);
    const since = this.#events.elapsedMs() - gone;
    const timer = this.#timer(ms - gone, () => this.deliver({ id, value: null, error: null }));
    this.#open.set(id, { kind: 'sleep', name: `sleep(${ms})`, since, timer });
  }

  #timer(ms: number, ring: (measuredMs: number) => void): PausableTimer {
    const timer = new PausableTimer(ms, ring);
    if (!this.#isStill) timer.start();
    return timer;
  }

  #end(
    value: string | null,
    error: { name: string; message: string; stack: string } | null,
    tooLong: boolean,
  ): void {
    this.#ended = true;
    this.#idleTimer?.stop();
    this.#events.done(this, value, error, tooLong);
  }

  /** A buffer that could not be had is the heap limit at work, not a mistake of the macro's: what it holds decides. */
  async #fault(error: { name: string; message: string; stack: string }): Promise<void> {
    // It is over, whatever it is told to have ended by: it waits for nothing.
    this.#isFaulty = true;
    if (error.name === 'RangeError' && !this.isolate.gone) {
      const late = new Promise<null>((resolve) => setTimeout(resolve, FAULT_LOOK_MS, null));
      const heap = await Promise.race([this.isolate.inspector.heapUsage().catch(() => null), late]);
      if (this.#ended) return;
      const held = heap ? heap.used + heap.external : 0;
      // By the time of the reading the buffers may have been collected. A macro that fakes these words is only told
      // that it passed a limit; it gains nothing.
      if (held > this.heapBytes || error.message === 'Array buffer allocation failed') {
        this.#events.limit(this, 'heap', Math.max(held, this.heapBytes));
        return;
      }
    }
    this.#end(null, error, false);
  }

  #onBusy(): void {
    this.stale = true;
    this.#idleTimer?.stop();
    this.#idleTimer = null;
    this.#events.busy();
  }

  #onIdle(): void {
    // Logs and requests of this burst are still on their way in this thread's queue: look after them.
    setImmediate(() => {
      this.#events.idle(this);
      this.#watchIdle();
    });
  }

  get #isIdle(): boolean {
    const isOver = this.isolate.gone || this.#ended || this.#isFaulty;
    return this.#open.size === 0 && !this.isolate.busy && !isOver;
  }

  #watchIdle(): void {
    if (!this.#isIdle || this.#held || this.#idleTimer) return;
    this.#idleTimer = this.#timer(this.#start.idleMs, (waited) => {
      this.#idleTimer = null;
      // What is kept from it would wake it, or is looked for anew once nothing is.
      if (this.#isIdle && !this.#held) this.#events.limit(this, 'idle', waited);
    });
  }

  #burstFailed(error: unknown): void {
    if (this.isolate.gone) {
      this.#heapGone();
      return;
    }
    if (this.#ended) return;
    // What the macro threw at module top level, or what V8 refused to compile.
    const thrown = error instanceof Error ? error : new Error(String(error));
    const cut = (text: unknown, max: number) => String(text).slice(0, max);
    this.#end(
      null,
      {
        name: cut(thrown.name, 200),
        message: cut(thrown.message, 8192),
        stack: cut(thrown.stack, 12_000),
      },
      false,
    );
  }

  #heapGone(): void {
    if (!this.#ended)
      this.#events.limit(
        this,
        'heap',
        Math.max(this.heapUsed + this.external, this.#start.heapBytes),
      );
  }
}

/** A sleep's answer is nothing anyway. */
function rank({ kind }: Open): number {
  return kind === 'sleep' ? 0 : 1;
}
