// Owns one isolate from its making to its disposal, and the one order in which that disposal does not crash.

import { setTimeout } from 'node:timers/promises';
import ivm from 'isolated-vm';
import { BRIDGE_FILE, bridgeSource } from './bridge/bridge.ts';
import type { BridgeDelivery } from './bridge/receive.ts';
import type { BridgeConfig } from './bridge/world.ts';
import { macroThreadsCpuMs } from './cpu-clock.ts';
import type { Stoppable } from './expressions.ts';
import { type CallFrame, Inspector } from './inspector.ts';
import { type OnNotification, Session } from './session.ts';

const MB = 1024 * 1024;
/**
 * Room above the kill limit, so that the sampler sees the limit passed and can still ask where, before V8 ends the
 * isolate with no answer.
 */
const HEAP_HEADROOM_BYTES = 48 * MB;

/** What an isolate tells its owner; every argument comes from the macro's side and is untrusted. */
export interface IsolateListener {
  post(kind: string, args: readonly unknown[]): void;
  /** JSON of what is left of each limit. */
  budget(): string;
}

/** How a macro is compiled. */
export interface MacroCode {
  readonly code: string;
  readonly form: 'body' | 'module';
  /** Shown in stacks. */
  readonly file: string;
  /** Offsets into the code at which a debugger must not stop it; null where they are not known. */
  readonly keepingEntries: readonly number[] | null;
}

/** How long a request may lie before code is run to have it served (ms), and that code: a loop checks for interrupts. */
const POKE_MS = 10;
const POKE = 'for (let i = 0; i < 2; i++);';
const STOP_LOOK_MS = 10;
/** How often a macro that is just entering some function, or is in the bridge, is asked anew. */
const STOP_TRIES = 3;
/** How long a burst that was ended may go on before it is ended again: V8 drops an end that falls into a built-in (ms). */
const END_AGAIN_MS = 10;

/** A longer text is compiled in the isolate's own thread, so that this one stays able to watch the others. */
const COMPILE_HERE_CHARS = 64 * 1024;

const PREFIX = '$corralStart(async function () {';
const SUFFIX = '\n})';

/** Evaluated before the macro's module, so that this finds no `$corralStart` when its top level runs. */
const START_MODULE = 'export const start = $corralStart; delete globalThis.$corralStart;';
const ENTRY_MODULE = `import { start } from 'start'; import * as macro from 'macro'; start(async (world) => {
  if (typeof macro.default !== 'function') throw new TypeError('the module has no "export default async (macro) => …"');
  return await macro.default(world);
});`;

const BRIDGE_SOURCE = `((post, budget, cell) => ${bridgeSource()}(post, budget, new Int32Array(cell)))`;
/** V8's code for the bridge, made by the first isolate: compiling it anew would take most of an isolate's preparation. */
let bridgeCode: ivm.ExternalCopy<ArrayBuffer> | null = null;

function compileBridge(isolate: ivm.Isolate): ivm.Script {
  const options = { filename: BRIDGE_FILE };
  if (bridgeCode) {
    return isolate.compileScriptSync(BRIDGE_SOURCE, { ...options, cachedData: bridgeCode });
  }
  const script = isolate.compileScriptSync(BRIDGE_SOURCE, { ...options, produceCachedData: true });
  // Typed for the asynchronous call only, but there after this one too.
  const { cachedData } = script as { cachedData?: ivm.ExternalCopy<ArrayBuffer> };
  bridgeCode = cachedData ?? null;
  return script;
}

/** A prepared isolate: context, inspector and bridge are ready, the macro is not there yet. */
export class MacroIsolate {
  readonly isolate: ivm.Isolate;
  readonly inspector: Inspector;
  /** The most the kill limit may be for this isolate (bytes). */
  readonly heapBytesMax: number;
  readonly #sessions: Session[];
  readonly #context: ivm.Context;
  readonly #cell: Int32Array;
  #listener: IsolateListener | null = null;
  #configure: ivm.Reference;
  #deliver: ivm.Reference;
  /** Calls into the isolate that have not returned: above 0, the macro is (or will be) using CPU. */
  #entered = 0;
  #onIdle: (() => void) | null = null;
  #onBusy: (() => void) | null = null;
  #whenIdle: (() => void)[] = [];
  #lost = false;
  #stoppable: Stoppable | null = null;

