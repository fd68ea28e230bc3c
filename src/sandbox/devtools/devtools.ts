// Owns what a debugger outside and one macro say to each other, and when the one holds the other.

import { DEBUG_MESSAGE_CHARS_MAX } from '../../model/debugging.ts';
import { BRIDGE_FILE } from '../bridge/bridge.ts';
import type { MacroIsolate } from '../isolate.ts';
import { ignoreClosed, type Session } from '../session.ts';
import { AuthorView, type Debugged } from './author-view.ts';
import { NextStop } from './next-stop.ts';
import { INVALID_REQUEST, type Params, readRequest, refusalOf, SERVER_ERROR } from './request.ts';

/** What {@link Devtools} tells its run. */
export interface DevtoolsEvents {
  /** Something for the debugger: JSON text. */
  tell(message: string): void;
  /** The debugger is ready, or has gone: the macro may begin. */
  begin(): void;
  /** The macro is held at a breakpoint or a step, or no longer. */
  held(isHeld: boolean): void;
  /** What would wake the macro is to be kept, or no longer. */
  keep(isKept: boolean): void;
}

/** A stopped or idle isolate may leave a request lying; this often (ms) something else wakes it. */
const NUDGE_MS = 10;
/** How a context is named where one may be; isolated-vm has no default one. */
const CONTEXT_PARAMETER: ReadonlyMap<string, string> = new Map([
  ['Runtime.evaluate', 'contextId'],
  ['Runtime.callFunctionOn', 'executionContextId'],
  ['Runtime.compileScript', 'executionContextId'],
  ['Runtime.runScript', 'executionContextId'],
  ['Runtime.globalLexicalScopeNames', 'executionContextId'],
]);
const STEPS = new Set(['Debugger.stepOver', 'Debugger.stepInto', 'Debugger.stepOut']);

/** One macro and its debugger. */
export class Devtools {
  readonly #isolate: MacroIsolate;
  readonly #debugged: Debugged;
  readonly #events: DevtoolsEvents;
  readonly #session: Session;
  readonly #view: AuthorView;
  readonly #next = new NextStop((method, params) => this.#ask(method, params));
  /** Of the macro's context; known by the time that it runs. */
  #contextId = 0;
  #firstStop: string | null = null;
  /** A step or a pause that was asked for and has not come to its stop. */
  isStopWanted = false;
  #nudge: NodeJS.Timeout | null = null;
  #unanswered = 0;
  #over = false;
  /** True until the macro may begin. */
  waiting = true;
  /** True while the debugger holds the macro. */
  held = false;

  constructor(isolate: MacroIsolate, debugged: Debugged, events: DevtoolsEvents) {
    this.#isolate = isolate;
    this.#debugged = debugged;
    this.#events = events;
    this.#view = new AuthorView(debugged);
    this.#session = isolate.openSession((method, params) => this.#notified(method, params));
    isolate.inspector.macroContext
      .then((id) => {
        this.#contextId = id;
      })
      .catch(ignoreClosed);
  }

  /** Takes what the debugger says: any text. */
  take(text: string): void {
    const { id, method, params } = readRequest(text);
    if (id === null || method === null) {
      this.#refuse(id, INVALID_REQUEST, 'a request is an object with a number `id` and a `method`');
      return;
    }
    const refusal = refusalOf(method);
    if (refusal) this.#refuse(id, ...refusal);
    else this.#carryOut(id, method, params).catch(ignoreClosed);
  }

