// Owns the combat commands: who is about, striking, guarding, fleeing and getting one's breath back.

import { z } from 'zod';
import { type Command, defineCommand } from '../../model/command.ts';
import { type Foe, foesAround, REACH, sendAway } from './foes.ts';
import { bestDamage, ITEM_NAMES, type ItemName } from './items.ts';
import { DIRECTIONS, distance, step } from './terrain.ts';
import {
  ENERGY_MAX,
  HEALTH_MAX,
  HUNGER_MAX,
  heal,
  isFree,
  pass,
  pocket,
  spend,
  type World,
} from './world.ts';

/** Energy one blow costs. */
const BLOW_ENERGY = 3;
/** Ticks a raised guard holds. */
const GUARD_TICKS = 6;
/** Energy one tick of rest gives. */
const REST_ENERGY = 8;
/** How far `combat.foes` sees, in steps. */
const SEE_STEPS = 12;

/** What each foe leaves behind. */
const LOOT: Record<string, ItemName> = {
  bob: 'coin',
  rat: 'coin',
  crow: 'apple',
  boar: 'pelt',
  wolf: 'pelt',
  bandit: 'sword',
};

/** The commands, bound to a world. */
export function combatCommands(world: World): Command[] {
  return [foes(world), status(world), attack(world), guard(world), flee(world), rest(world)];
}

function foes(world: World): Command {
  return defineCommand({
    name: 'combat.foes',
    description: `List the foes within ${SEE_STEPS} steps, nearest first.`,
    input: z.object({}),
    output: z.object({
      foes: z.array(
        z.object({
          name: z.string(),
          health: z.int(),
          steps: z.int().describe('how far away; a blow reaches 1'),
          hostile: z.boolean().describe('comes for you when it sees you'),
          x: z.int(),
          y: z.int(),
        }),
      ),
    }),
    rate: { perSecond: 20 },
    idempotent: true,
    run() {
      pass(world, 1);
      return {
        foes: seen(world).map(({ name, health, hostile, position }) => ({
          name,
          health,
          steps: distance(position, world.player.position),
          hostile,
          ...position,
        })),
      };
    },
  });
}

function status(world: World): Command {
  return defineCommand({
    name: 'combat.status',
    description: 'Tell how you are.',
    input: z.object({}),
    output: z.object({
      health: z.int().describe(`0 to ${HEALTH_MAX}`),
      hunger: z.int().describe(`0 (fed) to ${HUNGER_MAX} (starving)`),
      energy: z.int().describe(`0 to ${ENERGY_MAX}`),
      guardTicks: z.int().describe('ticks your guard still holds'),
      victories: z.int(),
      falls: z.int(),
    }),
    rate: { perSecond: 50 },
    idempotent: true,
    run() {
      pass(world, 1);
      const { health, hunger, energy, guardTicks, victories, falls } = world.player;
      return { health, hunger, energy, guardTicks, victories, falls };
    },
  });
}

function attack(world: World): Command {
  return defineCommand({
    name: 'combat.attack',
    description: 'Strike a foe beside you; it strikes back.',
    input: z.object({ target: z.string().min(1).max(40).describe("the foe's name") }),
    output: z.object({
      target: z.string(),
      damage: z.int().describe('what your blow did'),
      foeHealth: z.int(),
      defeated: z.boolean(),
      loot: z.enum(ITEM_NAMES).nullable(),
      suffered: z.int().describe('what you got back'),
      health: z.int().describe('your health after it'),
      fell: z.boolean().describe('true when that was too much and you woke at the spawn'),
    }),
    rate: { perSecond: 5, burst: 15 },
    run({ target }) {
      const foe = findFoe(world, target);
      spend(world, BLOW_ENERGY, 'strike');
      const damage = Math.min(foe.health, world.chance.between(2, 4) + bestDamage(world.bag));
      foe.health -= damage;
      foe.angry = true;
      const defeated = foe.health === 0;
      const loot = defeated ? takeLoot(world, foe) : null;
      const { damage: suffered, fell } = pass(world, 1);
      return {
        target: foe.name,
        damage,
        foeHealth: foe.health,
        defeated,
        loot,
        suffered,
        health: world.player.health,
        fell,
      };
    },
  });
}

