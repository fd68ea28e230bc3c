// Owns the inspector session of one isolate: heap readings, the stop in mid-loop, stack and locals. It never disposes the isolate.

import type ivm from 'isolated-vm';
import { ROOM, SHALLOW, STACK_TEXT, type Stoppable, stopHere, TOO_DEEP } from './expressions.ts';
import { ignoreClosed, Session } from './session.ts';

/** Heap usage as V8 counts it, in bytes. */
export interface HeapUsage {
  readonly used: number;
  readonly total: number;
  /** Array buffers outside the heap. */
  readonly external: number;
}

/** A frame of the Chrome DevTools Protocol, as far as it is used here. */
export interface CallFrame {
  readonly functionName: string;
  readonly url: string;
  readonly location: {
    readonly scriptId: string;
    readonly lineNumber: number;
    readonly columnNumber?: number;
  };
  readonly scopeChain: readonly {
    readonly type: string;
    readonly object: { readonly objectId?: string };
  }[];
}

/** A variable as the protocol gives it. */
export interface RemoteProperty {
  readonly name: string;
  readonly value?: {
    readonly type: string;
    readonly subtype?: string;
    readonly className?: string;
    readonly objectId?: string;
    readonly value?: unknown;
    readonly description?: string;
    readonly preview?: ObjectPreview;
  };
}

/** What is in an object, as far as the protocol shows it unasked: a few properties, no getter called. */
export interface ObjectPreview {
  readonly overflow: boolean;
  readonly properties: readonly {
    readonly name: string;
    readonly type: string;
    readonly subtype?: string;
    /** Text, short. */
    readonly value?: string;
  }[];
}

/** Why a macro was not stopped where it was. */
export type NotHere = 'deep' | 'shallow' | 'elsewhere';

/** How long a request to a stopped macro may lie before another one wakes it (ms). */
const NUDGE_MS = 10;

/** What isolated-vm calls a context that was asked for, and the empty one that it makes for itself. Either may be the first. */
export const MACRO_CONTEXT = '<isolated-vm>';
const EMPTY_CONTEXT = 'default';

/** More places than this are not waited at. */
const BREAKPOINTS_MAX = 2_000;

/** What Corral itself asks of an isolate. */
export class Inspector {
  readonly session: Session;
  readonly #urls = new Map<string, string>();
  readonly #macroContext = Promise.withResolvers<number>();
  readonly #emptyContext = Promise.withResolvers<number>();
  #onPaused: ((frames: readonly CallFrame[]) => void) | null = null;
  #onChunk: ((chunk: string) => void) | null = null;
  /** What was asked for by {@link stopHere} and has not returned: below it is the macro. */
  #here: Promise<unknown> | null = null;
  /** What {@link hasRoom} asked for and has not been answered: it has calls of its own on the macro's stack. */
  #room: Promise<unknown> | null = null;
  /** True after {@link prepareStop}, while nothing may stop the macro yet. */
  #isPrepared = false;
  /** True while the macro is stopped by {@link pause}. */
  paused = false;
  #isResuming = false;
  /** True once it has been told to {@link terminate}: what only its stack held may be gone. */
  terminated = false;
  /** Its frames then, top first. */
  pausedFrames: readonly CallFrame[] = [];