  /** What the macro logs, for the debugger's console. */
  log(level: string, text: string): void {
    const type = level === 'warn' ? 'warning' : level;
    const args = [{ type: 'string', value: text }];
    const params = { type, args, executionContextId: this.#contextId, timestamp: Date.now() };
    this.#tell({ method: 'Runtime.consoleAPICalled', params });
  }

  /** The macro does nothing: a stop that was asked for comes at what it does next. */
  idle(): void {
    if (!this.isStopWanted || this.held || this.#over) return;
    this.#stopNext().catch(ignoreClosed);
  }

  /** Lets a held macro go on; its breakpoints stay. */
  letGo(): void {
    this.#wantStop(false);
    if (this.held) this.#ask('Debugger.resume').catch(ignoreClosed);
  }

  /** The debugger has gone, or the run is over: nothing holds the macro any more, and nobody hears of it. */
  end(): void {
    if (this.#over) return;
    this.#over = true;
    this.letGo();
    this.#ask('Debugger.disable').catch(ignoreClosed);
    this.#setHeld(false);
  }

  /** Lets the macro begin, to be held at its first line if the debugger listens for that. */
  async begin(): Promise<void> {
    if (!this.waiting) return;
    this.waiting = false;
    const first = { url: this.#debugged.file, lineNumber: 0, columnNumber: 0 };
    const stop = await this.#ask('Debugger.setBreakpointByUrl', first).catch(() => null);
    this.#firstStop = stop === null ? null : String(stop.breakpointId);
    this.#events.begin();
  }

  async #carryOut(id: number, method: string, params: Params): Promise<void> {
    if (STEPS.has(method) || method === 'Debugger.pause') this.#wantStop(true);
    if (method === 'Debugger.resume') this.#wantStop(false);
    try {
      const result = this.#ownAnswer(method, params) ?? (await this.#forward(method, params));
      this.#tell({ id, result }, id);
    } catch (error) {
      this.#refuse(id, SERVER_ERROR, error instanceof Error ? error.message : String(error));
    }
    if (method === 'Debugger.enable') await this.#hideBridge([]);
    if (method === 'Debugger.pause' && !this.#isolate.busy) this.idle();
    if (method === 'Runtime.runIfWaitingForDebugger') await this.begin();
  }

  /** What V8 would answer with our wrapper around the macro. */
  #ownAnswer(method: string, { scriptId }: Params): Params | null {
    const isOwn = method === 'Debugger.getScriptSource' && scriptId === this.#view.scriptId;
    return isOwn ? { scriptSource: this.#debugged.source } : null;
  }

  async #forward(method: string, params: Params): Promise<Params> {
    if (method === 'Debugger.setBlackboxPatterns')
      return this.#hideBridge(Array.isArray(params.patterns) ? params.patterns : []);
    const context = CONTEXT_PARAMETER.get(method);
    const isNamed = context === undefined || 'uniqueContextId' in params || 'objectId' in params;
    if (isNamed) return this.#ask(method, params);
    return this.#ask(method, { [context]: await this.#isolate.inspector.macroContext, ...params });
  }

  /** Steps go past the bridge, not through it. */
  #hideBridge(patterns: readonly unknown[]): Promise<Params> {
    const all = [...patterns, `^${BRIDGE_FILE}$`];
    return this.#ask('Debugger.setBlackboxPatterns', { patterns: all });
  }

  #notified(method: string, params: Params): void {
    if (method === 'Debugger.paused') this.#setHeld(true);
    if (method === 'Debugger.paused') this.#wantStop(false);
    if (method === 'Debugger.resumed') this.#setHeld(false);
    const shown = this.#view.of(method, params);
    if (shown)
      this.#tell({ method, params: method === 'Debugger.paused' ? this.#stop(shown) : shown });
  }

  /** A stop at a breakpoint of ours is nobody's breakpoint. */
  #stop(params: Params): Params {
    const hits = Array.isArray(params.hitBreakpoints) ? params.hitBreakpoints : [];
    const first = this.#firstStop;
    const isFirst = first !== null && hits.includes(first);
    const isStep = hits.some((hit) => this.#next.has(hit));
    const hitBreakpoints = hits.filter((hit) => hit !== first && !this.#next.has(hit));
    this.#next.disarm();
    if (!isFirst) return { ...params, ...(isStep && { reason: 'step' }), hitBreakpoints };
    this.#firstStop = null;
    this.#ask('Debugger.removeBreakpoint', { breakpointId: first }).catch(ignoreClosed);
    return { ...params, hitBreakpoints, reason: 'Break on start' };
  }

  async #stopNext(): Promise<void> {
    this.#events.keep(true);
    try {
      if (this.#view.scriptId !== null) await this.#next.arm(this.#view.scriptId);
    } finally {
      this.#events.keep(false);
    }
  }

  #wantStop(isWanted: boolean): void {
    // Until it is known whether the step ends before the macro does nothing: what wakes it must find the stop set.
    if (isWanted !== this.isStopWanted) this.#events.keep(isWanted);
    this.isStopWanted = isWanted;
    if (!isWanted && !this.held) this.#next.disarm();
  }

  #setHeld(isHeld: boolean): void {
    if (this.held === isHeld) return;
    this.held = isHeld;
    this.#events.held(isHeld);
  }

  async #ask(method: string, params: Params = {}): Promise<Params> {
    if (this.#isolate.gone) throw new Error('the macro is gone');
    this.#unanswered += 1;
    this.#nudge ??= setInterval(() => this.#wake(), NUDGE_MS);
    try {
      return await this.#session.send(method, params);
    } finally {
      this.#unanswered -= 1;
      if (this.#unanswered === 0) this.#rest();
    }
  }

  #wake(): void {
    if (this.#isolate.gone) this.#rest();
    else if (this.#isolate.busy) this.#session.send('Runtime.getHeapUsage').catch(ignoreClosed);
    else this.#isolate.poke().catch(ignoreClosed);
  }

  #rest(): void {
    if (this.#nudge) clearInterval(this.#nudge);
    this.#nudge = null;
  }

  #refuse(id: number | null, code: number, message: string): void {
    this.#tell({ id, error: { code, message } });
  }

  #tell(message: Params, id: number | null = null): void {
    if (this.#over) return;
    const text = JSON.stringify(message);
    if (text.length <= DEBUG_MESSAGE_CHARS_MAX) this.#events.tell(text);
    else if (id !== null) this.#refuse(id, SERVER_ERROR, 'the answer is larger than 8 MB');
  }
}
