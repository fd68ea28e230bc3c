// Owns holding a macro at the next thing it does although it does nothing now. V8 forgets a step, or a wish to pause, as
// soon as the isolate's thread leaves it, which it does at every await: breakpoints everywhere do the same and stay.

import { ignoreClosed } from '../session.ts';
import type { Params } from './request.ts';

type Ask = (method: string, params?: Params) => Promise<Params>;

/** More places than this are not waited at. */
const PLACES_MAX = 2_000;

/** Breakpoints at every place of a macro, until one is met. */
export class NextStop {
  readonly #ask: Ask;
  #ids: string[] = [];
  #isArmed = false;

  constructor(ask: Ask) {
    this.#ask = ask;
  }

  /** Waits at every place of a script where the debugger has no breakpoint of its own. */
  async arm(scriptId: string): Promise<void> {
    if (this.#isArmed) return;
    this.#isArmed = true;
    const start = { scriptId, lineNumber: 0, columnNumber: 0 };
    const { locations } = await this.#ask('Debugger.getPossibleBreakpoints', { start });
    const places = (locations as readonly object[]).slice(0, PLACES_MAX);
    await Promise.all(places.map((location) => this.#set(location)));
  }

  /** Each is known at once: the macro may meet it before the others are set. */
  async #set(location: object): Promise<void> {
    try {
      const { breakpointId } = await this.#ask('Debugger.setBreakpoint', { location });
      if (this.#isArmed) this.#ids.push(String(breakpointId));
      else this.#remove(String(breakpointId));
    } catch {
      // One of the debugger's own is there already, or the macro is gone.
    }
  }

  /** Waits nowhere any more. */
  disarm(): void {
    this.#isArmed = false;
    for (const breakpointId of this.#ids.splice(0)) this.#remove(breakpointId);
  }

  #remove(breakpointId: string): void {
    this.#ask('Debugger.removeBreakpoint', { breakpointId }).catch(ignoreClosed);
  }

  /** True for a breakpoint that was set here. */
  has(breakpointId: unknown): boolean {
    return this.#ids.includes(String(breakpointId));
  }
}
