// Owns answering what the macros of one run ask for: commands, state, and calls of other macros. Each answer is checked
// and bounded on its way in and on its way out; nothing a macro sends can make this throw.

import { CorralError, toMessage } from '../model/errors.ts';
import type { CommandEvent } from '../model/events.ts';
import { type EndReason, isEndReason } from '../model/outcome.ts';
import { PENDING_MAX } from '../model/pending.ts';
import { CROSSING_BOUNDS, decodeValue, encodeValue, type Json } from '../model/value.ts';
import type { FromWorkerOf, WirePending } from '../model/wire.ts';
import { MacroCalls } from './calls.ts';
import { type AskedCommand, CommandLimitPassed, CommandRefusal } from './command-desk.ts';
import type { Cause } from './ending.ts';
import type { AskError, RunJournal } from './journal.ts';
import { placeInStack } from './place.ts';
import type { RealmPlan } from './realm-plan.ts';
import type { Recording } from './recording.ts';
import type { RunSetting } from './setting.ts';
import { serveState } from './state-desk.ts';
import { TokenBucket } from './token-bucket.ts';

/** The way back to the run. */
export interface AskPorts {
  readonly journal: RunJournal;
  answer(realm: number, id: number, value: Json | null, error: AskError | null): void;
  /** A command was answered or failed. */
  told(event: CommandEvent): void;
  /** The run must end. */
  end(cause: Cause): void;
  /** ms since the run started. */
  now(): number;
  /** Starts the macro another one called. */
  startRealm(plan: RealmPlan): void;
  /** Something the operator should know and the macro should not. */
  warn(message: string): void;
}

/** State calls a run may make: a disk write each, so they are paced, not counted. */
const STATE_RATE = { perSecond: 500, burst: 200 };

/**
 * Commands of one run under way at once; further ones stand in line. Most wait for their rate, and thousands of them
 * with a timer and its promises each would make the supervisor grow by tens of megabytes.
 */
const COMMANDS_AT_ONCE = 500;

/** What one run may have asked for and not been answered yet: an isolate stops at this number by itself. */
const OPEN_ASKS_MAX = 10_000;
/** And the most text in them (UTF-16 code units); each may have a quarter of a million. */
const OPEN_CHARS_MAX = 16 * 1024 * 1024;

const TOO_MUCH: AskError = {
  name: 'RangeError',
  message: 'too much is asked for and not answered yet; await your answers',
  code: 'too-much-open',
};

const NOT_CARRIED_OUT: AskError = {
  name: 'CommandError',
  message: 'the run is being stopped; this was not carried out',
  code: 'cancelled',
};

const NOT_RECORDED: AskError = {
  name: 'ReplayError',
  message: 'the recording has no answer to this',
  code: 'not-recorded',
};

type Ask = FromWorkerOf<'ask'>;

function charsOf({ args, name, stack }: Ask): number {
  return args.length + name.length + stack.length;
}

/** Arguments for whoever looks on. */
function readArgs(args: string): Json {
  try {
    return JSON.parse(args) as Json;
  } catch {
    return null;
  }
}

interface Asked {
  readonly realm: RealmPlan;
  readonly ask: Ask;
}

/** Answers the asks of one run. */
export class RunAsks {
  readonly calls: MacroCalls;
  readonly #setting: RunSetting;
  readonly #ports: AskPorts;
  readonly #stateBucket = new TokenBucket(STATE_RATE);
  /** State calls in line; thousands may be, and a promise each would cost more than they do. */
  #stateLine: Asked[] = [];
  #isServingState = false;
  readonly #commandLine: Asked[] = [];
  #commandsUnderWay = 0;
  #isStateWarned = false;
  #commands = 0;
  #isDropping = false;
  /** Macros that have heard that the run is cancelled. */
  readonly #tidying = new Set<number>();
  /** What is asked for and not answered yet, and when it was (ms since the run started), the oldest first. */
  readonly #open = new Map<Ask, number>();
  #openChars = 0;

  constructor(setting: RunSetting, ports: AskPorts) {
    this.#setting = setting;
    this.#ports = ports;
    this.calls = new MacroCalls(setting, (plan) => ports.startRealm(plan));
  }

  /** Commands asked for so far, refused ones included. */
  get commands(): number {
    return this.#commands;
  }

