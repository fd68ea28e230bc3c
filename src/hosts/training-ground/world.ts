// Owns the training ground's state and its time: one tick passes for every command given, more for long ones.

import { createFoes, type Foe, foeTurn } from './foes.ts';
import { addTo, type Bag, CARRY_MAX, type ItemName, totalOf } from './items.ts';
import { type Chance, createChance } from './random.ts';
import { distance, isSamePlace, isWalkable, type Position, placesOf } from './terrain.ts';
import { createTown, type Town, townTurn } from './townsfolk.ts';

/** The player: one for the whole world. */
export interface Player {
  position: Position;
  /** 0 to {@link HEALTH_MAX}. */
  health: number;
  /** 0 (fed) to {@link HUNGER_MAX} (starving). */
  hunger: number;
  /** 0 to {@link ENERGY_MAX}; fighting and fishing cost it, rest gives it back. */
  energy: number;
  /** Ticks the guard stays up: blows do half. */
  guardTicks: number;
  /** How often the player fell and woke at the spawn. */
  falls: number;
  /** Foes defeated. */
  victories: number;
}

/** A chest, opened from up to {@link CHEST_REACH} steps away. */
export interface Chest {
  readonly name: string;
  readonly position: Position;
  readonly bag: Bag;
}

/** One cell of a field. */
export interface Plot {
  readonly position: Position;
  readonly crop: 'wheat' | 'carrot';
  /** 0 (just sown) to {@link RIPE}. */
  growth: number;
}

/** A place to teleport to. */
export interface Waypoint {
  readonly name: string;
  readonly position: Position;
  /** True for those the player set and may forget. */
  readonly own: boolean;
}

/** Everything there is. */
export interface World {
  readonly chance: Chance;
  /** Ticks since the world began; one command is at least one. */
  tick: number;
  readonly player: Player;
  readonly bag: Bag;
  readonly foes: Foe[];
  readonly chests: readonly Chest[];
  readonly plots: readonly Plot[];
  readonly waypoints: Map<string, Waypoint>;
  /** The tick from which teleporting works again. */
  teleportReadyAt: number;
  readonly town: Town;
}

export const HEALTH_MAX = 20;
export const HUNGER_MAX = 20;
export const ENERGY_MAX = 100;
/** Growth at which a plot can be harvested. */
export const RIPE = 3;
/** Steps from which a chest can be opened. */
export const CHEST_REACH = 2;

/** Where a new player starts, and wakes after a fall. */
export const SPAWN: Position = { x: 20, y: 10 };
const BOBS_PLACE: Position = { x: 21, y: 10 };

const PLACES: readonly Waypoint[] = [
  { name: 'spawn', position: SPAWN, own: false },
  { name: 'home', position: { x: 6, y: 3 }, own: false },
  { name: 'field', position: { x: 6, y: 10 }, own: false },
  { name: 'dock', position: { x: 32, y: 2 }, own: false },
  { name: 'arena', position: { x: 34, y: 15 }, own: false },
];

/** Ticks in which each thing happens once. */
const EVERY = { hunger: 20, heal: 10, starve: 5, grow: 15 } as const;

/** Creates a world; everything by chance in it comes from the seed. */
export function createWorld(seed: number): World {
  const chance = createChance(seed);
  return {
    chance,
    tick: 0,
    player: {
      position: SPAWN,
      health: HEALTH_MAX,
      hunger: 9,
      energy: ENERGY_MAX,
      guardTicks: 0,
      falls: 0,
      victories: 0,
    },
    bag: new Map<ItemName, number>([
      ['apple', 3],
      ['bread', 2],
      ['dagger', 1],
    ]),
    foes: createFoes(chance, BOBS_PLACE, SPAWN),
    chests: createChests(chance),
    plots: placesOf('=').map((position) => ({
      position,
      crop: position.x < 6 ? 'wheat' : 'carrot',
      growth: chance.between(0, RIPE),
    })),
    waypoints: new Map(PLACES.map((waypoint) => [waypoint.name, waypoint])),
    teleportReadyAt: 0,
    town: createTown(chance),
  };
}

