import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Foe } from '../../../src/hosts/training-ground/foes.ts';
import { distance } from '../../../src/hosts/training-ground/terrain.ts';
import {
  CHEST_REACH,
  createWorld,
  HEALTH_MAX,
  HUNGER_MAX,
  pass,
  reachChest,
  SPAWN,
  spend,
  type World,
} from '../../../src/hosts/training-ground/world.ts';

function foeOf(world: World, name: string): Foe {
  const foe = world.foes.find((one) => one.name === name);
  assert.ok(foe);
  return foe;
}

describe('time', () => {
  test('a hostile foe comes for a player on the grass and strikes', () => {
    const world = createWorld(1);
    world.player.position = { x: 24, y: 5 };
    foeOf(world, 'wolf').position = { x: 24, y: 8 };
    const { damage } = pass(world, 10);
    assert.ok(damage > 0);
    assert.equal(distance(foeOf(world, 'wolf').position, world.player.position), 1);
  });

  test('no foe leaves the grass: whoever stands beside it is safe', () => {
    const world = createWorld(1);
    world.player.position = { x: 32, y: 2 };
    const wolf = foeOf(world, 'wolf');
    wolf.position = { x: 29, y: 2 };
    wolf.angry = true;
    assert.equal(pass(world, 50).damage, 0);
    assert.ok(wolf.position.x <= 29);
  });

  test('who falls wakes at the spawn with half of health, energy and coins, and time stops for it', () => {
    const world = createWorld(1);
    const { player, bag } = world;
    player.position = { x: 24, y: 5 };
    player.health = 1;
    bag.set('coin', 9);
    foeOf(world, 'bandit').position = { x: 24, y: 6 };
    const { fell } = pass(world, 100);
    assert.equal(fell, true);
    assert.ok(world.tick < 100);
    assert.deepEqual(player.position, SPAWN);
    assert.deepEqual([player.health, player.energy, player.falls], [HEALTH_MAX / 2, 50, 1]);
    assert.equal(bag.get('coin'), 5);
  });

  test('hunger comes and weakens but never kills', () => {
    const world = createWorld(1);
    world.player.position = { x: 6, y: 10 };
    pass(world, 2000);
    assert.equal(world.player.hunger, HUNGER_MAX);
    assert.equal(world.player.health, 1);
    assert.equal(world.player.falls, 0);
  });

  test('a raised guard takes half of each blow', () => {
    const suffer = (guardTicks: number) => {
      const world = createWorld(5);
      world.player.position = { x: 24, y: 5 };
      world.player.guardTicks = guardTicks;
      foeOf(world, 'bandit').position = { x: 24, y: 6 };
      return pass(world, 6).damage;
    };
    assert.ok(suffer(6) < suffer(0));
  });
});

describe('what a player may not', () => {
  test('spend energy that is not there', () => {
    const world = createWorld(1);
    world.player.energy = 2;
    assert.throws(() => spend(world, 3, 'strike'), /too tired to strike: it takes 3 energy/);
    assert.equal(world.player.energy, 2);
  });

  test('reach a chest that is far, or one that does not exist', () => {
    const world = createWorld(1);
    assert.throws(() => reachChest(world, 'home'), new RegExp(`come within ${CHEST_REACH}`));
    assert.throws(() => reachChest(world, 'attic'), /no chest called attic; there are: home, barn/);
  });
});
