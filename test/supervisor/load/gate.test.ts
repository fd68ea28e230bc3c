import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { FeedEvent } from '../../../src/model/feed.ts';
import { type HouseOverrides, toHouse } from '../../../src/model/settings.ts';
import { Feed } from '../../../src/supervisor/feed.ts';
import { type Entry, Gate, Ticket } from '../../../src/supervisor/load/gate.ts';
import { Pass } from '../../../src/supervisor/load/pass.ts';
import type { Visitor } from '../../../src/supervisor/load/waiting.ts';
import type { HoldsStarts, StartHold } from '../../../src/supervisor/start-hold.ts';
import { Tracked } from '../../../src/supervisor/tracked.ts';
import { until } from '../support/processes.ts';

const gates: Gate[] = [];
after(() => {
  for (const gate of gates) gate[Symbol.dispose]();
});

/** A gate of its own, and what it tells. */
function create(overrides: HouseOverrides = {}, holds: readonly HoldsStarts[] = []) {
  const feed = new Feed();
  const told: FeedEvent[] = [];
  feed.on((event) => told.push(event));
  const house = toHouse(overrides);
  const gate = new Gate({
    house: () => house,
    feed,
    tracked: new Tracked(),
    asleep: () => 0,
    holds,
  });
  gates.push(gate);
  const enter = (
    visitor: Partial<Visitor> = {},
    { signal = new AbortController().signal, isTaken = false, isHeld = false } = {},
  ) => {
    const who: Visitor = { owner: 'ann', priority: 0, cordon: 'shared', ...visitor };
    const ticket = new Ticket(gate, who, signal, isTaken);
    return { ticket, entry: ticket.enter(isHeld) };
  };
  return { gate, told, enter };
}

/** The pass of one that must be in. */
function passOf(entry: Entry | Promise<Entry>): Pass {
  assert.ok(entry instanceof Pass, 'it was let in at once');
  return entry;
}

/** Passes as they are given out, by name, and ended by name. */
function watch() {
  const inside = new Map<string, Pass>();
  const order: string[] = [];
  return {
    order,
    expect: (name: string, { entry }: { readonly entry: Entry | Promise<Entry> }) => {
      Promise.resolve(entry)
        .then((each) => {
          order.push(each instanceof Pass ? name : `${name} not`);
          if (each instanceof Pass) inside.set(name, each);
        })
        .catch(assert.ifError);
    },
    leave: async (name: string) => {
      inside.get(name)?.[Symbol.dispose]();
      await settle();
    },
  };
}