function createChests(chance: Chance): Chest[] {
  const filled = (...items: readonly ItemName[]): Bag =>
    new Map(items.map((item) => [item, chance.between(2, 9)]));
  return [
    { name: 'home', position: { x: 7, y: 3 }, bag: filled('bread', 'wood', 'coin') },
    { name: 'barn', position: { x: 13, y: 10 }, bag: filled('apple', 'wheat', 'stone', 'pelt') },
    { name: 'dock', position: { x: 31, y: 2 }, bag: filled('herring', 'boot', 'coin') },
  ];
}

/** True when nobody stands there and one can. */
export function isFree(world: World, place: Position): boolean {
  return (
    isWalkable(place) &&
    !isSamePlace(world.player.position, place) &&
    !world.foes.some((foe) => foe.awayTicks === 0 && isSamePlace(foe.position, place))
  );
}

/**
 * Lets time pass: foes move and strike, crops grow, people talk, hunger comes.
 * @param ticks 1 or more
 * @returns what the player suffered meanwhile
 */
export function pass(world: World, ticks: number): { damage: number; fell: boolean } {
  let damage = 0;
  let fell = false;
  for (let count = 0; count < ticks && !fell; count++) {
    world.tick += 1;
    const taken = foesAct(world);
    damage += taken;
    bodyActs(world);
    if (world.tick % EVERY.grow === 0) grow(world);
    townTurn(world.town, world.tick, world.chance);
    if (world.player.health <= 0) {
      wakeAtSpawn(world);
      fell = true;
    }
  }
  return { damage, fell };
}

function foesAct(world: World): number {
  const { player } = world;
  let damage = 0;
  for (const foe of world.foes) {
    const blow = foeTurn(foe, player.position, world.chance, (place) => isFree(world, place));
    damage += player.guardTicks > 0 ? Math.floor(blow / 2) : blow;
  }
  if (player.guardTicks > 0) player.guardTicks -= 1;
  player.health -= damage;
  return damage;
}

function bodyActs({ player, tick }: World): void {
  if (tick % EVERY.hunger === 0) player.hunger = Math.min(HUNGER_MAX, player.hunger + 1);
  const fed = player.hunger <= HUNGER_MAX / 2;
  if (fed && player.health > 0 && tick % EVERY.heal === 0) heal(player, 1);
  // Hunger weakens and never kills: a macro left alone finds its player alive.
  if (player.hunger === HUNGER_MAX && tick % EVERY.starve === 0 && player.health > 1)
    player.health -= 1;
}

/** Gives health back, up to the most. */
export function heal(player: Player, health: number): void {
  player.health = Math.min(HEALTH_MAX, player.health + health);
}

function grow(world: World): void {
  for (const plot of world.plots) {
    if (plot.growth < RIPE && world.chance.next() < 0.5) plot.growth += 1;
  }
}

function wakeAtSpawn(world: World): void {
  const { player, bag } = world;
  player.position = SPAWN;
  player.health = HEALTH_MAX / 2;
  player.energy = ENERGY_MAX / 2;
  player.falls += 1;
  for (const foe of world.foes) foe.angry = false;
  const coins = bag.get('coin') ?? 0;
  if (coins > 1) bag.set('coin', Math.ceil(coins / 2));
}

/**
 * Spends energy on something.
 * @throws {Error} when there is too little.
 */
export function spend(world: World, energy: number, what: string): void {
  if (world.player.energy < energy) {
    throw new Error(
      `you are too tired to ${what}: it takes ${energy} energy and you have ${world.player.energy}; combat.rest gives it back`,
    );
  }
  world.player.energy -= energy;
}

/**
 * Puts found things into the player's bag as far as they fit.
 * @returns how many fitted
 */
export function pocket(world: World, item: ItemName, count: number): number {
  const kept = Math.min(count, CARRY_MAX - totalOf(world.bag));
  addTo(world.bag, item, kept);
  return kept;
}

/**
 * The chest of that name, within reach.
 * @throws {Error} when there is none or it is too far away.
 */
export function reachChest(world: World, name: string): Chest {
  const chest = world.chests.find((one) => one.name === name);
  if (!chest) {
    const names = world.chests.map((one) => one.name).join(', ');
    throw new Error(`there is no chest called ${name}; there are: ${names}`);
  }
  const steps = distance(chest.position, world.player.position);
  if (steps > CHEST_REACH) {
    const { x, y } = chest.position;
    throw new Error(
      `chest ${name} is ${steps} steps away; come within ${CHEST_REACH}: movement.goto({ x: ${x}, y: ${y} })`,
    );
  }
  return chest;
}
