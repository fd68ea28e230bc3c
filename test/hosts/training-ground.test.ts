import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createTrainingGround } from '../../src/hosts/training-ground.ts';
import type { CommandContext } from '../../src/model/command.ts';

const CONTEXT: CommandContext = {
  runId: 'test',
  macro: 'test',
  signal: new AbortController().signal,
};

/** Every field these tests read of an answer; each command has some of them. */
interface Answer {
  readonly x: number;
  readonly y: number;
  readonly steps: number;
  readonly arrived: boolean;
  readonly blockedBy: string | null;
  readonly health: number;
  readonly hunger: number;
  readonly falls: number;
  readonly victories: number;
  readonly defeated: boolean;
  readonly foeHealth: number;
  readonly loot: string | null;
  readonly items: readonly { readonly item: string; readonly count: number }[];
  readonly total: number;
  readonly carried: number;
  readonly inChest: number;
  readonly left: number;
  readonly plots: number;
  readonly waypoints: readonly object[];
  readonly readyInTicks: number;
  readonly lines: readonly { readonly from: string; readonly text: string }[];
  readonly next: number;
  readonly more: boolean;
  readonly answer: string;
}

/** A world to give commands to. */
function enter(seed: number) {
  const { commands } = createTrainingGround({ seed });
  return async (name: string, args: object = {}) => {
    const command = commands.find((one) => one.name === name);
    assert.ok(command, name);
    return command.output.parse(await command.run(command.input.parse(args), CONTEXT)) as Answer;
  };
}
type Give = ReturnType<typeof enter>;

/** What a player can see of the world, but for the time. */
async function stateOf(give: Give): Promise<unknown> {
  const { x, y } = await give('movement.where');
  const { health, hunger, falls, victories } = await give('combat.status');
  const { items } = await give('inventory.list');
  const { waypoints } = await give('teleport.waypoints');
  return { x, y, health, hunger, falls, victories, items, waypoints };
}

describe('the world', () => {
  test('is the same for the same seed and another for another', async () => {
    const live = async (seed: number) => {
      const give = enter(seed);
      const told = [await give('combat.foes'), await give('inventory.crops')];
      for (let day = 0; day < 3; day++) told.push(await give('movement.wait', { ticks: 100 }));
      return [...told, await give('chat.heard', { limit: 100 })];
    };
    assert.deepEqual(await live(1), await live(1));
    assert.notDeepEqual(await live(1), await live(2));
  });

  test('can have any number as its seed', async () => {
    for (const seed of [0, -1, 2 ** 32, 2 ** 53, 0.5, Number.NaN]) {
      const foes = await enter(seed)('combat.foes');
      assert.ok(JSON.stringify(foes).includes('bob'), String(seed));
    }
  });

  test('has five categories, and privileged commands in two of them', () => {
    const { commands } = createTrainingGround({ seed: 1 });
    const categories = new Set(commands.map(({ category }) => category));
    assert.deepEqual([...categories], ['movement', 'combat', 'chat', 'inventory', 'teleport']);
    const privileged = commands.filter((command) => command.privileged).map(({ name }) => name);
    assert.deepEqual(privileged, ['chat.broadcast', 'teleport.summon']);
  });

  test('has commands that wait, throw and end the run beyond their limits', () => {
    const { commands } = createTrainingGround({ seed: 1 });
    for (const onLimit of ['wait', 'throw', 'kill'])
      assert.ok(commands.some((command) => command.rate && command.onLimit === onLimit));
  });
});

describe('idempotent commands', () => {
  const CALLS: readonly (readonly [string, object])[] = [
    ['movement.where', {}],
    ['movement.look', {}],
    ['movement.goto', { x: 18, y: 10 }],
    ['combat.foes', {}],
    ['combat.status', {}],
    ['combat.guard', {}],
    ['chat.players', {}],
    ['chat.heard', {}],
    ['inventory.list', {}],
    ['inventory.chests', {}],
    ['inventory.crops', {}],
    ['teleport.waypoints', {}],
    ['teleport.set', { name: 'camp' }],
    ['teleport.forget', { name: 'camp' }],
  ];

  test('change nothing more when they are given twice', async () => {
    for (const [name, args] of CALLS) {
      const once = enter(7);
      await once(name, args);
      const twice = enter(7);
      await twice(name, args);
      await twice(name, args);
      assert.deepEqual(await stateOf(twice), await stateOf(once), name);
    }
  });

  test('are all of those that say so', () => {
    const { commands } = createTrainingGround({ seed: 1 });
    const named = commands.filter((command) => command.idempotent).map(({ name }) => name);
    // Opening a chest needs standing at one; its test is below.
    assert.deepEqual(
      named.filter((name) => name !== 'inventory.open').sort(),
      CALLS.map(([name]) => name).sort(),
    );
  });
});

describe('movement', () => {
  test('walks, and says where one is', async () => {
    const give = enter(7);
    assert.deepEqual(await give('movement.where'), { x: 20, y: 10, tick: 1 });
    const walked = await give('movement.walk', { direction: 'west', steps: 3 });
    assert.deepEqual([walked.x, walked.y, walked.arrived], [17, 10, true]);
    assert.equal((await give('movement.where')).x, 17);
  });

  test('stops at what stands in the way and names it', async () => {
    const walked = await enter(7)('movement.walk', { direction: 'east', steps: 2 });
    assert.deepEqual([walked.steps, walked.arrived, walked.blockedBy], [0, false, 'bob']);
  });

  test('says that there is no way into a wall or out of the map', async () => {
    await assert.rejects(enter(7)('movement.goto', { x: 0, y: 0 }), /no way to 0,0: it is wall/);
    await assert.rejects(enter(7)('movement.goto', { x: 40, y: 0 }));
  });
});

