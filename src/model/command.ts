// Owns what a host command is: declared once, and from it come the checks, the editor types, the help and the schema.

import type { z } from 'zod';
import { CorralError } from './errors.ts';

/** What happens when a command's rate or `maxPerRun` is exceeded. */
export type OnLimit = 'wait' | 'throw' | 'kill';

/** What a command is told about the run that gives it. */
export interface CommandContext {
  readonly runId: string;
  /** The macro's `@name`, or its file's base name. */
  readonly macro: string;
  /** Aborted when the run ends: a command under way should stop and clean up. */
  readonly signal: AbortSignal;
}

/** A command as its author declares it. */
export interface CommandDeclaration<Input extends z.ZodObject, Output extends z.ZodType> {
  /** `category.verb`, each an identifier: `combat.attack` becomes `combat.attack({…})` in the macro. */
  readonly name: string;
  /** One sentence, shown in help and in editors. */
  readonly description: string;
  /** Always an object: the one argument of the call. Its keys in order are the words of the slash form. */
  readonly input: Input;
  /** Checked too: a host that answers something else fails the command, not the macro's process. */
  readonly output: Output;
  /** Token bucket: refills `perSecond`, holds `burst` (default: perSecond rounded up). */
  readonly rate?: { readonly perSecond: number; readonly burst?: number };
  /** The most times one run may give this command. */
  readonly maxPerRun?: number;
  /** Default `wait` for `rate`; `maxPerRun` never waits: there `wait` means `throw`. */
  readonly onLimit?: OnLimit;
  /** True when giving it twice does no more than giving it once. Default false. */
  readonly idempotent?: boolean;
  /** A privileged command needs both the macro's `@grant` and the host's consent. Default false. */
  readonly privileged?: boolean;
  /** The word of the slash form (`/attack bob`). Default: the verb. */
  readonly slash?: string;
  /** Does it. The input is already checked; what it throws reaches the macro as a CommandError with that message. */
  run(input: z.output<Input>, context: CommandContext): z.input<Output> | Promise<z.input<Output>>;
}

/** A declared command, ready for a host's list. */
export interface Command {
  readonly name: string;
  readonly category: string;
  readonly verb: string;
  readonly slash: string;
  readonly description: string;
  readonly input: z.ZodObject;
  readonly output: z.ZodType;
  readonly rate: { readonly perSecond: number; readonly burst: number } | null;
  readonly maxPerRun: number | null;
  readonly onLimit: OnLimit;
  readonly idempotent: boolean;
  readonly privileged: boolean;
  /** Takes an input that has passed `input`, gives an output that has yet to pass `output`. */
  run(input: Record<string, unknown>, context: CommandContext): unknown;
}

/** A named set of commands; disposed with the corral it serves. */
export interface Host {
  readonly name: string;
  readonly commands: readonly Command[];
}

/** Names that are taken by what every macro sees, so no category may bear them. */
const RESERVED = new Set([
  'input',
  'command',
  'sleep',
  'every',
  'on',
  'state',
  'log',
  'console',
  'macros',
  'random',
  'now',
  'budget',
  'signal',
  'globalThis',
  'undefined',
  'Object',
  'Array',
  'Math',
  'JSON',
  'Promise',
  'Error',
  'String',
  'Number',
  'Symbol',
  'Date',
]);
const NAME = /^([a-z][A-Za-z0-9]{0,31})\.([a-z][A-Za-z0-9]{0,31})$/;

/**
 * Declares a host command.
 * @throws {CorralError} `bad-command` when the name is not `category.verb`, the category is reserved, a number is not
 *   positive, or `input` is no `z.object`.
 * @example
 * const say = defineCommand({
 *   name: 'chat.say', description: 'Say something aloud.',
 *   input: z.object({ text: z.string().max(256) }), output: z.object({ heard: z.int() }),
 *   rate: { perSecond: 2, burst: 4 }, run: ({ text }) => ({ heard: text.length }),
 * });
 */
export function defineCommand<Input extends z.ZodObject, Output extends z.ZodType>(
  declaration: CommandDeclaration<Input, Output>,
): Command {
  const { name, rate, maxPerRun } = declaration;
  const match = NAME.exec(name);
  const category = match?.[1];
  const verb = match?.[2];
  if (category === undefined || verb === undefined) {
    throw new CorralError(
      'bad-command',
      `command "${name}" is not named category.verb; write for example "chat.say"`,
    );
  }
  if (RESERVED.has(category)) {
    throw new CorralError(
      'bad-command',
      `command "${name}": "${category}" is a name every macro already has; choose another category`,
    );
  }
  assertObjectInput(declaration);
  if (rate && !(rate.perSecond > 0 && (rate.burst === undefined || rate.burst >= 1))) {
    throw new CorralError(
      'bad-command',
      `command "${name}": rate needs perSecond above 0 and burst of at least 1`,
    );
  }
  if (maxPerRun !== undefined && !(Number.isInteger(maxPerRun) && maxPerRun >= 1)) {
    throw new CorralError(
      'bad-command',
      `command "${name}": maxPerRun must be a whole number of at least 1`,
    );
  }
  return {
    name,
    category,
    verb,
    slash: declaration.slash ?? verb,
    description: declaration.description,
    input: declaration.input,
    output: declaration.output,
    rate: rate
      ? { perSecond: rate.perSecond, burst: rate.burst ?? Math.ceil(rate.perSecond) }
      : null,
    maxPerRun: maxPerRun ?? null,
    onLimit: declaration.onLimit ?? 'wait',
    idempotent: declaration.idempotent ?? false,
    privileged: declaration.privileged ?? false,
    // The supervisor parses with `input` first, so what arrives is what the declaration's type says.
    run: (input, context) => declaration.run(input as z.output<Input>, context),
  };
}

/**
 * Makes sure that a command takes an object whose keys are known: of any other schema no slash form, no help and no lint can
 * be made. The types say so too, but not to a host in plain JavaScript.
 * @throws {CorralError} `bad-command`
 */
export function assertObjectInput(command: { readonly name: string; readonly input: unknown }) {
  if (isObjectSchema(command.input)) return;
  throw new CorralError(
    'bad-command',
    `command "${command.name}": input has to be a z.object; write for example input: z.object({ text: z.string() }), or z.object({}) for nothing`,
  );
}

/** True for a `z.object`; by what it has, since a host may have a zod of its own. */
export function isObjectSchema(schema: unknown): schema is z.ZodObject {
  if (schema === null || typeof schema !== 'object') return false;
  const { shape, safeParse } = schema as Partial<Record<string, unknown>>;
  return typeof shape === 'object' && shape !== null && typeof safeParse === 'function';
}

/** True for what {@link defineCommand} gives, or a copy of it. */
export function isCommand(value: unknown): value is Command {
  if (value === null || typeof value !== 'object') return false;
  const { name, category, verb, input, output, run } = value as Partial<Record<string, unknown>>;
  const isSchema = (part: unknown) =>
    part !== null && typeof part === 'object' && 'safeParse' in part;
  return (
    typeof name === 'string' &&
    name === `${category}.${verb}` &&
    isSchema(input) &&
    isSchema(output) &&
    typeof run === 'function'
  );
}
