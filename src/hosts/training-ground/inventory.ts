// Owns the inventory commands: the player's bag, chests, food, crops and fish.

import { z } from 'zod';
import { type Command, defineCommand } from '../../model/command.ts';
import {
  addTo,
  CARRY_MAX,
  ITEM_NAMES,
  ITEMS,
  type ItemName,
  removeFrom,
  toList,
  totalOf,
} from './items.ts';
import { distance, placesOf } from './terrain.ts';
import { pass, pocket, RIPE, reachChest, spend, type World } from './world.ts';

const Item = z.enum(ITEM_NAMES);
const Held = z.array(z.object({ item: Item, count: z.int() }));
const Chest = z.string().min(1).max(40).describe("the chest's name");
const Count = z.int().min(1).max(CARRY_MAX).default(1);

/** Ticks and energy one try at fishing costs. */
const FISHING = { ticks: 3, energy: 4 } as const;
/** What bites, by chance: the weights add up to 1; the rest is nothing. */
const BITES: readonly (readonly [ItemName, number])[] = [
  ['herring', 0.4],
  ['salmon', 0.2],
  ['boot', 0.15],
];
/** Steps from which plots and water are reached. */
const HAND_REACH = 1;

/** The commands, bound to a world. */
export function inventoryCommands(world: World): Command[] {
  return [
    list(world),
    eat(world),
    drop(world),
    chests(world),
    open(world),
    take(world),
    put(world),
    crops(world),
    harvest(world),
    fish(world),
  ];
}

function list(world: World): Command {
  return defineCommand({
    name: 'inventory.list',
    description: 'List what you carry.',
    input: z.object({}),
    output: z.object({ items: Held, total: z.int(), room: z.int().describe('how many more fit') }),
    rate: { perSecond: 20 },
    idempotent: true,
    slash: 'items',
    run() {
      pass(world, 1);
      const total = totalOf(world.bag);
      return { items: toList(world.bag), total, room: CARRY_MAX - total };
    },
  });
}

function eat(world: World): Command {
  return defineCommand({
    name: 'inventory.eat',
    description: 'Eat something you carry.',
    input: z.object({ item: Item }),
    output: z.object({ item: Item, hunger: z.int(), left: z.int() }),
    rate: { perSecond: 5, burst: 10 },
    run({ item }) {
      const { food } = ITEMS[item];
      if (food === 0) throw new Error(`${item} cannot be eaten; eat for example bread`);
      removeFrom(world.bag, item, 1, 'your bag');
      world.player.hunger = Math.max(0, world.player.hunger - food);
      pass(world, 1);
      return { item, hunger: world.player.hunger, left: world.bag.get(item) ?? 0 };
    },
  });
}

function drop(world: World): Command {
  return defineCommand({
    name: 'inventory.drop',
    description: 'Throw away something you carry, for good.',
    input: z.object({ item: Item, count: Count }),
    output: z.object({ item: Item, left: z.int() }),
    rate: { perSecond: 5, burst: 10 },
    maxPerRun: 20,
    onLimit: 'throw',
    run({ item, count }) {
      removeFrom(world.bag, item, count, 'your bag');
      pass(world, 1);
      return { item, left: world.bag.get(item) ?? 0 };
    },
  });
}

function chests(world: World): Command {
  return defineCommand({
    name: 'inventory.chests',
    description: 'List the chests and how far away they are.',
    input: z.object({}),
    output: z.object({
      chests: z.array(z.object({ name: z.string(), x: z.int(), y: z.int(), steps: z.int() })),
    }),
    rate: { perSecond: 10 },
    idempotent: true,
    run() {
      pass(world, 1);
      return {
        chests: world.chests.map(({ name, position }) => ({
          name,
          ...position,
          steps: distance(position, world.player.position),
        })),
      };
    },
  });
}

function open(world: World): Command {
  return defineCommand({
    name: 'inventory.open',
    description: 'Look into a chest near you.',
    input: z.object({ chest: Chest }),
    output: z.object({ chest: z.string(), items: Held }),
    rate: { perSecond: 10 },
    idempotent: true,
    run({ chest }) {
      const { name, bag } = reachChest(world, chest);
      pass(world, 1);
      return { chest: name, items: toList(bag) };
    },
  });
}