  /**
   * Makes an isolate ready for a macro that may hold `heapBytes`.
   * @param onCatastrophe told when V8 gives up on the whole isolate: the process must then be killed from outside.
   */
  constructor(heapBytes: number, onCatastrophe: () => void) {
    this.heapBytesMax = heapBytes;
    const memoryLimit = Math.ceil((heapBytes + HEAP_HEADROOM_BYTES) / MB);
    this.isolate = new ivm.Isolate({
      memoryLimit,
      inspector: true,
      onCatastrophicError: () => {
        this.#lost = true;
        onCatastrophe();
      },
    });
    this.#context = this.isolate.createContextSync({ inspector: true });
    this.inspector = new Inspector(this.isolate);
    this.#sessions = [this.inspector.session];
    const shared = new SharedArrayBuffer(4);
    this.#cell = new Int32Array(shared);
    this.#cell[0] = -1;
    const ends = this.#installBridge(shared);
    this.#configure = ends.getSync('configure', { reference: true });
    this.#deliver = ends.getSync('deliver', { reference: true });
  }

  #installBridge(shared: SharedArrayBuffer): ivm.Reference<Record<string, unknown>> {
    const post = new ivm.Callback(
      (kind: unknown, ...args: unknown[]) => this.#listener?.post(String(kind), args),
      { ignored: true },
    );
    const budget = new ivm.Callback(() => this.#listener?.budget() ?? '{}');
    const install = compileBridge(this.isolate).runSync(this.#context, {
      reference: true,
    }) as ivm.Reference;
    const cell = new ivm.ExternalCopy(shared).copyInto();
    return install.applySync(undefined, [post, budget, cell], {
      result: { reference: true },
    }) as ivm.Reference<Record<string, unknown>>;
  }

  /** True once the isolate is gone: V8 hit its memory limit, or gave up on it and its thread never returns. */
  get gone(): boolean {
    return this.#lost || this.isolate.isDisposed;
  }

  /** True while code of the macro runs or is about to. */
  get busy(): boolean {
    return this.#entered > 0;
  }

  /** The last risky operation the macro began, -1 for none. Written by the macro's side: any number. */
  get beacon(): number {
    return this.#cell[0] ?? -1;
  }

  /** Hands out what happens: messages of the macro, and each change between busy and idle. */
  listen(listener: IsolateListener, onBusy: () => void, onIdle: () => void): void {
    this.#listener = listener;
    this.#onBusy = onBusy;
    this.#onIdle = onIdle;
  }

  /**
   * Starts the macro. Resolves when its first burst is over; its end comes by `post('done' | 'fault')`.
   * @throws when the code does not compile or a module imports.
   */
  async start(macro: MacroCode, config: BridgeConfig): Promise<void> {
    this.#stoppable = toStoppable(macro);
    await this.#enter(async () => {
      // Our own code and the compiler run here, in this thread: each hop to the isolate's thread and back costs more
      // than they do. The macro itself never runs in this thread.
      this.#configure.applySync(undefined, [JSON.stringify(config)]);
      if (macro.form === 'module') return this.#startModule(macro);
      const code = PREFIX + macro.code + SUFFIX;
      const options = { filename: macro.file, columnOffset: -PREFIX.length };
      const script =
        code.length < COMPILE_HERE_CHARS
          ? this.isolate.compileScriptSync(code, options)
          : await this.isolate.compileScript(code, options);
      await script.run(this.#context);
    });
  }

  async #startModule(macro: MacroCode): Promise<void> {
    const module = await this.isolate.compileModule(macro.code, { filename: macro.file });
    if (module.dependencySpecifiers.length > 0) throw new Error('a macro cannot import anything');
    const start = await this.isolate.compileModule(START_MODULE, { filename: BRIDGE_FILE });
    const entry = await this.isolate.compileModule(ENTRY_MODULE, { filename: BRIDGE_FILE });
    await entry.instantiate(this.#context, (name) => (name === 'macro' ? module : start));
    await entry.evaluate();
  }

  /** Delivers an answer; resolves when the burst it wakes is over. */
  async deliver(delivery: BridgeDelivery): Promise<void> {
    await this.#enter(() => this.#deliver.apply(undefined, [JSON.stringify(delivery)]));
  }

  /**
   * Holds the macro where it is and gives its frames, top first; none when its burst ends before it can be held.
   * Resolves only once a built-in it is inside returns; never at the very edge of the stack, where there is no room.
   */
  async hold(): Promise<readonly CallFrame[]> {
    if (!this.busy || this.gone) return [];
    const again = setInterval(() => {
      this.inspector.pauseAgain().catch(() => clearInterval(again));
    }, POKE_MS);
    try {
      return (await Promise.race([this.inspector.pause(), this.idle()])) ?? [];
    } finally {
      clearInterval(again);
    }
  }

  /**
   * Like {@link hold}, for a macro that is not to go on: what cannot be held soon is ended, and then has no frames; what is
   * too deep in its stack to be held has none either, and goes on.
   * @param cpuMs the CPU it may use until then
   */
  async stop(cpuMs: number): Promise<readonly CallFrame[]> {
    if (!this.busy || this.gone) return [];
    const from = macroThreadsCpuMs();
    // At the very edge of the stack the debugger has no room to stop a macro; ending it needs none.
    const timer = setInterval(() => {
      if (macroThreadsCpuMs() - from > cpuMs) this.inspector.terminate();
    }, STOP_LOOK_MS);
    try {
      return (await this.#stopHere()) ?? (await this.hold());
    } finally {
      clearInterval(timer);
    }
  }

  /** Null where it is better held: it never was at a place to stop at, and not deep. */
  async #stopHere(): Promise<readonly CallFrame[] | null> {
    const stoppable = this.#stoppable;
    for (let tries = 0; stoppable && tries < STOP_TRIES; tries++) {
      const stopped = await Promise.race([this.inspector.stopHere(stoppable), this.idle()]);
      if (stopped === null || stopped === 'deep') return [];
      if (stopped === 'shallow') break;
      if (stopped !== 'elsewhere') return stopped;
    }
    return null;
  }

  /** Ends its burst; resolves once that is over, which it never is inside one built-in. */
  async end(): Promise<void> {
    while (this.busy && !this.gone) {
      this.inspector.terminate();
      await Promise.race([this.idle(), setTimeout(END_AGAIN_MS)]);
    }
  }

  /** Resolves when its burst is over. */
  idle(): Promise<null> {
    return new Promise((resolve) => {
      this.#whenIdle.push(() => resolve(null));
    });
  }

  /** Counts the burst, and swallows the one error that is expected: the isolate's own end, told by `gone`. */
  async #enter(work: () => Promise<unknown>): Promise<void> {
    this.#entered += 1;
    if (this.#entered === 1) this.#onBusy?.();
    try {
      await work();
    } finally {
      this.#entered -= 1;
      if (this.#entered === 0) {
        for (const tell of this.#whenIdle.splice(0)) tell();
        this.#onIdle?.();
      }
    }
  }

  /** V8's own heap statistics, only for an isolate that is not busy; null once it is gone. */
  heapStatistics(): Record<string, number> | null {
    if (this.gone || this.busy) return null;
    return this.#askSync() ?? this.#askSync();
  }

  /**
   * Asks the isolate something. One that was ended in mid-burst may have rejections that nobody handled: whatever is asked next
   * throws the first of them, which is the macro's own error and nobody's here; then this is null, and they are forgotten.
   */
  #askSync(): Record<string, number> | null {
    try {
      return { ...this.isolate.getHeapStatisticsSync() } as Record<string, number>;
    } catch {
      return null;
    }
  }

  /**
   * Resolves once nothing runs in the isolate and no inspector request is in flight: only then may it be {@link dispose}d
   * of. With one in flight that crashes the process now and then ("pure virtual method called", 1 run in 700).
   */
  async quiet(): Promise<void> {
    for (;;) {
      if (this.gone) return;
      if (this.busy) {
        await this.idle();
        continue;
      }
      const asked = this.#sessions.find(({ inFlight }) => inFlight > 0);
      if (!asked) return;
      await Promise.race([asked.nextAnswer(), setTimeout(POKE_MS)]);
      if (asked.inFlight > 0) await this.poke();
    }
  }

  /**
   * Has requests served that arrived just as a burst ended: they are left lying (1 run in 3,000) until code runs again. One to
   * end what runs may be among them; then that is this, and fails with null. It fails too with what the macro rejected and
   * nobody handled.
   */
  async poke(): Promise<void> {
    if (this.busy || this.gone) return;
    await this.#enter(() => this.#context.eval(POKE, { filename: BRIDGE_FILE })).catch(
      () => undefined,
    );
  }

  /** Opens another session beside our own, for somebody outside; it ends with the isolate. */
  openSession(onNotification: OnNotification): Session {
    const session = new Session(this.isolate, onNotification);
    this.#sessions.push(session);
    return session;
  }

  /**
   * Gets rid of the isolate, once it is {@link quiet}; a busy one is terminated first, or its process killed.
   * The order is measured: session, then one synchronous call, then the isolate; any other crashes now and then.
   */
  dispose(): void {
    this.#listener = null;
    if (this.gone) {
      for (const session of this.#sessions) session.abandon();
      return;
    }
    for (const session of this.#sessions) session.close();
    this.#askSync();
    this.isolate.dispose();
  }
}

function toStoppable({ file, form, keepingEntries }: MacroCode): Stoppable | null {
  if (keepingEntries === null) return null;
  const shift = form === 'body' ? PREFIX.length : 0;
  // The wrapper around the macro is a function too.
  const own = form === 'body' ? Array.from({ length: PREFIX.length }, (_, at) => at) : [];
  return { file, except: [...own, ...keepingEntries.map((offset) => offset + shift)] };
}