const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('the gate', () => {
  test('lets in at once while there is room, and the rest as it becomes free', async () => {
    const { gate, enter } = create({ load: { active: 2 } });
    const [first, second] = [passOf(enter().entry), passOf(enter().entry)];
    const third = enter().entry;
    assert.ok(third instanceof Promise);
    assert.deepEqual([gate.view.active, gate.view.queued], [2, 1]);
    first[Symbol.dispose]();
    const pass = await third;
    assert.ok(pass instanceof Pass);
    assert.deepEqual([gate.view.active, gate.view.queued], [2, 0]);
    first[Symbol.dispose]();
    assert.equal(gate.view.active, 2, 'a pass is given back once');
    for (const each of [second, pass]) each[Symbol.dispose]();
    assert.equal(gate.view.active, 0);
  });

  test('has only so many created at once, from asking for a worker to the sending of the macro', async () => {
    const { gate, enter } = create({ load: { creating: 2 } });
    const [first, second] = [passOf(enter().entry), passOf(enter().entry)];
    const third = enter().entry;
    assert.deepEqual([gate.view.creating, gate.view.active, gate.view.queued], [2, 2, 1]);
    first.sent();
    const pass = await third;
    assert.ok(pass instanceof Pass);
    assert.deepEqual([gate.view.creating, gate.view.active], [2, 3]);
    // One that is held from beginning, or over, is not being created.
    second.held();
    pass[Symbol.dispose]();
    assert.deepEqual([gate.view.creating, gate.view.active], [0, 2]);
    second.creating();
    assert.equal(gate.view.creating, 1, 'placed once more');
  });

  test('has those wait that need a process alone and find none, and nobody else for them', async () => {
    const { enter } = create({ workers: { max: 1 } });
    const { order, expect, leave } = watch();
    expect('a', enter({ cordon: 'solo' }));
    expect('b', enter({ cordon: 'solo' }));
    expect('c', enter({ cordon: 'shared' }));
    await settle();
    assert.deepEqual(order, ['a', 'c']);
    await leave('c');
    assert.deepEqual(order, ['a', 'c']);
    await leave('a');
    assert.deepEqual(order, ['a', 'c', 'b']);
  });

  test('serves the more urgent first, owners in turns, and both kinds of places in turns', async () => {
    const { enter } = create({ load: { active: 1 } });
    const { order, expect, leave } = watch();
    expect('first', enter());
    for (const name of ['a1', 'a2', 'a3']) expect(name, enter({ owner: 'ann' }));
    for (const name of ['b1', 'b2']) expect(name, enter({ owner: 'bob' }));
    for (const name of ['s1', 's2']) expect(name, enter({ owner: 'sam', cordon: 'solo' }));
    expect('urgent', enter({ owner: 'ann', priority: 1 }));
    expect('last', enter({ owner: 'bob', priority: -1 }));
    await settle();
    for (let at = 0; at < 10; at++) await leave(order.at(-1) ?? '');
    assert.deepEqual(order, ['first', 'urgent', 's1', 'a1', 's2', 'b1', 'a2', 'b2', 'a3', 'last']);
  });

  test('lets whoever waits leave at once, and forgets it', async () => {
    const { gate, enter } = create({ load: { active: 1 } });
    const inside = passOf(enter().entry);
    const abort = new AbortController();
    const { entry } = enter({}, { signal: abort.signal });
    const next = enter().entry;
    abort.abort();
    assert.equal(await entry, null);
    assert.equal(gate.view.queued, 1);
    inside[Symbol.dispose]();
    assert.ok((await next) instanceof Pass);
    assert.equal(enter({}, { signal: AbortSignal.abort() }).entry, null);
  });

  test('has whoever is held wait aside: it holds up nobody, keeps its right to wait, and comes back at the end', async () => {
    const { gate, enter } = create({ load: { active: 1, queue: 3 } });
    const { order, expect, leave } = watch();
    expect('a', enter());
    const held = enter();
    expect('held', held);
    expect('b', enter());
    const heldFromTheStart = enter({}, { isHeld: true });
    expect('held from the start', heldFromTheStart);
    held.ticket.setHeld(true);
    assert.equal(gate.view.queued, 3);
    const { entry: full } = enter();
    assert.ok(full && 'refusal' in full, 'those aside count');
    await settle();
    await leave('a');
    await leave('b');
    assert.deepEqual(order, ['a', 'b']);
    heldFromTheStart.ticket.setHeld(false);
    held.ticket.setHeld(false);
    await settle();
    await leave('held from the start');
    assert.deepEqual(order, ['a', 'b', 'held from the start', 'held']);
  });

  test('sends away whom it cannot let wait, says why, and when to come back: none sooner than the one before', () => {
    const { enter } = create({ load: { active: 1, queue: 4, queuePerOwner: 3 } });
    passOf(enter().entry);
    for (let at = 0; at < 3; at++) enter({ owner: 'ann' });
    const refusalOf = (owner: string) => {
      const { entry } = enter({ owner });
      assert.ok(entry && 'refusal' in entry);
      assert.equal(entry.refusal.code, 'queue-full');
      return { message: entry.message, retryAfterMs: entry.refusal.retryAfterMs ?? 0 };
    };
    const own = refusalOf('ann');
    assert.match(
      own.message,
      /^owner ann has 3 runs waiting, .*load\.queuePerOwner.*start it again in/,
    );
    enter({ owner: 'bob' });
    const whole = Array.from({ length: 200 }, () => refusalOf('cleo'));
    assert.match(
      whole[0]?.message ?? '',
      /^4 runs are waiting, .*load\.queue\).*start it again in/,
    );
    const times = whole.map(({ retryAfterMs }) => retryAfterMs);
    assert.deepEqual(
      times.toSorted((a, b) => a - b),
      times,
    );
  });

  test('never sends away one that was in before', async () => {
    const { enter } = create({ load: { active: 1, queue: 0 } });
    const inside = passOf(enter().entry);
    const { entry } = enter({}, { isTaken: true });
    assert.ok(entry instanceof Promise);
    inside[Symbol.dispose]();
    assert.ok((await entry) instanceof Pass);
  });

  test('warns when most of it is taken, and then not for a while', () => {
    const { told, enter } = create({ load: { active: 10, warnAt: 0.8, queue: 10 } });
    for (let at = 0; at < 7; at++) enter();
    assert.equal(told.length, 0);
    for (let at = 0; at < 13; at++) enter();
    assert.equal(told.length, 1);
    const [event] = told;
    assert.ok(event?.type === 'load');
    assert.deepEqual([event.active, event.activeMax, event.queued], [8, 10, 0]);
    assert.match(event.message, /8 of 10 runs are active/);
  });

  test('warns of a line that is nearly full as well, and again when a while is over', () => {
    const { told, enter } = create({
      load: { active: 100, creating: 1, queue: 10, warnEveryMs: 0 },
    });
    for (let at = 0; at < 10; at++) enter();
    const messages = told.map((event) => (event.type === 'load' ? event.message : event.type));
    assert.deepEqual(messages, [
      '8 runs wait, and 10 may (load.queue)',
      '9 runs wait, and 10 may (load.queue)',
    ]);
  });

  test('that is shut sends away who waits and who comes, those aside and those of before too', async () => {
    const { gate, enter } = create({ load: { active: 1 } });
    passOf(enter().entry);
    const waiting = [enter(), enter({}, { isHeld: true }), enter({}, { isTaken: true })];
    const turned = {
      refusal: { code: 'draining', retryAfterMs: null },
      message: 'no more',
    } as const;
    gate.shut(turned);
    for (const { entry } of [...waiting, enter()]) assert.deepEqual(await entry, turned);
    assert.deepEqual([gate.view.draining, gate.view.queued, gate.view.active], [true, 0, 1]);
  });
});

