// The order of the line, held against a plain model of it: slow, obvious, and written from docs/load.md.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { Line, type Place, PRIORITY_MAX, PRIORITY_MIN } from '../../../src/supervisor/load/line.ts';

const AGING_MS = 10;

interface Waiting {
  readonly id: number;
  readonly owner: string;
  priority: number;
  since: number;
}

/** The line as docs/load.md tells it: for each priority its owners in the order of their turns, each with who waits. */
class Model {
  readonly levels = new Map<number, { owner: string; waiting: Waiting[] }[]>();

  #owners(priority: number) {
    const owners = this.levels.get(priority) ?? [];
    this.levels.set(priority, owners);
    return owners;
  }

  add(one: Waiting): void {
    const owners = this.#owners(one.priority);
    const own = owners.find(({ owner }) => owner === one.owner);
    if (own) own.waiting.push(one);
    else owners.push({ owner: one.owner, waiting: [one] });
  }

  remove(id: number): void {
    for (const [priority, owners] of this.levels) {
      for (const own of owners) own.waiting = own.waiting.filter((each) => each.id !== id);
      this.levels.set(
        priority,
        owners.filter(({ waiting }) => waiting.length > 0),
      );
    }
  }

  rise(now: number): void {
    for (let priority = PRIORITY_MAX - 1; priority >= PRIORITY_MIN; priority--) {
      const due = this.#owners(priority)
        .flatMap(({ waiting }) => waiting)
        .filter(({ since }) => since + AGING_MS <= now)
        .sort((a, b) => a.since - b.since || order(a, b));
      for (const one of due) {
        this.remove(one.id);
        one.priority += 1;
        one.since = now;
        one.came = came++;
        this.add(one);
      }
    }
  }

  take(now: number): number | null {
    this.rise(now);
    for (let priority = PRIORITY_MAX; priority >= PRIORITY_MIN; priority--) {
      const owners = this.#owners(priority);
      const [own] = owners;
      const one = own?.waiting.shift();
      if (!own || !one) continue;
      owners.shift();
      if (own.waiting.length > 0) owners.push(own);
      return one.id;
    }
    return null;
  }
}

/** In which order they came to where they are. */
let came = 0;
interface Waiting {
  came: number;
}
const order = (a: Waiting, b: Waiting) => a.came - b.came;

const owners = fc.constantFrom('ann', 'bob', 'cleo', 'dan');
const steps = fc.array(
  fc.oneof(
    {
      weight: 5,
      arbitrary: fc.record({
        type: fc.constant('add' as const),
        owner: owners,
        priority: fc.integer({ min: PRIORITY_MIN, max: PRIORITY_MAX }),
      }),
    },
    { weight: 3, arbitrary: fc.record({ type: fc.constant('take' as const) }) },
    { weight: 1, arbitrary: fc.record({ type: fc.constant('leave' as const), which: fc.nat(50) }) },
    { weight: 2, arbitrary: fc.record({ type: fc.constant('pass' as const), ms: fc.nat(35) }) },
  ),
  { maxLength: 120 },
);

