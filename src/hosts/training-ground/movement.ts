// Owns the movement commands: where the player is, what they see, and walking there.

import { z } from 'zod';
import { type Command, defineCommand } from '../../model/command.ts';
import { foesAround } from './foes.ts';
import {
  DIRECTIONS,
  distance,
  findPath,
  HEIGHT,
  LEGEND,
  letterAt,
  type Position,
  step,
  WIDTH,
} from './terrain.ts';
import { isFree, pass, type World } from './world.ts';

/** A cell in outputs. */
export const Place = z.object({ x: z.int(), y: z.int() });

/** What every walk answers. */
const Walked = z.object({
  x: z.int(),
  y: z.int(),
  steps: z.int().describe('steps really walked'),
  arrived: z.boolean(),
  blockedBy: z.string().nullable().describe('what stood in the way, or null'),
  damage: z.int().describe('health lost on the way'),
});

/** The most steps one command walks. */
const STEPS_MAX = 80;

/** The commands, bound to a world. */
export function movementCommands(world: World): Command[] {
  return [where(world), look(world), walk(world), goTo(world), wait(world)];
}

function where(world: World): Command {
  return defineCommand({
    name: 'movement.where',
    description: 'Tell where you are and what the time is.',
    input: z.object({}),
    output: Place.extend({ tick: z.int().describe('ticks since the world began') }),
    rate: { perSecond: 50 },
    idempotent: true,
    run() {
      pass(world, 1);
      return { ...world.player.position, tick: world.tick };
    },
  });
}

function look(world: World): Command {
  return defineCommand({
    name: 'movement.look',
    description: 'Look around: the map near you and who stands on it.',
    input: z.object({
      radius: z.int().min(1).max(8).default(4).describe('how far to look, in steps'),
    }),
    output: z.object({
      centre: Place,
      rows: z
        .array(z.string())
        .describe('the map, north first: # wall . grass T tree ~ water = field @ you'),
      foes: z.array(Place.extend({ name: z.string(), steps: z.int() })),
      legend: z.record(z.string(), z.string()),
    }),
    rate: { perSecond: 20 },
    idempotent: true,
    run({ radius }) {
      pass(world, 1);
      const centre = world.player.position;
      const span = Array.from({ length: 2 * radius + 1 }, (_, index) => index - radius);
      const rows = span.map((dy) =>
        span
          .map((dx) =>
            dx === 0 && dy === 0 ? '@' : letterAt({ x: centre.x + dx, y: centre.y + dy }),
          )
          .join(''),
      );
      const foes = foesAround(world.foes, centre)
        .map(({ name, position }) => ({ name, ...position, steps: distance(position, centre) }))
        .filter(({ steps }) => steps <= radius);
      return { centre: { ...centre }, rows, foes, legend: { ...LEGEND, '@': 'you' } };
    },
  });
}

function walk(world: World): Command {
  return defineCommand({
    name: 'movement.walk',
    description: 'Walk in one direction until the steps are done or something is in the way.',
    input: z.object({
      direction: z.enum(['north', 'east', 'south', 'west']),
      steps: z.int().min(1).max(20).default(1),
    }),
    output: Walked,
    rate: { perSecond: 10, burst: 20 },
    run({ direction, steps }) {
      const way = DIRECTIONS[direction];
      let place: Position = world.player.position;
      return follow(
        world,
        Array.from({ length: steps }, () => {
          place = step(place, way);
          return place;
        }),
      );
    },
  });
}

function goTo(world: World): Command {
  return defineCommand({
    name: 'movement.goto',
    description: `Walk the shortest way to a place, at most ${STEPS_MAX} steps; a blow stops you.`,
    input: z.object({
      x: z
        .int()
        .min(0)
        .max(WIDTH - 1),
      y: z
        .int()
        .min(0)
        .max(HEIGHT - 1),
      near: z.boolean().default(false).describe('stop beside the place instead of on it'),
    }),
    output: Walked,
    rate: { perSecond: 10, burst: 20 },
    idempotent: true,
    run({ x, y, near }) {
      const path = findPath(world.player.position, { x, y }, (place) => isFree(world, place));
      if (!path) {
        throw new Error(
          `there is no way to ${x},${y}: it is ${LEGEND[letterAt({ x, y })]}, or walled off; movement.look shows the map`,
        );
      }
      return follow(world, (near ? path.slice(0, -1) : path).slice(0, STEPS_MAX), path.length);
    },
  });
}

function wait(world: World): Command {
  return defineCommand({
    name: 'movement.wait',
    description: 'Stand still and let time pass.',
    input: z.object({ ticks: z.int().min(1).max(100).default(10) }),
    output: z.object({ tick: z.int(), damage: z.int(), fell: z.boolean() }),
    rate: { perSecond: 10, burst: 20 },
    run({ ticks }) {
      const { damage, fell } = pass(world, ticks);
      return { tick: world.tick, damage, fell };
    },
  });
}

/** Walks a path step by step, one tick each; stops at what is in the way and at the first blow. */
function follow(world: World, path: readonly Position[], wanted = path.length) {
  let walked = 0;
  let damage = 0;
  let blockedBy: string | null = null;
  for (const place of path) {
    blockedBy = whatBlocks(world, place);
    if (blockedBy !== null) break;
    world.player.position = place;
    walked += 1;
    const suffered = pass(world, 1);
    damage += suffered.damage;
    if (suffered.damage > 0) {
      blockedBy = suffered.fell ? 'a fall: you woke at the spawn' : 'a blow';
      break;
    }
  }
  if (walked === 0) pass(world, 1);
  const arrived = walked === path.length && wanted - path.length <= 1;
  return { ...world.player.position, steps: walked, arrived, blockedBy, damage };
}

function whatBlocks(world: World, place: Position): string | null {
  if (isFree(world, place)) return null;
  const foe = world.foes.find(
    ({ awayTicks, position }) =>
      awayTicks === 0 && position.x === place.x && position.y === place.y,
  );
  return foe ? foe.name : LEGEND[letterAt(place)];
}
