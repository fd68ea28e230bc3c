// Owns checking what an embedder hands over, so that a slip is told where it was made and not met as a TypeError later.

import { z } from 'zod';
import { assertObjectInput, isCommand } from '../model/command.ts';
import type { DebugDoor } from '../model/debugging.ts';
import { CorralError } from '../model/errors.ts';
import { GUARD_LEVELS, GUARD_TABLE } from '../model/guard.ts';
import { GUARD_SCHEMA } from '../model/guard-schema.ts';
import { HOUSE_SCHEMA } from '../model/house-schema.ts';
import { isOutOfOrder, ORDER_RULES } from '../model/order-rules.ts';
import { override } from '../model/overrides.ts';
import { toHouse } from '../model/settings.ts';
import { givenSchema, toTree, valueAt } from '../model/settings-tree.ts';
import { WALL_MODES } from '../model/wall.ts';
import type { MacroLibrary } from './library.ts';

const folder = z.string().min(1).nullable().optional();
/** Each name and value is checked by whoever reads limits, with words of its own. */
const limits = z.record(z.string(), z.unknown()).optional();

/** What may be changed while Corral runs. */
const CHANGEABLE = {
  level: z.enum(GUARD_LEVELS).optional(),
  guard: z
    .strictObject(
      Object.fromEntries(
        GUARD_LEVELS.map((level) => [level, givenSchema(toTree(GUARD_SCHEMA)).optional()]),
      ),
    )
    .optional(),
  limits,
  ...givenSchema(toTree(HOUSE_SCHEMA)).shape,
};

const CORRAL_OPTIONS = z.strictObject({
  commands: z.array(z.unknown()).readonly().optional(),
  ...CHANGEABLE,
  privileged: z.array(z.string()).readonly().optional(),
  dumpDir: z.string().min(1).optional(),
  dumpKeep: z
    .strictObject({
      count: z.int().min(1).optional(),
      ageMs: z.number().min(0).optional(),
      bytes: z.number().min(0).optional(),
    })
    .optional(),
  heapSnapshot: z.union([z.boolean(), z.int().min(1)]).optional(),
  dump: z.enum(['kill', 'always', 'never']).optional(),
  stateDir: folder,
  ledgerDir: folder,
  toRelease: z
    .custom<() => string>((given) => typeof given === 'function', 'give a function')
    .optional(),
  macrosDir: folder,
  controlDir: folder,
  onSteering: z
    .custom<() => void>((given) => typeof given === 'function', 'give a function')
    .optional(),
  patterns: z.union([z.array(z.string().min(1)).readonly(), z.literal(false)]).optional(),
  emergency: z.object({ by: z.string(), why: z.string(), at: z.number() }).nullable().optional(),
  share: z.boolean().optional(),
  walls: z.enum(WALL_MODES).optional(),
});

const RUN_OPTIONS = z.strictObject({
  id: z
    .string()
    .regex(/^[0-9a-f]{12}$/)
    .optional(),
  owner: z.string().min(1).max(100).optional(),
  priority: z.int().min(-10).max(10).optional(),
  input: z.unknown().optional(),
  name: z.string().min(1).max(200).optional(),
  file: z.string().min(1).optional(),
  language: z.enum(['js', 'ts']).optional(),
  limits,
  seed: z.int().min(0).optional(),
  isTaken: z.boolean().optional(),
  lint: z.boolean().optional(),
  library: z.custom<MacroLibrary>(isLibrary, 'give an object with find and names').optional(),
  macrosDir: folder,
  debug: z.custom<DebugDoor>(isDoor, 'give what openDevtools returns').optional(),
  signal: z.instanceof(AbortSignal).optional(),
});

const DRAIN_OPTIONS = z.strictObject({
  deadlineMs: z
    .number()
    .min(0)
    .max(2 ** 31 - 1)
    .optional(),
  signal: z.instanceof(AbortSignal).optional(),
});

function isDoor(value: unknown): boolean {
  return typeof (value as Partial<DebugDoor> | null)?.connect === 'function';
}

function isLibrary(value: unknown): boolean {
  const { find, names } = (value ?? {}) as Partial<MacroLibrary>;
  return typeof find === 'function' && typeof names === 'function';
}

const ORDER = z.strictObject({
  by: z.string().min(1).max(100),
  why: z.string().min(1).max(500),
});

