// Owns how a macro looks in a debugger: as its author wrote it, without the wrapper around it and without the bridge.

import { BRIDGE_FILE } from '../bridge/bridge.ts';
import { MACRO_CONTEXT } from '../inspector.ts';
import type { Params } from './request.ts';

/** Which macro is debugged. */
export interface Debugged {
  /** The name its script is compiled with. */
  readonly file: string;
  /** The text its author wrote; places in it are those of the code that runs. */
  readonly source: string;
}

/** 0-based, as V8 counts; left of column 0 is our wrapper around the macro. */
interface Place {
  readonly scriptId?: unknown;
  readonly lineNumber?: unknown;
  readonly columnNumber?: unknown;
}

interface Frame extends Place {
  readonly functionName?: unknown;
  readonly location?: Place;
  readonly functionLocation?: Place;
}

/** The view of one macro. */
export class AuthorView {
  readonly #debugged: Debugged;
  readonly #hidden = new Set<string>();
  #scriptId: string | null = null;

  constructor(debugged: Debugged) {
    this.#debugged = debugged;
  }

  /** The macro's script; null before it is there. */
  get scriptId(): string | null {
    return this.#scriptId;
  }

  /** What is told instead of a notification's parameters; null for what is not told at all. */
  of(method: string, params: Params): Params | null {
    switch (method) {
      case 'Debugger.scriptParsed':
      case 'Debugger.scriptFailedToParse':
        return this.#script(params);
      case 'Runtime.executionContextCreated':
        return this.#context(params);
      case 'Debugger.paused': {
        const stack = params.asyncStackTrace as Params | undefined;
        const shown = this.#ownFrames(params);
        return stack ? { ...shown, asyncStackTrace: this.#asyncStack(stack) } : shown;
      }
      default:
        return params;
    }
  }

  #script(params: Params): Params | null {
    if (params.url === BRIDGE_FILE) {
      this.#hidden.add(String(params.scriptId));
      return null;
    }
    const { file, source } = this.#debugged;
    if (params.url !== file) return params;
    this.#scriptId = String(params.scriptId);
    const lines = source.split('\n');
    return {
      ...params,
      startLine: 0,
      startColumn: 0,
      endLine: lines.length - 1,
      endColumn: lines.at(-1)?.length ?? 0,
      length: source.length,
    };
  }

  #context({ context }: Params): Params | null {
    const known = context as Params | undefined;
    // The isolate's other one is empty.
    if (known?.name !== MACRO_CONTEXT) return null;
    return { context: { ...known, name: this.#debugged.file, auxData: { isDefault: true } } };
  }

  #asyncStack(stack: Params): Params {
    const shown = this.#ownFrames(stack);
    const parent = stack.parent as Params | undefined;
    return parent ? { ...shown, parent: this.#asyncStack(parent) } : shown;
  }

  #ownFrames(params: Params): Params {
    const frames = (params.callFrames as readonly Frame[] | undefined) ?? [];
    const own = frames.filter((frame) => {
      const place = frame.location ?? frame;
      return !this.#hidden.has(String(place.scriptId)) && !isInWrapper(place);
    });
    // Held inside the bridge there is nothing else to show.
    return { ...params, callFrames: (own.length > 0 ? own : frames).map(asWritten) };
  }
}

function isInWrapper({ lineNumber, columnNumber }: Place): boolean {
  return lineNumber === 0 && Number(columnNumber) < 0;
}

/** The function around the macro is the macro itself, and begins where its text does. */
function asWritten(frame: Frame): Frame {
  const { functionLocation } = frame;
  if (!functionLocation || !isInWrapper(functionLocation)) return frame;
  return {
    ...frame,
    functionName: '(macro)',
    functionLocation: { ...functionLocation, columnNumber: 0 },
  };
}