describe('combat', () => {
  test('brings a foe down, with loot', async () => {
    const give = enter(7);
    let blow = await give('combat.attack', { target: 'bob' });
    for (let count = 0; count < 10 && !blow.defeated; count++)
      blow = await give('combat.attack', { target: 'bob' });
    assert.deepEqual([blow.defeated, blow.foeHealth, blow.loot], [true, 0, 'coin']);
    assert.equal((await give('combat.status')).victories, 1);
  });

  test('says how far away a foe is, and who is there instead of one that is not', async () => {
    const give = enter(7);
    await give('movement.walk', { direction: 'west', steps: 3 });
    await assert.rejects(give('combat.attack', { target: 'bob' }), /bob is 4 steps away/);
    await assert.rejects(give('combat.attack', { target: 'dragon' }), /no foe called dragon/);
  });
});

describe('inventory', () => {
  test('moves things between bag and chest, never making or losing any', async () => {
    const give = enter(7);
    await give('teleport.to', { name: 'home' });
    const { items: before } = await give('inventory.open', { chest: 'home' });
    const bread = before.find(({ item }) => item === 'bread');
    assert.ok(bread);
    const taken = await give('inventory.take', { chest: 'home', item: 'bread', count: 2 });
    assert.deepEqual([taken.carried, taken.inChest], [4, bread.count - 2]);
    await give('inventory.put', { chest: 'home', item: 'bread', count: 2 });
    assert.deepEqual((await give('inventory.open', { chest: 'home' })).items, before);
    assert.deepEqual((await give('inventory.open', { chest: 'home' })).items, before);
  });

  test('says what a chest holds when it holds too little, and how far away it is', async () => {
    const give = enter(7);
    const take = { chest: 'home', item: 'sword' };
    await assert.rejects(give('inventory.take', take), /chest home is 13 steps away/);
    await give('teleport.to', { name: 'home' });
    await assert.rejects(
      give('inventory.take', take),
      /only 0 sword in chest home, not 1; it holds/,
    );
  });

  test('eating stills hunger and uses the food up', async () => {
    const give = enter(7);
    const { hunger } = await give('combat.status');
    const meal = await give('inventory.eat', { item: 'bread' });
    assert.deepEqual([meal.hunger, meal.left], [hunger - 6, 1]);
    await assert.rejects(give('inventory.eat', { item: 'dagger' }), /cannot be eaten/);
  });

  test('what was harvested grows again', async () => {
    const give = enter(7);
    await give('teleport.to', { name: 'field' });
    const ripen = async () => {
      for (let day = 0; day < 5; day++) await give('movement.wait', { ticks: 100 });
    };
    await ripen();
    const { plots } = await give('inventory.harvest');
    assert.equal(plots, 4);
    assert.equal((await give('inventory.harvest')).plots, 0);
    await ripen();
    assert.equal((await give('inventory.harvest')).plots, plots);
  });

  test('the bag never holds more than it can', async () => {
    const give = enter(7);
    await give('teleport.to', { name: 'dock' });
    for (let cast = 0; cast < 200; cast++) {
      await give('inventory.fish');
      await give('combat.rest', { ticks: 1 });
    }
    assert.deepEqual((await give('inventory.list')).total, 64);
  });
});

describe('teleport', () => {
  test('has a cooldown that is told and counted in ticks', async () => {
    const give = enter(7);
    const { readyInTicks } = await give('teleport.to', { name: 'home' });
    await assert.rejects(give('teleport.to', { name: 'dock' }), /teleport is ready in/);
    await give('movement.wait', { ticks: readyInTicks });
    const { x, y } = await give('teleport.to', { name: 'dock' });
    assert.deepEqual([x, y], [32, 2]);
  });

  test("everybody's waypoints stay; one's own can be set and forgotten", async () => {
    const give = enter(7);
    await assert.rejects(give('teleport.set', { name: 'home' }), /everybody's/);
    await assert.rejects(give('teleport.forget', { name: 'home' }), /everybody's/);
    await give('teleport.set', { name: 'camp' });
    assert.deepEqual(await give('teleport.forget', { name: 'camp' }), { forgotten: true });
    assert.deepEqual(await give('teleport.forget', { name: 'camp' }), { forgotten: false });
  });
});

describe('chat', () => {
  test('what is said is heard, page by page, each line once', async () => {
    const give = enter(7);
    for (let line = 0; line < 5; line++) await give('chat.say', { text: `line ${line}` });
    const read: string[] = [];
    let after = 0;
    for (let more = true; more; ) {
      const page = await give('chat.heard', { after, limit: 2 });
      for (const { from, text } of page.lines) if (from === 'you') read.push(text);
      ({ next: after, more } = page);
    }
    assert.deepEqual(read, ['line 0', 'line 1', 'line 2', 'line 3', 'line 4']);
  });

  test('a whisper is answered, by somebody who exists', async () => {
    const { answer } = await enter(7)('chat.whisper', { to: 'mara', text: 'hello' });
    assert.match(answer, /field/);
    await assert.rejects(
      enter(7)('chat.whisper', { to: 'nobody', text: 'hello' }),
      /there are: mara/,
    );
  });
});
