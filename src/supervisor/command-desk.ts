// Owns what happens between a macro's command and the host: is it known, allowed, well-formed, not too fast; then it is given.

import type { z } from 'zod';
import type { Command } from '../model/command.ts';
import { toMessage } from '../model/errors.ts';
import type { Header } from '../model/header.ts';
import type { EndReason } from '../model/outcome.ts';
import { CROSSING_BOUNDS, decodeValue, encodeValue, type Json } from '../model/value.ts';
import type { RunGate } from './run-gate.ts';
import { TokenBucket } from './token-bucket.ts';

/** What a macro is told when a command is not carried out; `code` is stable. */
export class CommandRefusal extends Error {
  override readonly name = 'CommandError';
  readonly code:
    | 'unknown-command'
    | 'bad-arguments'
    | 'rate-limited'
    | 'max-per-run'
    | 'host-failed'
    | 'bad-answer'
    | 'not-granted'
    | 'cancelled';

  constructor(code: CommandRefusal['code'], message: string) {
    super(message);
    this.code = code;
  }
}

/** A command that ends the run: its declaration says `onLimit: 'kill'`, or it is one too many for a pattern. */
export class CommandLimitPassed extends Error {
  override readonly name = 'CommandLimitPassed';
  readonly reason: EndReason;

  constructor(message: string, reason: EndReason = 'command-limit') {
    super(message);
    this.reason = reason;
  }
}

/** Where a command was given. */
export interface GivenAt {
  readonly file: string;
  /** Null where unknown. */
  readonly line: number | null;
}

/** What is known of a command by the time it is carried out; filled in as it becomes known. */
export interface AskedCommand extends GivenAt {
  name: string;
  args: Json;
}

/** Turns a slash line into a command and its arguments, or throws with a message for the macro. */
export type SlashParser = (
  line: string,
  commands: readonly Command[],
) => { command: Command; args: Record<string, unknown> };

/** What one command came to: what was asked, and either an answer or an error. */
export interface CommandOutcome {
  readonly name: string;
  readonly args: Json;
  readonly result: Json;
}

/** What the desk of one run needs. */
export interface DeskOptions {
  readonly runId: string;
  readonly macro: string;
  /** All commands of the host. */
  readonly commands: readonly Command[];
  readonly grants: Header['grants'];
  /** Names of privileged commands the operator allows. */
  readonly privileged: ReadonlySet<string>;
  readonly parseSlash: SlashParser;
  readonly signal: AbortSignal;
  /** Shut while the run is paused. */
  readonly gate: RunGate;
  /**
   * Asked right before a command is carried out. True: it is; false: the run was paused for it, and it is asked for again.
   * @throws {CommandLimitPassed} when the run was ended for it
   */
  readonly permit: ((command: Command, at: GivenAt) => boolean) | null;
  /** Shared by the desks of all macros of one run: calling another macro gives nobody more. */
  readonly tally: CommandTally;
}

/** How often and how fast one run has given each command. */
export class CommandTally {
  readonly buckets = new Map<string, TokenBucket>();
  readonly given = new Map<string, number>();
}

/** Serves the commands of one run. */
export class CommandDesk {
  readonly #options: DeskOptions;
  readonly #allowed: ReadonlyMap<string, Command>;

  constructor(options: DeskOptions) {
    this.#options = options;
    const allowed = options.commands.filter((command) => isGranted(command, options));
    this.#allowed = new Map(allowed.map((command) => [command.name, command]));
  }

