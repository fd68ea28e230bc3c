// Owns `macros.call`: finding the macro, refusing cycles and depth, checking its input, starting it, and handing back what
// it gives. A called macro runs in an isolate of its own inside the caller's worker, on the caller's budget.

import { analyse } from '../analysis/analyse.ts';
import { checkInput } from '../model/check-input.ts';
import type { Limits, LimitValues } from '../model/limits.ts';
import { DEPTH_ENDLESS } from '../model/pattern-match.ts';
import { CROSSING_BOUNDS, decodeValue } from '../model/value.ts';
import type { FromWorkerOf } from '../model/wire.ts';
import { admit } from '../policy/admit.ts';
import type { Nesting } from '../policy/watch/hit.ts';
import { CommandDesk } from './command-desk.ts';
import type { LibraryMacro } from './library.ts';
import { placeInStack } from './place.ts';
import { OWN_LIMITS, plantFor, type RealmPlan, toPlannedText } from './realm-plan.ts';
import type { RunSetting } from './setting.ts';

const DEPTH_MAX = 8;
const CALLS_MAX = 200;

/** A call that was refused or failed; `code` is stable and reaches the macro. */
export class MacroCallError extends Error {
  override readonly name = 'MacroCallError';
  readonly code:
    | 'unknown-macro'
    | 'macro-cycle'
    | 'too-deep'
    | 'too-many-calls'
    | 'macro-refused'
    | 'macro-failed'
    | 'cancelled';

  constructor(code: MacroCallError['code'], message: string) {
    super(message);
    this.code = code;
  }
}

/** Where a call is made. */
export interface CallSite {
  readonly caller: RealmPlan;
  readonly stack: string;
}

/** The calls of one run. */
export class MacroCalls {
  readonly #setting: RunSetting;
  readonly #start: (plan: RealmPlan) => void;
  readonly #waiting = new Map<number, (done: FromWorkerOf<'done'>) => void>();
  /** One call at a time per caller: the tail of its line. */
  readonly #lines = new Map<number, Promise<unknown>>();
  #made = 0;

  constructor(setting: RunSetting, start: (plan: RealmPlan) => void) {
    this.#setting = setting;
    this.#start = start;
  }

  /**
   * Calls a macro and gives its result.
   * @param from the caller, and the stack of its call
   * @throws {MacroCallError} @throws {CorralError} `bad-input`
   */
  call(from: CallSite, name: string, input: unknown): Promise<unknown> {
    const { caller } = from;
    const before = this.#lines.get(caller.number) ?? Promise.resolve();
    const call = before.then(() => this.#call(from, name, input));
    // The line goes on whatever comes of this call; its caller hears of a failure.
    this.#lines.set(
      caller.number,
      call.catch(() => undefined),
    );
    return call;
  }

  /** A called macro has ended. */
  done(message: FromWorkerOf<'done'>): void {
    const resolve = this.#waiting.get(message.realm);
    this.#waiting.delete(message.realm);
    resolve?.(message);
  }

  async #call(from: CallSite, name: string, input: unknown): Promise<unknown> {
    const { caller } = from;
    const line = placeInStack(from.stack, caller)?.line ?? null;
    if (caller.path.includes(name)) {
      const circle = [...caller.path.slice(caller.path.indexOf(name)), name];
      await this.#permitted({ depth: DEPTH_ENDLESS, path: circle, line });
      throw new MacroCallError(
        'macro-cycle',
        `macros.call("${name}") would go round in a circle: ${circle.join(' → ')}`,
      );
    }
    const path = [...caller.path, name];
    await this.#permitted({ depth: path.length, path, line });
    if (caller.path.length >= DEPTH_MAX) {
      throw new MacroCallError(
        'too-deep',
        `macros.call goes at most ${DEPTH_MAX} deep: ${caller.path.join(' → ')}`,
      );
    }
    this.#made += 1;
    if (this.#made > CALLS_MAX) {
      throw new MacroCallError('too-many-calls', `a run may call other macros ${CALLS_MAX} times`);
    }
    const plan = this.#plan(from, await this.#find(name), input);
    // While the macro was looked for and read, the run may have been paused.
    await this.#passed();
    const { promise, resolve } = Promise.withResolvers<FromWorkerOf<'done'>>();
    this.#waiting.set(plan.number, resolve);
    this.#setting.realms.set(plan.number, plan);
    this.#start(plan);
    const done = await promise;
    if (done.error) throw new MacroCallError('macro-failed', `${name}: ${done.error.message}`);
    if (done.value === null)
      throw new MacroCallError('macro-failed', `${name}: its result is too long`);
    return decodeValue(done.value, CROSSING_BOUNDS, `the result of ${name}`);
  }

  /** Waits until a call may be made, if ever. */
  async #permitted(call: Omit<Nesting, 'of'>): Promise<void> {
    await this.#passed();
    this.#setting.watched?.nested({ ...call, of: 'macros' });
    await this.#passed();
  }

  async #passed(): Promise<void> {
    const { gate } = this.#setting;
    if (!gate.isOpen && !(await gate.pass()))
      throw new MacroCallError('cancelled', 'the run is being stopped; the macro was not called');
  }

  async #find(name: string): Promise<LibraryMacro> {
    const { library } = this.#setting;
    const found = await library.find(name);
    if (found) return found;
    const names = (await library.names()).slice(0, 20).join(', ');
    const known = names === '' ? 'there are no macros to call here' : `there are ${names}`;
    throw new MacroCallError(
      'unknown-macro',
      `there is no macro "${name.slice(0, 100)}"; ${known}`,
    );
  }

  #plan({ caller, stack }: CallSite, macro: LibraryMacro, input: unknown): RealmPlan {
    const setting = this.#setting;
    const held = setting.whyHeld(macro.name, macro.source);
    if (held !== null)
      throw new MacroCallError('macro-refused', `${macro.name} is refused: ${held}`);
    const analysis = analyse(macro.source, macro);
    const { verdict, why } = admit(analysis.report, { lint: setting.lint, guard: setting.guard });
    if (verdict === 'refuse')
      throw new MacroCallError(
        'macro-refused',
        `${macro.name} is refused: ${why ?? 'lint found errors'}`,
      );
    // A macro that calls others is never calm; this one called in a way that lint did not see.
    if (setting.shares && verdict !== 'admit')
      throw new MacroCallError(
        'macro-refused',
        `${macro.name} must run alone, and its caller shares a process: write the call as \`macros.call("${macro.name}")\``,
      );
    const number = setting.realms.size;
    return {
      number,
      macro: macro.name,
      analysis: toPlannedText(analysis),
      planted: plantFor(analysis),
      limits: lowered(caller.limits, analysis.header.limits),
      heapWarnBytes: caller.heapWarnBytes,
      // Another start for each call, the same in each run of the same seed.
      seed: (caller.seed + number * 0x9e3779b1) % 2 ** 53,
      input: checkInput(input, analysis.header, macro.name),
      // A called macro gets what its own header asks for, of what its caller has.
      desk: new CommandDesk({
        ...setting.deskOptions,
        macro: macro.name,
        commands: caller.desk.allowed,
        grants: analysis.header.grants,
      }),
      path: [...caller.path, macro.name],
      calledFrom: { realm: caller.number, stack },
    };
  }
}

/** The caller's limits, those that each macro has for itself lowered by the called one's header; who set each stays known. */
function lowered(limits: Limits, header: Partial<LimitValues>): Limits {
  const own = { ...limits };
  for (const name of OWN_LIMITS) {
    const value = header[name];
    if (value !== undefined && value < own[name].value) own[name] = { value, setBy: 'header' };
  }
  return own;
}