/** Checks who gives an order, and why. @throws {CorralError} `bad-usage` */
export function checkSignedOrder(whose: string, order: unknown): void {
  check(whose, ORDER, order);
}

/** Checks what `createCorral` takes. @throws {CorralError} `bad-usage`, or `bad-command` for what is none */
export function checkCorralOptions(options: unknown): void {
  const checked = check('createCorral', CORRAL_OPTIONS, options);
  checkOrder('createCorral', checked);
  for (const [index, command] of (checked.commands ?? []).entries()) {
    if (!isCommand(command))
      throw new CorralError(
        'bad-command',
        `commands[${index}] was not made by defineCommand; write commands: [defineCommand({ … })]`,
      );
    assertObjectInput(command);
  }
}

/** Checks what `configure` takes. @throws {CorralError} `bad-usage` */
export function checkChange(change: unknown): void {
  const fixed = Object.keys(Object(change)).find(
    (name) => !Object.hasOwn(CHANGEABLE, name) && Object.hasOwn(CORRAL_OPTIONS.shape, name),
  );
  if (fixed !== undefined)
    throw new CorralError(
      'bad-usage',
      `configure: ${fixed} cannot be changed while Corral runs; what can is ${Object.keys(CHANGEABLE).join(', ')}.`,
    );
  check('configure', z.strictObject(CHANGEABLE), change);
}

/**
 * Checks what settings say of each other: what was said against what is in force.
 * @throws {CorralError} `bad-usage`
 */
export function checkOrder(whose: string, said: object): void {
  const guard = override(GUARD_TABLE, valueAt(said, ['guard']) as object | undefined);
  const inForce = { guard, ...toHouse(said) };
  for (const rule of ORDER_RULES) {
    const [low, high] = [rule.low.split('.'), rule.high.split('.')];
    const value = valueAt(said, low);
    // Of limits anybody may lower one for one run, whatever the others.
    if (low[0] === 'limits' || value === undefined) continue;
    const bound = valueAt(inForce, high);
    if (!isOutOfOrder(rule, value, bound)) continue;
    const whence = valueAt(said, high) === undefined ? ' (as it is by default)' : '';
    throw new CorralError(
      'bad-usage',
      `${whose}: ${rule.low}: ${value} is ${rule.isStrict ? 'not below' : 'above'} ${rule.high}, ${bound}${whence}: ${rule.else}.`,
    );
  }
}

/** Checks what `start` takes besides the source. @throws {CorralError} `bad-usage` */
export function checkRunOptions(options: unknown): void {
  check('start', RUN_OPTIONS, options);
}

/** Checks what `drain` takes. @throws {CorralError} `bad-usage` */
export function checkDrainOptions(options: unknown): void {
  check('drain', DRAIN_OPTIONS, options);
}

const MACRO_NAME = z.strictObject({
  owner: z.string().min(1).max(100).optional(),
  name: z.string().min(1).max(200),
});
const CONSENT = z.strictObject({
  by: z.string().min(1).max(100),
  why: z.string().min(1).max(1000),
});

/** Checks whom `quarantine` and `release` are about, and who says so. @throws {CorralError} `bad-usage` */
export function checkConsent(whose: 'quarantine' | 'release', macro: unknown, consent: unknown) {
  check(whose, MACRO_NAME, macro);
  check(whose, CONSENT, consent);
}

/** Checks which macro is meant. @throws {CorralError} `bad-usage` */
export function checkMacroName(whose: string, macro: unknown): void {
  check(whose, MACRO_NAME, macro);
}

/** Checks a source. @throws {CorralError} `bad-usage` */
export function checkSource(source: unknown): void {
  if (typeof source === 'string') return;
  const kind = source === null ? 'null' : typeof source;
  throw new CorralError('bad-usage', `The source is ${kind}; give the macro's text.`);
}

function check<Output>(whose: string, schema: z.ZodType<Output>, options: unknown): Output {
  const result = schema.safeParse(options);
  if (result.success) return result.data;
  const issues = result.error.issues.slice(0, 3).map(({ path, message }) => {
    const field = path.map(String).join('.');
    return field === '' ? message : `${field}: ${message}`;
  });
  throw new CorralError('bad-usage', `${whose}: ${issues.join('; ').slice(0, 500)}.`);
}