  constructor(isolate: ivm.Isolate) {
    this.session = new Session(isolate, (method, params) => this.#take(method, params));
    // Tells which contexts there are.
    this.#send('Runtime.enable').catch(ignoreClosed);
    this.#send('Runtime.disable').catch(ignoreClosed);
  }

  /** The number of the context that the macro runs in. */
  get macroContext(): Promise<number> {
    return this.#macroContext.promise;
  }

  /** The number of a context that has nothing of the macro's in it, and that no macro can reach. */
  get emptyContext(): Promise<number> {
    return this.#emptyContext.promise;
  }

  /** The heap now; answered within a few ms even while the macro is in a loop, never while it is inside one built-in. */
  async heapUsage(): Promise<HeapUsage> {
    const result = await this.#send('Runtime.getHeapUsage');
    const external = Number(result.backingStorageSize ?? 0);
    return { used: Number(result.usedSize), total: Number(result.totalSize), external };
  }

  /** Collects all garbage, so that the next reading counts only what is held. */
  async collectGarbage(): Promise<void> {
    await this.#send('HeapProfiler.collectGarbage');
  }

  /**
   * Begins to note, every so often (µs of wall time), where the macro is. V8 tells no lines of code that it optimised
   * before (nor with `--detailed-line-info`), so all of that is thrown away here and made anew: some ms, once. Resolves when
   * it looks.
   */
  async startCpuProfile(everyMicros: number): Promise<void> {
    this.#send('Profiler.enable').catch(ignoreClosed);
    this.#send('Profiler.setSamplingInterval', { interval: everyMicros }).catch(ignoreClosed);
    this.#send('Profiler.start').catch(ignoreClosed);
    this.#send('Profiler.startPreciseCoverage', { callCount: true }).catch(ignoreClosed);
    await this.#send('Profiler.stopPreciseCoverage');
  }

  /**
   * True when the macro's stack has room for what V8 does to tell a profile: a function of its own for each of 255 levels,
   * on the very stack it interrupts, where isolated-vm leaves 24 KB beyond what a macro may use. Without that the process
   * dies. Calls nothing of the macro's.
   */
  async hasRoom(): Promise<boolean> {
    // Whoever asks meanwhile gets the same answer: of two, the first to come would let others into the second.
    this.#room ??= this.#evaluate(ROOM, { isNudged: true }).finally(() => {
      this.#room = null;
    });
    return (await this.#room) === true;
  }

