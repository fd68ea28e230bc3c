// Owns one run inside the worker: its realms, its counters, and the messages that tell the supervisor about them.

import { PENDING_MAX } from '../model/pending.ts';
import type { FromWorker, RealmStart, WirePending } from '../model/wire.ts';
import { Devtools } from './devtools/devtools.ts';
import { framesAtEnd, framesWhileHeld, notedAtEnd } from './examination.ts';
import type { MacroIsolate } from './isolate.ts';
import type { Noted } from './profiling.ts';
import { Realm, type RealmEvents } from './realm.ts';
import { RunClock } from './run-clock.ts';

/** What a run needs of the worker around it. */
export interface RunPorts {
  send(message: FromWorker): void;
  /** A macro became busy: the watchdog must look soon. */
  wake(): void;
  /** Something of ours went wrong: the worker must go. */
  fail(error: unknown): void;
  /** Brings the CPU count of all runs up to date. */
  settleCpu(): void;
}

/** One run: the macro and the macros it called, one budget for all of them. */
export class SandboxRun {
  readonly id: string;
  readonly start: RealmStart;
  readonly realms = new Map<number, Realm>();
  /** CPU of the run so far (ms), shared out by the watchdog. */
  cpuMs = 0;
  lastSampleAt = 0;
  warned = false;
  /** A limit was reported, or the end: nothing more is measured. */
  over = false;
  paused = false;
  #isExamined = false;
  readonly #clock = new RunClock();
  readonly startedAt = performance.now();
  readonly #ports: RunPorts;
  #devtools: Devtools | null = null;
  #commands = 0;
  #outputChars = 0;

  constructor(start: RealmStart, ports: RunPorts) {
    this.id = start.run;
    this.start = start;
    this.#ports = ports;
  }

  /** True while any macro of the run uses CPU. */
  get busy(): boolean {
    for (const realm of this.realms.values()) if (realm.isolate.busy) return true;
    return false;
  }

  /** The macro called last of those that have not ended: the one that works. */
  get top(): Realm | null {
    let top: Realm | null = null;
    for (const realm of this.realms.values()) if (!realm.ended) top = realm;
    return top;
  }

  /** Adds a macro in its prepared isolate and starts it. */
  add(start: RealmStart, isolate: MacroIsolate): void {
    const realm = new Realm(start, isolate, this.#events());
    this.realms.set(start.realm, realm);
    realm.burstStartCpuMs = this.cpuMs;
    if (start.debugged === null) realm.start();
    else this.#awaitDebugger(realm, start.debugged);
  }

  #awaitDebugger(realm: Realm, source: string): void {
    const { file, isolate } = realm;
    this.#devtools = new Devtools(
      isolate,
      { file, source },
      {
        tell: (message) => this.#ports.send({ type: 'debug', run: this.id, message }),
        begin: () => {
          if (this.over) return;
          this.#standStill(false);
          realm.start();
        },
        held: (isHeld) => {
          if (this.over) return;
          // What `pause` kept is let go with the macro, whoever does that; what a step keeps is not.
          if (!isHeld && !this.#devtools?.isStopWanted) realm.release();
          this.#standStill(isHeld);
        },
        keep: (isKept) => {
          if (isKept) realm.hold();
          else realm.release();
        },
      },
    );
    this.#standStill(true);
  }

  /** Takes what the debugger says; null: it has gone. */
  debug(message: string | null): void {
    if (message !== null) this.#devtools?.take(message);
    else {
      this.#devtools?.end();
      this.#devtools?.begin().catch(this.#ports.fail);
    }
  }

