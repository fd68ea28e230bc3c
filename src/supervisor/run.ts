// Owns the handle of one run: its state, its typed events, its result, and the wishes to stop, pause or resume it.

import { CorralError } from '../model/errors.ts';
import type { EndEvent, RunEvent, RunEventOf } from '../model/events.ts';
import { RUN_TRANSITIONS, type RunState, type RunStep } from '../model/outcome.ts';
import type { WirePending } from '../model/wire.ts';
import type { SourceFrame } from './place.ts';

/** What a held macro looks like. */
export interface Look {
  /** Where it stands, innermost first, with the variables of the top ones as short previews; none of one held asleep. */
  readonly frames: readonly SourceFrame[];
  /** What it waits for. */
  readonly pending: readonly WirePending[];
}

/** How a run is stopped. */
export interface StopOptions {
  /** Default false. */
  readonly quarantine?: boolean;
  /** Who says so; by default `operator`. */
  readonly by?: string;
}

/** One run of a macro, as its starter sees it. */
export interface Run extends AsyncDisposable {
  readonly id: string;
  /** The macro's `@name`, or its file's base name. */
  readonly macro: string;
  readonly state: RunState;
  /** Resolves when the run has ended, however it ended; never rejects. */
  readonly result: Promise<EndEvent>;
  /**
   * Calls a listener for every event of a type from now on; the returned function stops that. What `start` itself has
   * already caused is told after the current turn, so listeners set right after `start` miss nothing.
   */
  on<Type extends RunEvent['type']>(
    type: Type,
    listener: (event: RunEventOf<Type>) => void,
  ): () => void;
  /** All events from now on, ending with the `end` event. Reading slowly loses samples first, and nothing else. */
  events(): AsyncIterableIterator<RunEvent>;
  /**
   * Cancels the run: its `signal` is aborted, then it is stopped. Resolves when it has ended. With `quarantine` its macro
   * is refused from now on, until it is released.
   */
  stop(why?: string, options?: StopOptions): Promise<EndEvent>;
  /**
   * Holds the macro where it is, in mid-loop if need be; its CPU and wall clocks stand still. A run that has not begun
   * is held from beginning. Resolves with true once it is held, with false when it ended before that; never rejects.
   */
  pause(): Promise<boolean>;
  /** What a held run looks like; null for one that is not held. Never rejects, and leaves it held. */
  look(): Promise<Look | null>;
  /** Lets a held run go on. Resolves with true once nothing holds it, with false when it has ended; never rejects. */
  resume(): Promise<boolean>;
}

/** What carries out a run's wishes while it lives. */
export interface RunControl {
  stop(why: string): void;
  /** Holds its macro in quarantine. */
  hold(consent: { readonly by: string; readonly why: string }): void;
  pause(): Promise<void>;
  look(): Promise<Look | null>;
  resume(): Promise<void>;
  /** It is held from beginning, or no longer. */
  held?(isHeld: boolean): void;
}

type Listener = (event: RunEvent) => void;

/** What one reader of {@link Run.events} has not read yet. */
interface Queue {
  readonly backlog: RunEvent[];
  wake: (() => void) | null;
}

/** The most events kept for one slow reader of {@link Run.events}. */
const BACKLOG_MAX = 20_000;

/** A run with its inner side: events go in here, and the supervisor moves its state. */
export class LiveRun implements Run {
  readonly id: string;
  readonly macro: string;
  readonly result: Promise<EndEvent>;
  readonly #control: RunControl;
  readonly #listeners = new Map<RunEvent['type'] | 'any', Set<Listener>>();
  readonly #resolve: (end: EndEvent) => void;
  #state: RunState = 'queued';
  /** Set while the run was paused before it began. */
  #hold: PromiseWithResolvers<void> | null = null;
  /** True from a pause until the resume: what is tried again meanwhile stays held. */
  #isPaused = false;
  #pausing: Promise<void> | null = null;
  #isHeldByHand = false;

  constructor(id: string, macro: string, control: RunControl) {
    this.id = id;
    this.macro = macro;
    this.#control = control;
    const { promise, resolve } = Promise.withResolvers<EndEvent>();
    this.result = promise;
    this.#resolve = resolve;
  }

  get state(): RunState {
    return this.#state;
  }

  on<Type extends RunEvent['type']>(
    type: Type,
    listener: (event: RunEventOf<Type>) => void,
  ): () => void {
    // Only events of this type reach this set.
    return this.#add(type, listener as Listener);
  }

