// Owns what a debugger outside says to one macro and hears of it: the macro as its author wrote it, nothing of the bridge.

import { DEBUG_MESSAGE_CHARS_MAX } from '../model/debugging.ts';
import { BRIDGE_FILE, type MacroIsolate } from './isolate.ts';
import { ignoreClosed, type Session } from './session.ts';

/** What {@link Devtools} tells its run. */
export interface DevtoolsEvents {
  /** Something for the debugger: JSON text. */
  tell(message: string): void;
  /** The debugger is ready, or has gone: the macro may begin. */
  begin(): void;
  /** The macro is held at a breakpoint or a step, or no longer. */
  held(isHeld: boolean): void;
}

/** Which macro is debugged. */
export interface Debugged {
  /** The name its script is compiled with. */
  readonly file: string;
  /** The text its author wrote; places in it are those of the code that runs. */
  readonly source: string;
}

type Params = Record<string, unknown>;

interface Frame {
  readonly url?: unknown;
  readonly scriptId?: unknown;
  readonly location?: { readonly scriptId?: unknown };
}

/** What concerns one isolate; V8 knows no others either. */
const DOMAINS = new Set(['Runtime', 'Debugger', 'Profiler', 'HeapProfiler', 'Console', 'Schema']);
/** The context the macro runs in; the isolate's other one is empty. */
const CONTEXT = 1;
/** A stopped or idle isolate may leave a request lying; this often (ms) something else wakes it. */
const NUDGE_MS = 10;
const BRIDGE_PATTERN = `^${BRIDGE_FILE}$`;

const METHOD_NOT_FOUND = -32_601;
const INVALID_REQUEST = -32_600;
const SERVER_ERROR = -32_000;

