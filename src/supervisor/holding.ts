// Owns holding one run in its worker and letting it go on: whoever asks for that, or the debugger that was let in.

import type { DebugDoor, DebuggerSide } from '../model/debugging.ts';
import type { PausableTimer } from '../model/pausable-timer.ts';
import type { FromWorkerOf } from '../model/wire.ts';
import { toSourceFrames } from './place.ts';
import type { RealmPlan } from './realm-plan.ts';
import type { LiveRun, Look } from './run.ts';
import type { RunGate } from './run-gate.ts';
import type { WorkerProcess } from './worker-process.ts';

/** What {@link Holding} needs of the run. */
export interface HoldingOptions {
  readonly live: LiveRun;
  readonly worker: WorkerProcess;
  readonly clock: PausableTimer;
  readonly gate: RunGate;
  readonly realms: ReadonlyMap<number, RealmPlan>;
  readonly debugDoor: DebugDoor | null;
  /** True while nothing has been decided about its end. */
  isRunning(): boolean;
  /** Resolves when it is over. */
  readonly ended: Promise<unknown>;
}

/** What the worker says of it. */
export type HoldingMessage = FromWorkerOf<'paused' | 'resumed' | 'seen' | 'debug'>;

/** Holds one run. */
export class Holding {
  readonly #options: HoldingOptions;
  readonly #seen: ((look: Look) => void)[] = [];
  /** How often it was looked at. */
  looks = 0;
  #held: (() => void) | null = null;
  #debugger: DebuggerSide | null = null;

  constructor(options: HoldingOptions) {
    this.#options = options;
  }

  /** Holds the macro; resolves when it stands still, or is over. */
  async pause(): Promise<void> {
    const { clock, gate, live, worker, ended } = this.#options;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#held = resolve;
    gate.close();
    clock.stop();
    worker.send({ type: 'pause', run: live.id });
    await Promise.race([promise, ended]);
    // Where a debugger held it in the same moment, that was told already.
    if (this.#options.isRunning() && live.state === 'running') live.move('pause', clock.elapsedMs);
  }

  /** What the held macro looks like; null when it is over before it could be asked. */
  async look(): Promise<Look | null> {
    const { live, worker, ended } = this.#options;
    const { promise, resolve } = Promise.withResolvers<Look | null>();
    this.#seen.push(resolve);
    this.looks += 1;
    worker.send({ type: 'look', run: live.id });
    return Promise.race([promise, ended.then(() => null)]);
  }

  /** Lets the macro go on. */
  resume(): void {
    const { clock, gate, live, worker } = this.#options;
    worker.send({ type: 'resume', run: live.id });
    clock.start();
    gate.open();
    live.move('resume', clock.elapsedMs);
  }

  /** Takes what the worker says of it. */
  hear(message: HoldingMessage): void {
    switch (message.type) {
      case 'paused':
        this.#standsStill();
        break;
      case 'resumed':
        this.#goesOn();
        break;
      case 'seen': {
        const frames = toSourceFrames(message.frames, this.#options.realms);
        this.#seen.shift()?.({ frames, pending: message.pending });
        break;
      }
      case 'debug':
        this.#debugger?.hear(message.message);
        break;
    }
  }

  /** Tells the debugger that the run is over. */
  end(): void {
    this.#debugger?.end();
    this.#debugger = null;
  }

  #standsStill(): void {
    const { clock, gate, live, worker, debugDoor } = this.#options;
    // The first thing that is heard of a macro that waits for its debugger.
    this.#debugger ??=
      debugDoor?.connect({
        tell: (message) => worker.send({ type: 'debug', run: live.id, message }),
      }) ?? null;
    if (this.#held) {
      this.#held();
      this.#held = null;
    } else if (this.#isDebuggers('running')) {
      gate.close();
      clock.stop();
      live.move('pause', clock.elapsedMs);
    }
  }

  #goesOn(): void {
    const { clock, gate, live } = this.#options;
    if (!this.#isDebuggers('paused')) return;
    clock.start();
    gate.open();
    live.move('resume', clock.elapsedMs);
  }

  /** A worker's word alone stops no clock: only where a debugger was let in. */
  #isDebuggers(state: 'running' | 'paused'): boolean {
    const { live, debugDoor, isRunning } = this.#options;
    return debugDoor !== null && isRunning() && live.state === state;
  }
}