describe('the line', () => {
  test('does what its model does, whoever comes, leaves and is taken, and whenever', () => {
    fc.assert(
      fc.property(steps, (all) => {
        const line = new Line<number>(() => AGING_MS);
        const model = new Model();
        const places: Place<number>[] = [];
        let now = 0;
        for (const step of all) {
          switch (step.type) {
            case 'add': {
              const { owner, priority } = step;
              const id = places.length;
              places.push(line.add(id, { owner, priority }, now));
              model.add({ id, owner, priority, since: now, came: came++ });
              break;
            }
            case 'take':
              assert.equal(line.take(now), model.take(now));
              break;
            case 'leave': {
              const place = places[step.which];
              if (!place) break;
              line.remove(place);
              model.remove(place.item);
              break;
            }
            case 'pass':
              now += step.ms;
              // The gate looks once a second, which is often beside the aging.
              line.next(now);
              model.rise(now);
          }
          const left = [...model.levels.values()].flat().flatMap(({ waiting }) => waiting);
          assert.equal(line.size, left.length);
          assert.deepEqual(
            [...line].map(({ item }) => item).sort((a, b) => a - b),
            left.map(({ id }) => id).sort((a, b) => a - b),
          );
        }
      }),
      { numRuns: 300 },
    );
  });

  test('serves owners in turns: nobody twice while another of the same priority waits', () => {
    fc.assert(
      fc.property(fc.array(owners, { minLength: 2, maxLength: 80 }), (arrivals) => {
        const line = new Line<string>(() => AGING_MS);
        for (const owner of arrivals) line.add(owner, { owner, priority: 0 }, 0);
        const served: string[] = [];
        for (let owner = line.take(0); owner !== null; owner = line.take(0)) served.push(owner);
        const left = new Map<string, number>();
        for (const owner of arrivals) left.set(owner, (left.get(owner) ?? 0) + 1);
        let last: string | null = null;
        for (const owner of served) {
          const others = [...left].filter(([name, count]) => name !== owner && count > 0);
          assert.ok(owner !== last || others.length === 0, served.join(' '));
          left.set(owner, (left.get(owner) ?? 0) - 1);
          last = owner;
        }
        assert.equal(served.length, arrivals.length);
      }),
    );
  });

  test('of one owner and one priority serves who came first', () => {
    const line = new Line<number>(() => AGING_MS);
    for (let n = 0; n < 100; n++) line.add(n, { owner: 'ann', priority: 3 }, n / 1000);
    assert.deepEqual(
      Array.from({ length: 100 }, () => line.take(1)),
      Array.from({ length: 100 }, (_, n) => n),
    );
  });

  test('keeps nobody waiting for ever: the least urgent is served in the midst of a flood of the most urgent', () => {
    fc.assert(
      fc.property(fc.array(owners, { minLength: 1, maxLength: 4 }), (rivals) => {
        const line = new Line<string>(() => AGING_MS);
        line.add('the least urgent', { owner: 'zoe', priority: PRIORITY_MIN }, 0);
        // Time passes, each rival sends another one before each is served: the line never gets shorter.
        for (let now = 0; now < 10_000; now += 5) {
          for (const owner of rivals) line.add('urgent', { owner, priority: PRIORITY_MAX }, now);
          if (line.take(now) === 'the least urgent') {
            const steps = PRIORITY_MAX - PRIORITY_MIN;
            assert.ok(now <= steps * (AGING_MS + 5) + 5 * (rivals.length + 1), `${now}`);
            return;
          }
        }
        assert.fail('it was never served');
      }),
      { numRuns: 20 },
    );
  });

  test('takes as long for a step however long it is', () => {
    const perStep = (length: number) => {
      const line = new Line<number>(() => AGING_MS);
      for (let n = 0; n < length; n++)
        line.add(n, { owner: `owner-${n % 1000}`, priority: n % 5 }, 0);
      const rounds = 5_000;
      const from = process.threadCpuUsage().user;
      for (let n = 0; n < rounds; n++) {
        const item = line.take(0) ?? 0;
        line.remove(line.add(item, { owner: 'x', priority: 0 }, 0));
        line.add(item, { owner: `owner-${n % 1000}`, priority: n % 5 }, 0);
      }
      return (process.threadCpuUsage().user - from) / rounds;
    };
    perStep(500);
    const [short, long] = [perStep(500), perStep(50_000)];
    assert.ok(long < short * 10 + 5, `${short} µs in a line of 500, ${long} µs in one of 50,000`);
  });

  test('one that has left is not served, and leaving twice changes nothing', () => {
    const line = new Line<string>(() => AGING_MS);
    const place = line.add('a', { owner: 'ann', priority: 0 }, 0);
    line.add('b', { owner: 'ann', priority: 0 }, 0);
    line.remove(place);
    line.remove(place);
    assert.equal(line.size, 1);
    assert.equal(line.take(0), 'b');
    line.remove(place);
    assert.deepEqual([line.size, line.take(0)], [0, null]);
  });
});