/** One macro and its debugger. */
export class Devtools {
  readonly #isolate: MacroIsolate;
  readonly #debugged: Debugged;
  readonly #events: DevtoolsEvents;
  readonly #session: Session;
  /** Scripts that are not the macro's own. */
  readonly #hidden = new Set<string>();
  #scriptId: string | null = null;
  #firstStop: string | null = null;
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
    this.#session = isolate.openSession((method, params) => this.#notified(method, params));
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
    this.#tell({
      method: 'Runtime.consoleAPICalled',
      params: {
        type,
        args: [{ type: 'string', value: text }],
        executionContextId: CONTEXT,
        timestamp: Date.now(),
      },
    });
  }

  /** Lets a held macro go on; its breakpoints stay. */
  letGo(): void {
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

  async #carryOut(id: number, method: string, params: Params): Promise<void> {
    try {
      const result = this.#ownAnswer(method, params) ?? (await this.#forward(method, params));
      this.#tell({ id, result }, id);
    } catch (error) {
      this.#refuse(id, SERVER_ERROR, error instanceof Error ? error.message : String(error));
    }
    if (method === 'Debugger.enable') await this.#hideBridge([]);
    if (method === 'Runtime.runIfWaitingForDebugger') await this.begin();
  }

  /** Lets the macro begin, to be held at its first line if the debugger listens for that. */
  async begin(): Promise<void> {
    if (!this.waiting) return;
    this.waiting = false;
    const { file: url } = this.#debugged;
    const first = { url, lineNumber: 0, columnNumber: 0 };
    const stop = await this.#ask('Debugger.setBreakpointByUrl', first).catch(() => null);
    this.#firstStop = stop === null ? null : String(stop.breakpointId);
    this.#events.begin();
  }

  #forward(method: string, params: Params): Promise<Params> {
    if (method !== 'Debugger.setBlackboxPatterns') return this.#ask(method, params);
    return this.#hideBridge(Array.isArray(params.patterns) ? params.patterns : []);
  }

  /** Steps go past the bridge, not through it. */
  #hideBridge(patterns: readonly unknown[]): Promise<Params> {
    return this.#ask('Debugger.setBlackboxPatterns', { patterns: [...patterns, BRIDGE_PATTERN] });
  }

  /** What V8 would answer with our wrapper around the macro. */
  #ownAnswer(method: string, params: Params): Params | null {
    const isSource = method === 'Debugger.getScriptSource' && params.scriptId === this.#scriptId;
    return isSource ? { scriptSource: this.#debugged.source } : null;
  }

  #notified(method: string, params: Params): void {
    switch (method) {
      case 'Debugger.scriptParsed':
      case 'Debugger.scriptFailedToParse':
        this.#parsed(method, params);
        return;
      case 'Runtime.executionContextCreated':
        this.#contextCreated(method, params);
        return;
      case 'Debugger.paused':
        this.#setHeld(true);
        this.#tell({ method, params: this.#paused(params) });
        return;
      case 'Debugger.resumed':
        this.#setHeld(false);
        break;
    }
    this.#tell({ method, params });
  }

  #parsed(method: string, params: Params): void {
    if (params.url === BRIDGE_FILE) {
      this.#hidden.add(String(params.scriptId));
      return;
    }
    if (params.url !== this.#debugged.file) {
      this.#tell({ method, params });
      return;
    }
    this.#scriptId = String(params.scriptId);
    const lines = this.#debugged.source.split('\n');
    const whole = {
      startLine: 0,
      startColumn: 0,
      endLine: lines.length - 1,
      endColumn: lines.at(-1)?.length ?? 0,
      length: this.#debugged.source.length,
    };
    this.#tell({ method, params: { ...params, ...whole } });
  }

  #contextCreated(method: string, params: Params): void {
    const context = params.context as Params | undefined;
    if (context?.id !== CONTEXT) return;
    const shown = { ...context, name: this.#debugged.file, auxData: { isDefault: true } };
    this.#tell({ method, params: { context: shown } });
  }

  /** A stop without the bridge's frames; the first one is nobody's breakpoint. */
  #paused(params: Params): Params {
    const hits = Array.isArray(params.hitBreakpoints) ? params.hitBreakpoints : [];
    const isFirst = this.#firstStop !== null && hits.includes(this.#firstStop);
    const shown = { ...params, ...this.#withoutBridge(params, 'callFrames') };
    if (params.asyncStackTrace) shown.asyncStackTrace = this.#asyncStack(params.asyncStackTrace);
    if (!isFirst) return shown;
    const breakpointId = this.#firstStop;
    this.#firstStop = null;
    this.#ask('Debugger.removeBreakpoint', { breakpointId }).catch(ignoreClosed);
    const others = hits.filter((hit) => hit !== breakpointId);
    return { ...shown, hitBreakpoints: others, reason: 'Break on start' };
  }

  #asyncStack(stack: unknown): unknown {
    const known = stack as Params;
    const shown = { ...known, ...this.#withoutBridge(known, 'callFrames') };
    return known.parent ? { ...shown, parent: this.#asyncStack(known.parent) } : shown;
  }

  #withoutBridge(params: Params, field: string): Params {
    const frames = (params[field] as readonly Frame[] | undefined) ?? [];
    const own = frames.filter(
      ({ location, scriptId }) => !this.#hidden.has(String(location?.scriptId ?? scriptId)),
    );
    // Held inside the bridge there is nothing else to show.
    return { [field]: own.length > 0 ? own : frames };
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
      if (this.#unanswered === 0 || this.#isolate.gone) this.#rest();
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

function readRequest(text: string): {
  readonly id: number | null;
  readonly method: string | null;
  readonly params: Params;
} {
  let request: Params | null;
  try {
    request = JSON.parse(text) as Params | null;
  } catch {
    request = null;
  }
  const isObject = typeof request === 'object' && request !== null;
  const { id, method, params } = isObject ? (request as Params) : {};
  return {
    id: Number.isSafeInteger(id) ? (id as number) : null,
    method: typeof method === 'string' ? method : null,
    params: typeof params === 'object' && params !== null ? (params as Params) : {},
  };
}

function refusalOf(method: string): [number, string] | null {
  const domain = method.split('.', 1)[0] ?? '';
  if (!DOMAINS.has(domain)) return [METHOD_NOT_FOUND, `'${method.slice(0, 100)}' wasn't found`];
  if (method === 'Debugger.setScriptSource')
    return [SERVER_ERROR, 'a macro runs as it was admitted: change its file and run it again'];
  return null;
}