  /** What was asked for and is not answered yet, the oldest of it; a macro that cannot be asked itself waits for that. */
  get pending(): { readonly shown: WirePending[]; readonly total: number } {
    const now = this.#ports.now();
    const shown = [...this.#open].slice(0, PENDING_MAX).map(([{ kind, name }, at]) => ({
      kind,
      name: name.slice(0, 200),
      sinceMs: Math.round(now - at),
    }));
    return { shown, total: this.#open.size };
  }

  /** The run is being ended: no command that stands in line is carried out any more. */
  drop(): void {
    this.#isDropping = true;
    for (const { ask } of this.#commandLine.splice(0)) this.#leave(ask);
  }

  /**
   * A macro has heard that it is cancelled: what it asks for from now on is to tidy up. Until then it may be in mid-burst, and
   * give commands as if nothing had been.
   */
  allow(realm: number): void {
    this.#tidying.add(realm);
  }

  /** Only a macro that may tidy up hears of it: another one would wake, and not be found where it was stopped. */
  #leave(ask: Ask): void {
    if (this.#setting.gate.isOpen) this.#answer(ask, null, NOT_CARRIED_OUT);
  }

  /** Takes one ask; the answer follows by itself. */
  take(ask: Ask): void {
    const realm = this.#setting.realms.get(ask.realm);
    if (!realm) return;
    this.#ports.journal.asked(realm.macro, ask, this.#ports.now());
    const isTooMuch =
      this.#open.size >= OPEN_ASKS_MAX || this.#openChars + charsOf(ask) > OPEN_CHARS_MAX;
    this.#open.set(ask, this.#ports.now());
    this.#openChars += charsOf(ask);
    if (isTooMuch) {
      this.#answer(ask, null, TOO_MUCH);
      return;
    }
    if (ask.kind === 'state') {
      this.#stateLine.push({ realm, ask });
      if (this.#isServingState) return;
    }
    const work = this.#workOf(realm, ask);
    // Both catch everything a macro or a host can cause; what is left is a bug, and the macro must not wait for it.
    work.catch((error: unknown) =>
      this.#answer(ask, null, {
        name: 'Error',
        message: toMessage(error),
        code: 'internal',
      }),
    );
  }

  /** The one way an ask is answered, once. */
  #answer(ask: Ask, value: Json | null, error: AskError | null): void {
    this.#open.delete(ask);
    this.#openChars -= charsOf(ask);
    this.#ports.journal.answered(ask, value, error, this.#ports.now());
    this.#ports.answer(ask.realm, ask.id, value, error);
  }

  #workOf(realm: RealmPlan, ask: Ask): Promise<void> {
    const { recorded } = this.#setting;
    if (recorded && ask.kind !== 'call') return this.#replay(recorded, { realm, ask });
    switch (ask.kind) {
      case 'command':
      case 'slash':
        return this.#takeCommand({ realm, ask });
      case 'state':
        return this.#serveState();
      case 'call':
        return this.#answerWith(ask, 'MacroCallError', (argument) =>
          this.calls.call({ caller: realm, stack: ask.stack }, ask.name, argument),
        );
    }
  }

  /** Answers as it was answered before, after as long; what was never answered waits for ever, as it did. */
  async #replay(recorded: Recording, { realm, ask }: Asked): Promise<void> {
    const at = this.#ports.now();
    if (ask.kind !== 'state' && this.#isBeyondLimit()) return;
    const entry = recorded.take({ ...ask, macro: realm.macro }, at);
    if (!entry) {
      this.#answer(ask, null, NOT_RECORDED);
      return;
    }
    if (entry.limit !== undefined) {
      const reason = entry.reason?.startsWith('pattern:') ? entry.reason : null;
      this.#endFor(entry.limit, reason !== null && isEndReason(reason) ? reason : 'command-limit');
      return;
    }
    if (entry.afterMs === null) return;
    await TokenBucket.wait(entry.afterMs, this.#setting.signal).catch(() => undefined);
    if (this.#setting.signal.aborted) return;
    if (ask.kind !== 'state') {
      const told = { type: 'command', at, name: ask.name, args: readArgs(ask.args) } as const;
      const line = placeInStack(ask.stack, realm)?.line ?? null;
      const rest = entry.error ? { error: entry.error.message } : { result: entry.value as Json };
      this.#ports.told({ ...told, ...rest, durationMs: entry.afterMs, line });
    }
    this.#answer(ask, entry.value as Json, entry.error);
  }

  /** Counts a command; true where it is one too many, which ends the run. */
  #isBeyondLimit(): boolean {
    this.#commands += 1;
    if (this.#commands <= this.#setting.limits.commands.value) return false;
    const limit = { name: 'commands', measured: this.#commands } as const;
    this.#ports.end({ reason: 'command-limit', limit, message: null });
    return true;
  }

  #endFor(message: string, reason: EndReason): void {
    this.#ports.end({ reason, limit: null, message });
  }

  /** Serves the line of state calls, one after another and at their rate, until it is empty or the run is over. */
  async #serveState(): Promise<void> {
    this.#isServingState = true;
    try {
      for (let next = this.#stateLine.shift(); next; next = this.#stateLine.shift()) {
        const { realm, ask } = next;
        await this.#setting.gate.pass();
        const waitMs = this.#stateBucket.take(true);
        if (waitMs > 0) await TokenBucket.wait(waitMs, this.#setting.signal);
        await this.#answerWith(ask, 'StateError', (argument) =>
          this.#serveStateCall(realm.macro, ask.name, argument),
        );
      }
    } catch (error) {
      // The run is over; whoever still stands in line has nobody to be told.
      if (!this.#setting.signal.aborted) throw error;
      this.#stateLine = [];
    } finally {
      this.#isServingState = false;
    }
  }

  #serveStateCall(macro: string, operation: string, argument: unknown): unknown {
    try {
      return serveState(this.#setting.state, macro, operation, argument);
    } catch (error) {
      if (!(error instanceof CorralError)) throw error;
      // Which file and which folder is the operator's business.
      if (!this.#isStateWarned) this.#ports.warn(error.message);
      this.#isStateWarned = true;
      throw new CorralError(error.code, 'the state of macros cannot be kept at the moment');
    }
  }

  async #takeCommand(asked: Asked): Promise<void> {
    if (this.#isBeyondLimit()) return;
    if (this.#isDropping && !this.#tidying.has(asked.ask.realm)) {
      this.#leave(asked.ask);
      return;
    }
    this.#commandLine.push(asked);
    if (this.#commandsUnderWay >= COMMANDS_AT_ONCE) return;
    this.#commandsUnderWay += 1;
    try {
      for (let next = this.#commandLine.shift(); next; next = this.#commandLine.shift())
        if (!this.#setting.signal.aborted) await this.#command(next);
    } finally {
      this.#commandsUnderWay -= 1;
    }
  }

  async #command({ realm, ask }: Asked): Promise<void> {
    const startedAt = this.#ports.now();
    const line = placeInStack(ask.stack, realm)?.line ?? null;
    const { file } = realm.analysis;
    // What a slash line comes to is known only once it is read; one that nobody can read is told as it is.
    const args = ask.kind === 'slash' ? readArgs(ask.args) : null;
    const asked: AskedCommand = { name: ask.name.slice(0, 100), args, file, line };
    const told = (rest: { result: Json } | { error: string }) =>
      this.#ports.told({
        type: 'command',
        at: startedAt,
        name: asked.name,
        args: asked.args,
        ...rest,
        durationMs: this.#ports.now() - startedAt,
        line,
      });
    try {
      const kind = ask.kind === 'slash' ? 'slash' : 'command';
      const { result } = await realm.desk.give(kind, ask.name, ask.args, asked);
      told({ result });
      this.#answer(ask, result, null);
    } catch (error) {
      if (error instanceof CommandRefusal && error.code === 'cancelled') {
        this.#leave(ask);
        return;
      }
      told({ error: toMessage(error) });
      if (error instanceof CommandLimitPassed) {
        this.#ports.journal.ended(ask, error.message, error.reason);
        this.#endFor(error.message, error.reason);
        return;
      }
      const code = error instanceof CommandRefusal ? error.code : 'bad-arguments';
      this.#answer(ask, null, {
        name: 'CommandError',
        message: toMessage(error),
        code,
      });
    }
  }

  async #answerWith(
    ask: Ask,
    errorName: string,
    work: (argument: unknown) => unknown,
  ): Promise<void> {
    try {
      const value = await work(decodeValue(ask.args, CROSSING_BOUNDS, ask.kind));
      const encoded = encodeValue(value, CROSSING_BOUNDS, 'the answer');
      this.#answer(ask, encoded, null);
    } catch (error) {
      const code =
        error instanceof Error && 'code' in error ? String(error.code) : `${ask.kind}-failed`;
      const told = { name: errorName, message: toMessage(error), code };
      this.#answer(ask, null, told);
    }
  }
}