  /** CPU used while the limits stand still is nobody's. */
  #standStill(isStill: boolean): void {
    this.#ports.settleCpu();
    this.paused = isStill;
    this.#clock.standStill(isStill);
    if (!isStill) this.#ports.wake();
    this.#ports.send({ type: isStill ? 'paused' : 'resumed', run: this.id });
  }

  /** Reports a passed limit, once. */
  limit(
    realm: Realm,
    name: 'cpu' | 'burst' | 'heap' | 'idle' | 'output',
    measured: number,
    stack = '',
  ): void {
    if (this.over) return;
    this.over = true;
    this.#ports.send({
      type: 'limit',
      run: this.id,
      realm: realm.number,
      name,
      measured,
      beacon: realm.isolate.beacon,
      stack: stack.slice(0, 4096),
    });
    // The supervisor is about to ask for it, and until then the macro would use more.
    if (name === 'cpu' || name === 'burst')
      this.examine(this.start.graceCpuMs).catch(this.#ports.fail);
  }

  /**
   * Stops the macro where it is and tells what it looks like, once. An isolate inside one built-in never answers.
   * @param graceCpuMs CPU that it may use until the supervisor gives it up
   */
  async examine(graceCpuMs: number): Promise<void> {
    if (this.#isExamined) return;
    this.#isExamined = true;
    this.over = true;
    this.#devtools?.end();
    const realm = this.top ?? this.realms.get(0);
    if (!realm) return;
    const { isolate } = realm;
    const statistics = isolate.gone ? null : isolate.heapStatistics();
    let pending = this.#pending();
    const { frames, asleep } = await framesAtEnd(realm, graceCpuMs, {
      onStopped: () => {
        this.#ports.settleCpu();
        this.paused = true;
      },
      onAsleep: () => {
        pending = this.#pending();
      },
    });
    this.#ports.settleCpu();
    this.#ports.send({
      type: 'examined',
      run: this.id,
      realm: realm.number,
      asleep,
      frames,
      pending: pending.shown,
      pendingTotal: pending.total,
      heapStatistics: statistics,
      beacon: isolate.beacon,
      cpuMs: this.cpuMs,
    });
    // Profiles come last: V8 collects all garbage for one, which may take longer than anybody waits.
    this.#profile(realm, await notedAtEnd(realm, graceCpuMs));
  }

  /** Tells the heap of a stopped macro, part by part; only the end where it can no longer be asked, or no longer holds it. */
  async snapshot(): Promise<void> {
    const tell = (chunk: string, isLast: boolean) =>
      this.#ports.send({ type: 'snapshot', run: this.id, chunk, isLast });
    const realm = this.top ?? this.realms.get(0);
    if (realm && !realm.isolate.gone && !realm.isolate.inspector.terminated)
      await realm.isolate.inspector.takeHeapSnapshot((chunk) => tell(chunk, false));
    tell('', true);
  }

  #profile(realm: Realm, noted: Noted): void {
    this.#ports.send({ type: 'profile', run: this.id, realm: realm.number, ...noted });
  }

  /** Holds the macro: in mid-loop where it is busy, at its next answer otherwise. */
  async pause(): Promise<void> {
    for (const realm of this.realms.values()) {
      realm.hold();
      await realm.isolate.hold();
      realm.profiling.end();
    }
    // Only now: a macro that cannot be stopped stays under its limits.
    this.#standStill(true);
  }

  /** Tells what a held macro looks like. */
  async look(): Promise<void> {
    const realm = this.top;
    if (!realm) return;
    const pending = this.#pending().shown;
    const frames = await framesWhileHeld(realm);
    this.#ports.send({ type: 'seen', run: this.id, realm: realm.number, frames, pending });
  }

  #pending(): { readonly shown: WirePending[]; readonly total: number } {
    const realms = [...this.realms.values()];
    return {
      shown: realms.flatMap((each) => each.pending()).slice(0, PENDING_MAX),
      total: realms.reduce((sum, { pendingCount }) => sum + pendingCount, 0),
    };
  }

  /** Lets a held macro go on. */
  resume(): void {
    if (this.#devtools?.waiting) {
      this.#devtools.begin().catch(this.#ports.fail);
      return;
    }
    this.#devtools?.letGo();
    this.#goOn();
  }

  #goOn(): void {
    for (const realm of this.realms.values()) {
      if (!realm.isolate.gone) realm.isolate.inspector.resume();
      realm.release();
    }
    this.#standStill(false);
  }

  /** Tells the macro that it is cancelled; one that has not begun never will. */
  cancel(message: string): void {
    this.#devtools?.end();
    if (this.#devtools?.waiting) return;
    this.#goOn();
    for (const realm of this.realms.values()) realm.deliver({ abort: message });
  }

  /** Gets rid of every isolate; resolves when none is left. A busy one is terminated first and may never end. */
  async dispose(): Promise<void> {
    this.over = true;
    this.#devtools?.end();
    for (const realm of this.realms.values()) {
      realm.abandon();
      await realm.isolate.end();
      await realm.isolate.quiet();
      realm.dispose();
    }
    this.realms.clear();
    this.#ports.send({ type: 'disposed', run: this.id });
  }

  #events(): RealmEvents {
    return {
      ask: (realm, id, kind, name, args, stack) => {
        if (kind === 'command' || kind === 'slash') this.#commands += 1;
        const known = kind as 'command' | 'slash' | 'state' | 'call';
        this.#ports.send({
          type: 'ask',
          run: this.id,
          realm: realm.number,
          id,
          kind: known,
          name: name.slice(0, 4096),
          args,
          stack: stack.slice(0, 4096),
        });
      },
      log: (level, text) => {
        this.#outputChars += text.length + 16;
        this.#devtools?.log(level, text);
        const known =
          (['debug', 'info', 'warn', 'error'] as const).find((each) => each === level) ?? 'info';
        this.#ports.send({ type: 'log', run: this.id, level: known, text });
      },
      done: (realm, value, error, tooLong) => this.#done(realm, value, error, tooLong),
      limit: (realm, name, measured, stack) => this.limit(realm, name, measured, stack),
      aborted: ({ number }) => this.#ports.send({ type: 'aborted', run: this.id, realm: number }),
      busy: () => this.#ports.wake(),
      idle: (realm) => {
        this.#ports.settleCpu();
        realm.burstStartCpuMs = this.cpuMs;
        if (realm.number === 0) this.#devtools?.idle();
      },
      now: () => this.#clock.now,
      budget: () => this.#budget(),
      profile: (realm, noted) => {
        if (!this.over) this.#profile(realm, noted);
      },
    };
  }

  #done(
    realm: Realm,
    value: string | null,
    error: { name: string; message: string; stack: string } | null,
    tooLong: boolean,
  ): void {
    if (this.over) return;
    this.#ports.settleCpu();
    if (realm.number === 0) this.over = true;
    this.#ports.send({
      type: 'done',
      run: this.id,
      realm: realm.number,
      cpuMs: this.cpuMs,
      value,
      error,
      tooLong,
    });
    // A called macro's isolate goes at once; the run's own goes when the supervisor has taken the result.
    if (realm.number !== 0) this.#drop(realm).catch(this.#ports.fail);
  }

  async #drop(realm: Realm): Promise<void> {
    await realm.isolate.quiet();
    if (this.realms.delete(realm.number)) realm.dispose();
  }

  #budget(): string {
    this.#ports.settleCpu();
    const { start } = this;
    const heapUsed = Math.max(
      0,
      ...[...this.realms.values()].map((realm) => realm.heapUsed + realm.external),
    );
    const left = (limit: number, used: number) => Math.max(0, Math.round(limit - used));
    return JSON.stringify({
      wallMs: left(start.wallMs, this.#clock.now - this.startedAt),
      cpuMs: left(start.cpuMs, this.cpuMs),
      heapBytes: left(start.heapBytes, heapUsed),
      commands: left(start.commands, this.#commands),
      outputBytes: left(start.outputBytes, this.#outputChars),
    });
  }
}
