// Owns the schemas of the guard as the API shows it: what presses on the machine, the load, the walls, the emergency stop.

import { z } from 'zod';
import type { EmergencyState } from '../../corral.ts';
import { GUARD_LEVELS } from '../../model/guard.ts';
import type { BreakerView, LoadView } from '../../model/load.ts';
import {
  PRESSURE_MEASURES,
  PRESSURE_STEPS,
  type Pressure,
  type PressureState,
  type PressureThreshold,
} from '../../model/pressure.ts';
import { WALLS, type Wall, type WallId } from '../../model/wall.ts';
import { oneOf, type ShapeOf } from './as.ts';
import { RefusalWord } from './events.ts';

const step = z.enum(PRESSURE_STEPS).describe('what is done about it, from mild to strict');
const bytesOrNone = z.number().nullable().describe('bytes; null where nothing tells');

/** What presses on the machine. */
export const ShownPressure: z.ZodType<Pressure, Pressure> = z.object({
  step,
  time: z.number().describe('ms since 1970'),
  measures: z.array(
    z.object({
      what: z.enum(PRESSURE_MEASURES),
      of: oneOf<PressureState['of']>({
        machine: true,
        cgroup: true,
        budget: true,
        process: true,
      }).describe('whose limit is nearest'),
      share: z.number().describe('used / limit'),
      used: z.number(),
      limit: z.number(),
      unit: oneOf<PressureState['unit']>({ bytes: true, ms: true, count: true, share: true }),
      thresholds: z.array(
        z.object({
          step,
          above: z.number().describe('share in use'),
        } satisfies ShapeOf<PressureThreshold>),
      ),
      step,
    } satisfies ShapeOf<PressureState>),
  ),
  brake: z.object({
    held: z.boolean().describe('true while it holds starts'),
    count: z.int(),
    availableBytes: bytesOrNone,
    neededBytes: bytesOrNone,
  } satisfies ShapeOf<Pressure['brake']>),
} satisfies ShapeOf<Pressure>);

const ShownLoad = z.object({
  active: z.int().describe('runs that were let in and are not over'),
  activeMax: z.int().describe('how many may be, right now'),
  activeLimit: z.int().describe('how many may be at most'),
  creating: z.int().describe('of the active ones, those not sent to a worker yet'),
  creatingMax: z.int(),
  queued: z.int().describe('runs that wait to be let in'),
  queuedMax: z.int(),
  queuedPerOwnerMax: z.int().describe('how many of one owner may'),
  breaker: z.object({
    state: oneOf<BreakerView['state']>({ closed: true, open: true, 'half-open': true }),
    failures: z.number(),
    failuresMax: z.number(),
    retryAfterMs: z.number().nullable().describe('ms'),
  } satisfies ShapeOf<BreakerView>),
  held: z
    .object({
      code: RefusalWord,
      message: z.string(),
      retryAfterMs: z.number().describe('ms'),
    } satisfies ShapeOf<NonNullable<LoadView['held']>>)
    .nullable()
    .describe('why nothing is let in although there would be room'),
  draining: z.boolean(),
} satisfies ShapeOf<LoadView>);

const ShownWall = z.object({
  id: z.enum(Object.keys(WALLS) as [WallId, ...WallId[]]),
  up: z.boolean(),
  how: z.string().describe('what holds it, or why it is missing'),
  remedy: z.string().nullable().describe('what to do to get it'),
} satisfies ShapeOf<Wall>);

const ShownEmergency = z.object({
  by: z.string(),
  why: z.string(),
  at: z.number().describe('ms since 1970'),
} satisfies ShapeOf<EmergencyState>);

/** The guard. */
export const ShownGuard = z.object({
  level: z.enum(GUARD_LEVELS),
  emergency: ShownEmergency.nullable().describe('null while no emergency stop is pulled'),
  pressure: ShownPressure,
  load: ShownLoad,
  walls: z.array(ShownWall).readonly(),
  workers: z.int().describe('processes'),
});
