// Owns the foes of the training ground: who they are, where they roam, how they come closer and how they strike.

import type { Chance } from './random.ts';
import { distance, findPath, isSamePlace, isWalkable, type Position } from './terrain.ts';

/** A foe; its name is unique in the world. */
export interface Foe {
  readonly name: string;
  position: Position;
  health: number;
  readonly healthMax: number;
  /** The most damage one of its blows does. */
  readonly strength: number;
  /** Comes for the player when it sees them; the others only fight back. */
  readonly hostile: boolean;
  /** Ticks until it is back after a defeat; 0 while it is up. */
  awayTicks: number;
  /** True once it was struck: it fights back as long as the player is within reach. */
  angry: boolean;
}

/** How far a foe sees, in steps. */
export const FOE_SIGHT = 4;
/** How far a blow reaches, in steps (diagonals too). */
export const REACH = 1;
/** Ticks a defeated foe stays away. */
const AWAY_TICKS = 60;

/** The kinds: bob stands beside the spawn and never starts a fight, the rest roam by the seed. */
const KINDS = [
  { name: 'bob', health: 12, strength: 1, hostile: false },
  { name: 'rat', health: 6, strength: 1, hostile: false },
  { name: 'crow', health: 4, strength: 1, hostile: false },
  { name: 'boar', health: 14, strength: 3, hostile: false },
  { name: 'wolf', health: 10, strength: 3, hostile: true },
  { name: 'bandit', health: 16, strength: 4, hostile: true },
] as const;

/** The grass between farm and water: foes never leave it, so field, home and dock are peaceful. */
const ROAM = { west: 17, east: 29, north: 1, south: 18 } as const;

/** Creates the foes of a new world. */
export function createFoes(chance: Chance, bobsPlace: Position, spawn: Position): Foe[] {
  const taken: Position[] = [bobsPlace];
  return KINDS.map(({ name, health, strength, hostile }) => {
    const position = name === 'bob' ? bobsPlace : roamingPlace(chance, spawn, taken);
    taken.push(position);
    return {
      name,
      position,
      health,
      healthMax: health,
      strength,
      hostile,
      awayTicks: 0,
      angry: false,
    };
  });
}

function roamingPlace(chance: Chance, spawn: Position, taken: readonly Position[]): Position {
  // Bounded: the grass is wide, so a free place is found within a few draws; the last draw is good enough.
  for (let draw = 0; draw < 200; draw++) {
    const place = {
      x: chance.between(ROAM.west, ROAM.east),
      y: chance.between(ROAM.north, ROAM.south),
    };
    const free = !taken.some((other) => isSamePlace(other, place));
    if (isWalkable(place) && free && distance(place, spawn) > FOE_SIGHT + 2) return place;
  }
  return { x: ROAM.east, y: ROAM.south };
}

/** The foes that are up, nearest first, then by name. */
export function foesAround(foes: readonly Foe[], place: Position): Foe[] {
  return foes
    .filter((foe) => foe.awayTicks === 0)
    .sort(
      (a, b) =>
        distance(a.position, place) - distance(b.position, place) || (a.name < b.name ? -1 : 1),
    );
}

/** Takes a foe out of the world for a while. */
export function sendAway(foe: Foe): void {
  foe.awayTicks = AWAY_TICKS;
  foe.angry = false;
}

function isRoamed({ x, y }: Position): boolean {
  return x >= ROAM.west && x <= ROAM.east && y >= ROAM.north && y <= ROAM.south;
}

/**
 * One tick of a foe's life: it comes back, comes closer or strikes.
 * @returns the damage of its blow before any guard, 0 when it did not strike
 */
export function foeTurn(
  foe: Foe,
  player: Position,
  chance: Chance,
  isFree: (place: Position) => boolean,
): number {
  if (foe.awayTicks > 0) {
    foe.awayTicks -= 1;
    if (foe.awayTicks === 0) foe.health = foe.healthMax;
    return 0;
  }
  const steps = distance(foe.position, player);
  if (!foe.angry && !(foe.hostile && steps <= FOE_SIGHT && isRoamed(player))) return 0;
  if (steps <= REACH) return chance.next() < 0.5 ? chance.between(1, foe.strength) : 0;
  if (steps > FOE_SIGHT || !isRoamed(player)) {
    foe.angry = false;
    return 0;
  }
  const next = findPath(foe.position, player, isFree)?.[0];
  if (next && isRoamed(next) && isFree(next)) foe.position = next;
  return 0;
}