  /** The commands this run may give. */
  get allowed(): readonly Command[] {
    return [...this.#allowed.values()];
  }

  /** Category → verbs, as the macro's namespaces. */
  get catalogue(): Record<string, string[]> {
    const catalogue: Record<string, string[]> = {};
    for (const { category, verb } of this.#allowed.values()) {
      catalogue[category] ??= [];
      catalogue[category].push(verb);
    }
    return catalogue;
  }

  /**
   * Carries one command out; waits while the run is paused.
   * @param asked filled with the name and arguments as soon as they are known, so that a failure can be told with them
   * @throws {CommandRefusal} for the macro
   * @throws {CommandLimitPassed} when the run must end
   */
  async give(
    kind: 'command' | 'slash',
    name: string,
    encoded: string,
    asked: AskedCommand,
  ): Promise<CommandOutcome> {
    const { sentAway } = this.#options.gate;
    await this.#pass();
    const argument = decodeValue(encoded, CROSSING_BOUNDS, name);
    const { command, args } =
      kind === 'slash'
        ? this.#slash(String(argument))
        : { command: this.#find(name), args: argument ?? {} };
    asked.name = command.name;
    asked.args = encodeValue(args, CROSSING_BOUNDS, command.name);
    const checked = command.input.safeParse(args);
    if (!checked.success)
      throw new CommandRefusal('bad-arguments', `${command.name}: ${issues(checked.error)}`);
    this.#count(command);
    await this.#rate(command);
    const { runId, macro, signal, gate, permit } = this.#options;
    // It waited for its rate, and its macro may tidy up: with other commands.
    if (gate.sentAway !== sentAway) throw stopped();
    // What is permitted is carried out in the same turn: nobody can pause the run in between.
    for (let isPermitted = false; !isPermitted; ) {
      while (!gate.isOpen) await this.#pass();
      isPermitted = permit?.(command, asked) ?? true;
      // Nobody holds it and it may not go: the run is being ended.
      if (!isPermitted && gate.isOpen) throw stopped();
    }
    let answer: unknown;
    try {
      answer = await command.run(checked.data, { runId, macro, signal });
    } catch (error) {
      throw new CommandRefusal('host-failed', `${command.name}: ${toMessage(error)}`);
    }
    const output = command.output.safeParse(answer);
    if (!output.success)
      throw new CommandRefusal(
        'bad-answer',
        `${command.name}: the host's answer is not what it declares: ${issues(output.error)}`,
      );
    return { name: command.name, args: asked.args, result: this.#encode(command, output.data) };
  }

  /** Waits while the run is paused. */
  async #pass(): Promise<void> {
    const { gate } = this.#options;
    if (!gate.isOpen && !(await gate.pass())) throw stopped();
  }

  #encode({ name }: Command, answer: unknown): Json {
    try {
      return encodeValue(answer, CROSSING_BOUNDS, `${name}'s answer`);
    } catch (error) {
      throw new CommandRefusal('bad-answer', toMessage(error));
    }
  }

  #find(name: string): Command {
    const command = this.#allowed.get(name);
    if (command) return command;
    const exists = this.#options.commands.some((each) => each.name === name);
    throw exists
      ? new CommandRefusal('not-granted', `${name} is not granted to this macro`)
      : new CommandRefusal('unknown-command', `there is no command ${name.slice(0, 100)}`);
  }

  #slash(line: string): { command: Command; args: Record<string, unknown> } {
    try {
      return this.#options.parseSlash(line, [...this.#allowed.values()]);
    } catch (error) {
      throw new CommandRefusal('bad-arguments', toMessage(error));
    }
  }

  #count(command: Command): void {
    const { tally } = this.#options;
    const given = (tally.given.get(command.name) ?? 0) + 1;
    tally.given.set(command.name, given);
    if (command.maxPerRun === null || given <= command.maxPerRun) return;
    const message = `${command.name} may be given ${command.maxPerRun} times a run`;
    if (command.onLimit === 'kill') throw new CommandLimitPassed(message);
    throw new CommandRefusal('max-per-run', message);
  }

  async #rate(command: Command): Promise<void> {
    if (!command.rate) return;
    const { buckets } = this.#options.tally;
    const { gate } = this.#options;
    const bucket = buckets.get(command.name) ?? new TokenBucket(command.rate, () => gate.now());
    buckets.set(command.name, bucket);
    const waitMs = bucket.take(command.onLimit === 'wait');
    if (waitMs === 0) return;
    const { perSecond, burst } = command.rate;
    const message = `${command.name} is limited to ${perSecond} per second (at most ${burst} at once)`;
    if (command.onLimit === 'kill') throw new CommandLimitPassed(message);
    if (command.onLimit === 'throw')
      throw new CommandRefusal('rate-limited', `${message}; free again in ${Math.ceil(waitMs)} ms`);
    await this.#wait(waitMs);
  }

  /** Waits for its turn; while the run is paused nobody's turn comes nearer. */
  async #wait(ms: number): Promise<void> {
    const { gate, signal } = this.#options;
    const due = gate.now() + ms;
    for (let left = ms; left > 0; left = due - gate.now()) {
      await TokenBucket.wait(left, signal);
      await this.#pass();
    }
  }
}

function stopped(): CommandRefusal {
  return new CommandRefusal('cancelled', 'the run is being stopped; this was not carried out');
}

/** Without a `@grant` line a macro gets every unprivileged command; a privileged one needs both sides' word. */
function isGranted(command: Command, { grants, privileged }: DeskOptions): boolean {
  const named =
    grants === null
      ? !command.privileged
      : grants.includes(command.category) || grants.includes(command.name);
  return named && (!command.privileged || privileged.has(command.name));
}

function issues(error: z.ZodError): string {
  const told = error.issues
    .slice(0, 3)
    .map(
      (issue) =>
        `${issue.path.length > 0 ? `${issue.path.map(String).join('.')}: ` : ''}${issue.message}`,
    );
  return told.join('; ').slice(0, 500);
}