  /** What was noted since {@link startCpuProfile}, as Chrome's `Profiler.Profile`; of a stopped macro too. */
  async stopCpuProfile(): Promise<unknown> {
    return (await this.#nudged('Profiler.stop')).profile;
  }

  /** Begins to note which allocations are still held, one for every so many bytes. */
  startHeapSampling(everyBytes: number): void {
    const params = { samplingInterval: everyBytes };
    this.#send('HeapProfiler.startSampling', params).catch(ignoreClosed);
  }

  /** What is held of what was allocated since, as Chrome's `SamplingHeapProfile`; of a stopped macro too. */
  async heapSampling(): Promise<unknown> {
    return (await this.#nudged('HeapProfiler.getSamplingProfile')).profile;
  }

  /** Hands out the heap as Chrome's heap snapshot, in parts of some 100 KB; resolves after the last. */
  async takeHeapSnapshot(onChunk: (chunk: string) => void): Promise<void> {
    this.#onChunk = onChunk;
    try {
      await this.#nudged('HeapProfiler.takeHeapSnapshot', { reportProgress: false });
    } finally {
      this.#onChunk = null;
    }
  }

  /**
   * Has V8 ready for a stop that is near: to switch its debugger on, it walks the whole heap, some ms in one full of garbage.
   * Nothing stops the macro by that, its own `debugger` neither. Not for one that is deep in a recursion: while the debugger
   * is on, each throw walks the whole stack.
   */
  prepareStop(): void {
    if (this.#isPrepared || this.paused) return;
    this.#isPrepared = true;
    this.#send('Debugger.setSkipAllPauses', { skip: true }).catch(ignoreClosed);
    this.#send('Debugger.enable').catch(ignoreClosed);
  }

  /** The stop is not near any more. */
  unprepareStop(): void {
    if (!this.#isPrepared) return;
    this.#isPrepared = false;
    this.#send('Debugger.disable').catch(ignoreClosed);
  }

  /** Switches V8's debugger on, so that a stop can be asked for. */
  #enableStops(): void {
    if (this.#isPrepared) {
      this.#isPrepared = false;
      this.#send('Debugger.setSkipAllPauses', { skip: false }).catch(ignoreClosed);
    }
    this.#send('Debugger.enable').catch(ignoreClosed);
  }

  /** Stops the macro where it is and gives its frames, top first; resolves only once it has stopped. */
  async pause(): Promise<readonly CallFrame[]> {
    if (this.paused) return this.pausedFrames;
    const frames = new Promise<readonly CallFrame[]>((resolve) => {
      this.#onPaused = resolve;
    });
    // Not awaited one by one: the answers and the stop arrive in whatever order the macro allows.
    this.#enableStops();
    this.#send('Debugger.pause').catch(ignoreClosed);
    return frames;
  }

  /**
   * Like {@link pause}, for one that is not to go on: `deep` where its stack is too deep for that, `elsewhere` where the moment
   * was none to stop it at, `shallow` where that is so and {@link pause} will do. Asks the macro's own `Error` where it is, so
   * anything can come of it.
   */
  async stopHere(stoppable: Stoppable): Promise<readonly CallFrame[] | NotHere> {
    const stopped = new Promise<readonly CallFrame[]>((resolve) => {
      this.#onPaused = resolve;
    });
    const here = this.#evaluate(stopHere(stoppable), { mayStop: true })
      .catch(ignoreClosed)
      .then((answer) => {
        this.#here = null;
        if (answer === TOO_DEEP) return 'deep';
        return answer === SHALLOW ? 'shallow' : 'elsewhere';
      });
    this.#here = here;
    return Promise.race([stopped, here]);
  }

  /**
   * For a macro that is asleep: arranges that it stops at the next thing it does, by a breakpoint at every place of its
   * file. (A pause that is asked for while nothing runs stops in whatever wakes the macro, or is forgotten there.) Resolves
   * once that is arranged; `stopped` gives its frames then, top first.
   */
  async breakIn(file: string): Promise<{ stopped: Promise<readonly CallFrame[]> }> {
    const stopped = new Promise<readonly CallFrame[]>((resolve) => {
      this.#onPaused = resolve;
    });
    // A stop that was asked for in vain would come in whatever wakes the macro.
    this.#isPrepared = false;
    this.#send('Debugger.disable').catch(ignoreClosed);
    await this.#send('Debugger.enable');
    const [scriptId] = [...this.#urls].find(([, url]) => url === file) ?? [];
    if (scriptId === undefined) throw new Error('the file is not there');
    const { locations } = await this.#send('Debugger.getPossibleBreakpoints', {
      start: { scriptId, lineNumber: 0 },
    });
    const places = (locations as object[]).slice(0, BREAKPOINTS_MAX);
    await Promise.all(places.map((location) => this.#send('Debugger.setBreakpoint', { location })));
    return { stopped };
  }

  /**
   * The macro's stack as text, taken without stopping it: for one that cannot be stopped. Its own `Error` makes that
   * text, so anything can come of it; at most 12,000 characters.
   */
  async stackText(): Promise<string> {
    const text = await this.#evaluate(STACK_TEXT);
    return typeof text === 'string' ? text : '';
  }

  /**
   * Asks once more for the stop that {@link pause} waits for: V8 drops one that falls into a built-in, and one that is told
   * while the debugger is still being enabled lies there until something else is. It does no harm to one that is stopped.
   * @throws {Error} that the session is closed
   */
  async pauseAgain(): Promise<void> {
    await this.#send('Debugger.pause');
  }

  /**
   * Lets a stopped macro go on to its next statement, and gives its frames there, top first. Resolves only once it is there:
   * never where a built-in that it calls on the way never returns.
   */
  async step(): Promise<readonly CallFrame[]> {
    const frames = new Promise<readonly CallFrame[]>((resolve) => {
      this.#onPaused = resolve;
    });
    this.paused = false;
    this.#send(this.#here ? 'Debugger.stepOut' : 'Debugger.stepOver').catch(ignoreClosed);
    return frames;
  }

  /** Lets a stopped macro go on. */
  resume(): void {
    this.paused = false;
    this.#isResuming = true;
    this.#nudged('Debugger.resume')
      .catch(ignoreClosed)
      .then(() => {
        this.#isResuming = false;
      })
      .catch(ignoreClosed);
    this.#send('Debugger.disable').catch(ignoreClosed);
  }

  /**
   * Ends what is being executed; if the macro is stopped, lets it run into that end. What Corral asked for beside it is
   * executed above it, and is ended before it: to be called until nothing is left.
   */
  terminate(): void {
    this.terminated = true;
    // Held inside of `stopHere`, the macro would go on once that is ended; so that returns first.
    if (!this.paused || !this.#here) this.#send('Runtime.terminateExecution').catch(ignoreClosed);
    if (this.paused) this.resume();
  }

  /** The own properties of an object of a stopped frame. */
  async properties(objectId: string): Promise<readonly RemoteProperty[]> {
    const { result } = await this.#nudged('Runtime.getProperties', {
      objectId,
      ownProperties: true,
    });
    return (result as RemoteProperty[] | undefined) ?? [];
  }

  /** The first few properties of a plain object; for a Map or Set V8 would copy all it holds. */
  async preview(objectId: string): Promise<ObjectPreview | undefined> {
    const { result } = await this.#nudged('Runtime.callFunctionOn', {
      objectId,
      functionDeclaration: 'function () { return this; }',
      generatePreview: true,
      silent: true,
    });
    return (result as { preview?: ObjectPreview } | undefined)?.preview;
  }

  /** The file name a frame's script was compiled with. */
  url(frame: CallFrame): string {
    return this.#urls.get(frame.location.scriptId) ?? frame.url;
  }

  /** Sends what may meet a macro that is just stopping: then it would lie there until the next request. */
  async #nudged(
    method: string,
    params: Record<string, unknown> = {},
  ): Promise<Record<string, unknown>> {
    const asked = this.#send(method, params);
    const nudge = setInterval(() => {
      if (this.paused || this.#isResuming)
        this.#send('Runtime.getHeapUsage').catch(() => clearInterval(nudge));
    }, NUDGE_MS);
    return asked.finally(() => clearInterval(nudge));
  }

  /**
   * A stop that is asked for beside it must not come in it: below it a function may be that was only just entered. It does not
   * come in what {@link hasRoom} asked for, whose calls would be taken for the macro's.
   */
  async #evaluate(
    expression: string,
    { mayStop = false, isNudged = false } = {},
  ): Promise<unknown> {
    const contextId = await this.#macroContext.promise;
    if (expression !== ROOM) await this.#room?.catch(ignoreClosed);
    // In the same breath: while the debugger is on, each throw of the macro's walks its whole stack before it can be asked.
    if (mayStop) this.#enableStops();
    const params = {
      expression,
      contextId,
      returnByValue: true,
      silent: true,
      disableBreaks: !mayStop,
    };
    const { result } = isNudged
      ? await this.#nudged('Runtime.evaluate', params)
      : await this.#send('Runtime.evaluate', params);
    return (result as { value?: unknown } | undefined)?.value;
  }

  #send(method: string, params: Record<string, unknown> = {}): Promise<Record<string, unknown>> {
    return this.session.send(method, params);
  }

  #take(method: string, params: Record<string, unknown>): void {
    if (method === 'Debugger.scriptParsed') {
      this.#urls.set(String(params.scriptId), String(params.url));
    } else if (method === 'Runtime.executionContextCreated') {
      const { id, name } = params.context as { readonly id: number; readonly name: string };
      if (name === MACRO_CONTEXT) this.#macroContext.resolve(id);
      if (name === EMPTY_CONTEXT) this.#emptyContext.resolve(id);
    } else if (method === 'Debugger.paused') {
      this.paused = true;
      this.pausedFrames = (params.callFrames as CallFrame[] | undefined) ?? [];
      this.#onPaused?.(this.pausedFrames);
      this.#onPaused = null;
    } else if (method === 'HeapProfiler.addHeapSnapshotChunk') {
      this.#onChunk?.(String(params.chunk));
    } else if (method === 'Debugger.resumed') {
      this.paused = false;
    }
  }
}