function take(world: World): Command {
  return defineCommand({
    name: 'inventory.take',
    description: 'Take something out of a chest near you.',
    input: z.object({ chest: Chest, item: Item, count: Count }),
    output: z.object({ item: Item, carried: z.int(), inChest: z.int() }),
    rate: { perSecond: 10, burst: 20 },
    run({ chest, item, count }) {
      const { name, bag } = reachChest(world, chest);
      const room = CARRY_MAX - totalOf(world.bag);
      if (count > room)
        throw new Error(`you can carry ${room} more, not ${count}; put something away first`);
      removeFrom(bag, item, count, `chest ${name}`);
      addTo(world.bag, item, count);
      pass(world, 1);
      return { item, carried: world.bag.get(item) ?? 0, inChest: bag.get(item) ?? 0 };
    },
  });
}

function put(world: World): Command {
  return defineCommand({
    name: 'inventory.put',
    description: 'Put something you carry into a chest near you.',
    input: z.object({ chest: Chest, item: Item, count: Count }),
    output: z.object({ item: Item, carried: z.int(), inChest: z.int() }),
    rate: { perSecond: 10, burst: 20 },
    run({ chest, item, count }) {
      const { bag } = reachChest(world, chest);
      removeFrom(world.bag, item, count, 'your bag');
      addTo(bag, item, count);
      pass(world, 1);
      return { item, carried: world.bag.get(item) ?? 0, inChest: bag.get(item) ?? 0 };
    },
  });
}

function crops(world: World): Command {
  return defineCommand({
    name: 'inventory.crops',
    description: 'Tell how the crops stand.',
    input: z.object({
      ripeOnly: z.boolean().default(true).describe('leave out what still grows'),
    }),
    output: z.object({
      plots: z.array(
        z.object({
          x: z.int(),
          y: z.int(),
          crop: z.enum(['wheat', 'carrot']),
          growth: z.int().describe(`0 to ${RIPE} (ripe)`),
        }),
      ),
    }),
    rate: { perSecond: 10 },
    idempotent: true,
    run({ ripeOnly }) {
      pass(world, 1);
      return {
        plots: world.plots
          .filter(({ growth }) => !ripeOnly || growth === RIPE)
          .map(({ position, crop, growth }) => ({ ...position, crop, growth })),
      };
    },
  });
}

function harvest(world: World): Command {
  return defineCommand({
    name: 'inventory.harvest',
    description: 'Harvest the ripe plots you stand on or beside, and sow them again.',
    input: z.object({}),
    output: z.object({
      plots: z.int().describe('plots harvested'),
      wheat: z.int(),
      carrot: z.int(),
      room: z.int().describe('how many more items fit'),
    }),
    rate: { perSecond: 10, burst: 20 },
    run() {
      const gained = { plots: 0, wheat: 0, carrot: 0 };
      for (const plot of world.plots) {
        const near = distance(plot.position, world.player.position) <= HAND_REACH;
        if (!near || plot.growth < RIPE || pocket(world, plot.crop, 1) === 0) continue;
        plot.growth = 0;
        gained.plots += 1;
        gained[plot.crop] += 1;
      }
      pass(world, 1);
      return { ...gained, room: CARRY_MAX - totalOf(world.bag) };
    },
  });
}

const WATER = placesOf('~');

function fish(world: World): Command {
  return defineCommand({
    name: 'inventory.fish',
    description: `Cast a line beside water: takes ${FISHING.ticks} ticks and ${FISHING.energy} energy.`,
    input: z.object({}),
    output: z.object({ caught: Item.nullable(), energy: z.int(), room: z.int() }),
    rate: { perSecond: 5, burst: 15 },
    run() {
      const { position } = world.player;
      const steps = Math.min(...WATER.map((place) => distance(place, position)));
      if (steps > HAND_REACH) {
        throw new Error(
          `the water is ${steps} steps away; fish from the dock: teleport.to({ name: "dock" })`,
        );
      }
      spend(world, FISHING.energy, 'fish');
      const bite = drawBite(world);
      const caught = bite !== null && pocket(world, bite, 1) > 0 ? bite : null;
      pass(world, FISHING.ticks);
      return { caught, energy: world.player.energy, room: CARRY_MAX - totalOf(world.bag) };
    },
  });
}

function drawBite(world: World): ItemName | null {
  let draw = world.chance.next();
  for (const [item, weight] of BITES) {
    if (draw < weight) return item;
    draw -= weight;
  }
  return null;
}
