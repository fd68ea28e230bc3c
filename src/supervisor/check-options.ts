// Owns checking what an embedder hands over, so that a slip is told where it was made and not met as a TypeError later.

import { z } from 'zod';
import { isCommand } from '../model/command.ts';
import type { DebugDoor } from '../model/debugging.ts';
import { CorralError } from '../model/errors.ts';
import { GUARD_LEVELS } from '../model/guard.ts';
import { WALL_MODES } from '../model/wall.ts';

const folder = z.string().min(1).nullable().optional();
/** Each name and value is checked by whoever reads limits, with words of its own. */
const limits = z.record(z.string(), z.unknown()).optional();

const room = z.record(z.string(), z.number()).optional();

const CORRAL_OPTIONS = z.strictObject({
  commands: z.array(z.unknown()).readonly().optional(),
  level: z.enum(GUARD_LEVELS).optional(),
  guard: z.record(z.enum(GUARD_LEVELS), z.unknown()).optional(),
  limits,
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
  macrosDir: folder,
  workers: z
    .strictObject({ max: z.int().min(1).optional(), warm: z.int().min(0).optional() })
    .optional(),
  load: room,
  breaker: room,
  brake: room,
  host: room,
  retry: room,
  watch: room,
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
  file: z.string().min(1).optional(),
  language: z.enum(['js', 'ts']).optional(),
  limits,
  seed: z.int().min(0).optional(),
  lint: z.boolean().optional(),
  macrosDir: folder,
  debug: z.custom<DebugDoor>(isDoor, 'give what openDevtools returns').optional(),
  signal: z.instanceof(AbortSignal).optional(),
});

function isDoor(value: unknown): boolean {
  return typeof (value as Partial<DebugDoor> | null)?.connect === 'function';
}

/** Checks what `createCorral` takes. @throws {CorralError} `bad-usage`, or `bad-command` for what is none */
export function checkCorralOptions(options: unknown): void {
  const { commands } = check('createCorral', CORRAL_OPTIONS, options);
  for (const [index, command] of (commands ?? []).entries()) {
    if (!isCommand(command))
      throw new CorralError(
        'bad-command',
        `commands[${index}] was not made by defineCommand; write commands: [defineCommand({ … })]`,
      );
  }
}

/** Checks what `start` takes besides the source. @throws {CorralError} `bad-usage` */
export function checkRunOptions(options: unknown): void {
  check('start', RUN_OPTIONS, options);
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