  events(): AsyncGenerator<RunEvent, void, void> {
    // Listens from this call on, not from the first reading.
    const queue: Queue = { backlog: [], wake: null };
    const leave = this.#add('any', (event) => {
      if (queue.backlog.length >= BACKLOG_MAX && event.type === 'sample') return;
      queue.backlog.push(event);
      queue.wake?.();
    });
    return this.#read(queue, leave);
  }

  async *#read(queue: Queue, leave: () => void): AsyncGenerator<RunEvent, void, void> {
    try {
      for (;;) {
        for (const event of queue.backlog.splice(0)) {
          yield event;
          if (event.type === 'end') return;
        }
        if (queue.backlog.length > 0) continue;
        if (this.#state === 'ended') queue.backlog.push(await this.result);
        else
          await new Promise<void>((resolve) => {
            queue.wake = resolve;
          });
      }
    } finally {
      leave();
    }
  }

  async stop(why = 'it was cancelled', options: StopOptions = {}): Promise<EndEvent> {
    // Of a run that has just ended too: its macro is what is not wanted.
    if (options.quarantine) this.#control.hold({ by: options.by ?? 'operator', why });
    if (this.#state !== 'ended') this.#control.stop(why);
    return this.result;
  }

  /** True while it is paused because a person, or a program that embeds Corral, said so. */
  get isHeldByHand(): boolean {
    return this.#isHeldByHand;
  }

  async pause(): Promise<boolean> {
    this.#isHeldByHand = true;
    return this.hold();
  }

  /** Pauses as {@link pause} does, but is nobody's word: whoever resumes it may. */
  async hold(): Promise<boolean> {
    if (this.#isBefore()) {
      this.#isPaused = true;
      this.#holdBack();
      return true;
    }
    if (this.#state === 'running') {
      this.#pausing ??= this.#control.pause().finally(() => {
        this.#pausing = null;
      });
      await this.#pausing;
    }
    this.#isPaused ||= this.state === 'paused';
    return this.state === 'paused';
  }

  async look(): Promise<Look | null> {
    return this.#state === 'paused' ? this.#control.look() : null;
  }

  async resume(): Promise<boolean> {
    this.#isHeldByHand = false;
    // One that is being held right now is not paused yet.
    await this.#pausing;
    this.#isPaused = false;
    this.letGo();
    if (this.#state === 'paused') await this.#control.resume();
    return this.#isBefore() || this.state === 'running';
  }

  /** Resolves once nobody holds the run from beginning. */
  async released(): Promise<void> {
    await this.#hold?.promise;
  }

  /** True while somebody holds the run from beginning. */
  get isHeld(): boolean {
    return this.#hold !== null;
  }

  /** Lets a run begin that was paused before it did. */
  letGo(): void {
    if (!this.#hold) return;
    this.#hold.resolve();
    this.#hold = null;
    this.#control.held?.(false);
  }

  /** Goes back to the beginning for another try; one that was paused stays held. */
  again(at: number): void {
    if (this.#state !== 'queued') this.move('retry', at);
    if (this.#isPaused) this.#holdBack();
  }

  #holdBack(): void {
    if (this.#hold) return;
    this.#hold = Promise.withResolvers();
    this.#control.held?.(true);
  }

  #isBefore(): boolean {
    return this.#state === 'queued' || this.#state === 'starting';
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop('its handle was disposed');
  }

  /** Moves to the next state; a step the table forbids is a bug of the supervisor's. */
  move(step: RunStep, at: number): void {
    const next = RUN_TRANSITIONS[this.#state][step];
    if (next === null)
      throw new CorralError('internal', `run ${this.id}: no step "${step}" from "${this.#state}"`);
    this.#state = next;
    this.emit({ type: 'state', at, state: next });
  }

  /** Hands an event to whoever listens. */
  emit(event: RunEvent): void {
    this.#tell(this.#listeners.get(event.type), event);
    this.#tell(this.#listeners.get('any'), event);
  }

  /** Ends the run: last state, last event, result. */
  end(event: EndEvent): void {
    this.move('end', event.durationMs);
    this.emit(event);
    this.#listeners.clear();
    this.#resolve(event);
  }

  #add(type: RunEvent['type'] | 'any', listener: Listener): () => void {
    const set = this.#listeners.get(type) ?? new Set();
    this.#listeners.set(type, set);
    set.add(listener);
    return () => set.delete(listener);
  }

  #tell(listeners: ReadonlySet<Listener> | undefined, event: RunEvent): void {
    if (!listeners) return;
    for (const listener of listeners) {
      try {
        listener(event);
      } catch (error) {
        // A listener's fault is the embedder's: it surfaces as an uncaught exception, and the run goes on watched.
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }
}