describe('while starts are held', () => {
  function hold(): HoldsStarts & { set(hold: StartHold | null): void } {
    let now: StartHold | null = null;
    const listeners = new Set<() => void>();
    return {
      held: () => now,
      get holding() {
        return now;
      },
      onChange: (listener) => {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
      set: (next) => {
        now = next;
        for (const listener of listeners) listener();
      },
    };
  }
  const SHORT = { code: 'brake', message: 'memory is short', retryAfterMs: 5000 } as const;

  test('that is looked at and weighed without asking: to ask is to start', async () => {
    let asked = 0;
    const brake = {
      ...hold(),
      held: () => {
        asked += 1;
        return SHORT;
      },
      holding: SHORT,
    };
    const { gate, enter } = create({ load: { active: 4 } }, [brake]);
    const { entry, ticket } = enter({}, { isHeld: true });
    const before = asked;
    await until('a beat', () => {
      assert.deepEqual(gate.view.held, SHORT);
      return gate.view.activeMax < 4;
    });
    assert.equal(asked, before);
    ticket.setHeld(false);
    assert.ok(asked > before);
    gate.shut({ refusal: { code: 'draining', retryAfterMs: null }, message: 'no more' });
    await entry;
  });

  test('nobody is let in, and everybody as soon as they are not', async () => {
    const brake = hold();
    const { gate, enter } = create({}, [hold(), brake]);
    const inside = passOf(enter().entry);
    brake.set(SHORT);
    const waiting = [enter().entry, enter().entry];
    inside[Symbol.dispose]();
    await settle();
    assert.equal(gate.view.queued, 2);
    assert.deepEqual(gate.view.held, SHORT);
    brake.set(null);
    for (const entry of waiting) assert.ok((await entry) instanceof Pass);
    assert.equal(gate.view.held, null);
  });

  test('for too long, who waited all the while is sent away with what holds them, and who is paused stays', async () => {
    const brake = hold();
    const { gate, enter } = create({ brake: { holdMs: 10 } }, [brake]);
    brake.set(SHORT);
    const { entry } = enter();
    const aside = enter({}, { isHeld: true });
    const turned = await entry;
    assert.deepEqual(turned, {
      refusal: { code: 'brake', retryAfterMs: 5000 },
      message: 'memory is short',
    });
    assert.equal(gate.view.queued, 1);
    brake.set(null);
    aside.ticket.setHeld(false);
    assert.ok((await aside.entry) instanceof Pass);
  });

  test('fewer may be active, and as many as before some time afterwards', async () => {
    const brake = hold();
    const { gate, told, enter } = create({ load: { active: 4 } }, [brake]);
    const passes = Array.from({ length: 4 }, () => passOf(enter().entry));
    told.length = 0;
    brake.set(SHORT);
    await until('fewer to be allowed', () => gate.view.activeMax < 4);
    assert.ok(gate.view.activeMax >= 1);
    assert.equal(gate.view.activeLimit, 4);
    for (const pass of passes) pass[Symbol.dispose]();
    brake.set(null);
    await until('as many again', () => gate.view.activeMax === 4);
  });
});

test('ten thousand that wait take little memory, are let in in turns, and leave nothing', async () => {
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc') as () => void;
  const { gate, enter } = create({ load: { active: 1, queue: 10_000, queuePerOwner: 1_000 } });
  const WAITING = 10_000;
  let pass = passOf(enter({ owner: 'owner-0' }).entry);
  gc();
  const before = process.memoryUsage().heapUsed;
  const entries = Array.from(
    { length: WAITING },
    (_, at) => enter({ owner: `owner-${at % 50}` }).entry,
  );
  gc();
  const each = (process.memoryUsage().heapUsed - before) / WAITING;
  assert.ok(each < 3_000, `${each} bytes for each`);
  assert.equal(gate.view.queued, WAITING);
  for (let at = 0; at < WAITING; at++) {
    pass[Symbol.dispose]();
    // In turns, and of one owner in order: here that is the order in which they came.
    const next = await entries[at];
    assert.ok(next instanceof Pass, `${at}`);
    pass = next;
  }
  pass[Symbol.dispose]();
  assert.deepEqual([gate.view.queued, gate.view.active, gate.view.creating], [0, 0, 0]);
});
