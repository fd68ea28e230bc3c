// Owns the teleport commands: waypoints, jumping to them with a cooldown, and summoning others.

import { z } from 'zod';
import { type Command, defineCommand } from '../../model/command.ts';
import { findPerson, hear } from './townsfolk.ts';
import { pass, spend, type Waypoint, type World } from './world.ts';

/** Ticks between two jumps. */
const COOLDOWN_TICKS = 8;
/** Energy one jump costs. */
const JUMP_ENERGY = 5;
/** The most waypoints a player may have, the five given ones included. */
const WAYPOINTS_MAX = 20;

const Name = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,23}$/, 'a waypoint is named with a-z, 0-9 and -, at most 24 characters')
  .describe("the waypoint's name");

/** The commands, bound to a world. */
export function teleportCommands(world: World): Command[] {
  return [waypoints(world), to(world), set(world), forget(world), summon(world)];
}

function waypoints(world: World): Command {
  return defineCommand({
    name: 'teleport.waypoints',
    description: 'List the waypoints you can jump to, and when.',
    input: z.object({}),
    output: z.object({
      waypoints: z.array(z.object({ name: z.string(), x: z.int(), y: z.int(), own: z.boolean() })),
      readyInTicks: z.int().describe('0 when you can jump now'),
    }),
    rate: { perSecond: 10 },
    idempotent: true,
    run() {
      pass(world, 1);
      return {
        waypoints: [...world.waypoints.values()].map(({ name, position, own }) => ({
          name,
          ...position,
          own,
        })),
        readyInTicks: Math.max(0, world.teleportReadyAt - world.tick),
      };
    },
  });
}

function to(world: World): Command {
  return defineCommand({
    name: 'teleport.to',
    description: `Jump to a waypoint: ${JUMP_ENERGY} energy, then ${COOLDOWN_TICKS} ticks of cooldown.`,
    input: z.object({ name: Name }),
    output: z.object({ x: z.int(), y: z.int(), readyInTicks: z.int() }),
    rate: { perSecond: 1, burst: 5 },
    slash: 'teleport',
    run({ name }) {
      const { position } = findWaypoint(world, name);
      const left = world.teleportReadyAt - world.tick;
      if (left > 0)
        throw new Error(`teleport is ready in ${left} ticks: movement.wait({ ticks: ${left} })`);
      spend(world, JUMP_ENERGY, 'jump');
      world.player.position = position;
      pass(world, 1);
      world.teleportReadyAt = world.tick + COOLDOWN_TICKS;
      return { ...world.player.position, readyInTicks: COOLDOWN_TICKS };
    },
  });
}

function set(world: World): Command {
  return defineCommand({
    name: 'teleport.set',
    description: 'Make the place you stand on a waypoint.',
    input: z.object({ name: Name }),
    output: z.object({ name: z.string(), x: z.int(), y: z.int() }),
    rate: { perSecond: 2, burst: 5 },
    maxPerRun: 10,
    onLimit: 'throw',
    idempotent: true,
    slash: 'setwaypoint',
    run({ name }) {
      if (world.waypoints.get(name)?.own === false)
        throw new Error(`${name} is everybody's waypoint; choose another name`);
      if (!world.waypoints.has(name) && world.waypoints.size >= WAYPOINTS_MAX)
        throw new Error(`you have ${WAYPOINTS_MAX} waypoints; teleport.forget one first`);
      const { position } = world.player;
      world.waypoints.set(name, { name, position, own: true });
      pass(world, 1);
      return { name, ...position };
    },
  });
}

function forget(world: World): Command {
  return defineCommand({
    name: 'teleport.forget',
    description: 'Forget a waypoint you set.',
    input: z.object({ name: Name }),
    output: z.object({ forgotten: z.boolean() }),
    rate: { perSecond: 2, burst: 5 },
    idempotent: true,
    run({ name }) {
      const waypoint = world.waypoints.get(name);
      if (waypoint && !waypoint.own) throw new Error(`${name} is everybody's waypoint and stays`);
      const forgotten = world.waypoints.delete(name);
      pass(world, 1);
      return { forgotten };
    },
  });
}

function summon(world: World): Command {
  return defineCommand({
    name: 'teleport.summon',
    description: 'Pull another player to where you are.',
    input: z.object({ player: z.string().min(1).max(40) }),
    output: z.object({ player: z.string(), x: z.int(), y: z.int() }),
    rate: { perSecond: 0.2, burst: 1 },
    maxPerRun: 2,
    onLimit: 'throw',
    privileged: true,
    run({ player }) {
      const person = findPerson(world.town, player);
      spend(world, JUMP_ENERGY * 4, 'summon');
      hear(world.town, {
        tick: world.tick,
        from: person.name,
        channel: 'say',
        text: 'what am I doing here?',
      });
      pass(world, 1);
      return { player: person.name, ...world.player.position };
    },
  });
}

function findWaypoint(world: World, name: string): Waypoint {
  const waypoint = world.waypoints.get(name);
  if (!waypoint) {
    throw new Error(
      `there is no waypoint called ${name}; there are: ${[...world.waypoints.keys()].join(', ')}`,
    );
  }
  return waypoint;
}