function guard(world: World): Command {
  return defineCommand({
    name: 'combat.guard',
    description: `Raise your guard: blows do half for ${GUARD_TICKS} ticks.`,
    input: z.object({}),
    output: z.object({ guardTicks: z.int(), suffered: z.int(), health: z.int() }),
    rate: { perSecond: 5 },
    idempotent: true,
    run() {
      world.player.guardTicks = GUARD_TICKS;
      const { damage } = pass(world, 1);
      return { guardTicks: world.player.guardTicks, suffered: damage, health: world.player.health };
    },
  });
}

function flee(world: World): Command {
  return defineCommand({
    name: 'combat.flee',
    description: 'Run up to six steps away from the nearest foe.',
    input: z.object({}),
    output: z.object({ from: z.string().nullable(), x: z.int(), y: z.int(), steps: z.int() }),
    rate: { perSecond: 2, burst: 4 },
    run() {
      const nearest = seen(world)[0];
      let steps = 0;
      while (nearest && steps < 6 && stepAway(world, nearest)) {
        steps += 1;
        pass(world, 1);
      }
      if (steps === 0) pass(world, 1);
      return { from: nearest?.name ?? null, ...world.player.position, steps };
    },
  });
}

function rest(world: World): Command {
  return defineCommand({
    name: 'combat.rest',
    description: 'Rest: energy comes back, and health a little. A blow wakes you.',
    input: z.object({ ticks: z.int().min(1).max(30).default(10) }),
    output: z.object({
      ticks: z.int().describe('ticks really rested'),
      health: z.int(),
      energy: z.int(),
      disturbed: z.boolean(),
    }),
    rate: { perSecond: 5, burst: 10 },
    run({ ticks }) {
      let rested = 0;
      let disturbed = false;
      while (rested < ticks && !disturbed) {
        rested += 1;
        world.player.energy = Math.min(ENERGY_MAX, world.player.energy + REST_ENERGY);
        if (rested % 3 === 0) heal(world.player, 1);
        disturbed = pass(world, 1).damage > 0;
      }
      const { health, energy } = world.player;
      return { ticks: rested, health, energy, disturbed };
    },
  });
}

function seen(world: World): Foe[] {
  const { position } = world.player;
  return foesAround(world.foes, position).filter(
    (foe) => distance(foe.position, position) <= SEE_STEPS,
  );
}

function findFoe(world: World, target: string): Foe {
  const visible = seen(world);
  const foe = visible.find(({ name }) => name === target);
  if (!foe) {
    const names = visible.map(({ name }) => name).join(', ');
    throw new Error(
      `there is no foe called ${target}; ${names ? `you see: ${names}` : 'you see none: walk on'}`,
    );
  }
  const steps = distance(foe.position, world.player.position);
  if (steps > REACH) {
    const { x, y } = foe.position;
    throw new Error(
      `${foe.name} is ${steps} steps away and a blow reaches ${REACH}: movement.goto({ x: ${x}, y: ${y}, near: true })`,
    );
  }
  return foe;
}

function takeLoot(world: World, foe: Foe): ItemName | null {
  world.player.victories += 1;
  sendAway(foe);
  const item = LOOT[foe.name];
  return item !== undefined && pocket(world, item, 1) > 0 ? item : null;
}

/** Takes the free step that leads farthest from the foe; false when every step leads nearer. */
function stepAway(world: World, foe: Foe): boolean {
  const here = world.player.position;
  const best = Object.values(DIRECTIONS)
    .map((way) => step(here, way))
    .filter((place) => isFree(world, place))
    .sort((a, b) => distance(b, foe.position) - distance(a, foe.position))[0];
  if (!best || distance(best, foe.position) < distance(here, foe.position)) return false;
  world.player.position = best;
  return true;
}
