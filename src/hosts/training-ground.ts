// Owns the training ground: a small seeded world whose commands a macro can watch working. Same seed and same commands,
// same answers: it never reads a clock, never rolls an unseeded die and touches nothing outside itself.

import type { Host } from '../model/command.ts';
import { chatCommands } from './training-ground/chat.ts';
import { combatCommands } from './training-ground/combat.ts';
import { inventoryCommands } from './training-ground/inventory.ts';
import { movementCommands } from './training-ground/movement.ts';
import { teleportCommands } from './training-ground/teleport.ts';
import { createWorld } from './training-ground/world.ts';

/**
 * Creates a fresh world with its commands in five categories: movement, combat, chat, inventory and teleport.
 * All runs that share the host share the world.
 * @param options.seed any number; decides where foes roam, what chests hold, what bites and who says what
 * @example
 * const host = createTrainingGround({ seed: 7 });
 * host.commands.map((command) => command.name); // 'movement.where', …
 */
export function createTrainingGround(options: { readonly seed: number }): Host {
  const world = createWorld(options.seed);
  return {
    name: 'training-ground',
    commands: [
      ...movementCommands(world),
      ...combatCommands(world),
      ...chatCommands(world),
      ...inventoryCommands(world),
      ...teleportCommands(world),
    ],
  };
}
