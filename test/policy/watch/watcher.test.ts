import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { Pattern } from '../../../src/model/pattern.ts';
import type { Hit } from '../../../src/policy/watch/hit.ts';
import { MINUTE_MS } from '../../../src/policy/watch/macro-counts.ts';
import { Watcher, type Watching } from '../../../src/policy/watch/watcher.ts';
import { livePattern } from '../../support/live-patterns.ts';

const SAY = { name: 'chat.say', category: 'chat', privileged: false };
const patrol = { owner: 'ann', name: 'patrol', digest: 'd1' };

/** Gives a command if it may, and tells what it made match. */
function give({ run }: Watching, time: number, name = 'chat.say', line: number | null = 1): Hit[] {
  const [category = ''] = name.split('.');
  const command = { name, category, privileged: false };
  const moment = { time, at: time, line };
  const hits = [...run.look(command, moment)];
  run.count(command, moment);
  return hits;
}

const ids = (hits: readonly Hit[]) => hits.map(({ pattern }) => pattern.id);

describe('a pattern about commands', () => {
  test('matches the first that is more than allowed, and says what it was', () => {
    using run = new Watcher([livePattern('talk')]).watch(patrol);
    for (const time of [0, 10, 20]) assert.deepEqual(give(run, time, 'chat.say', time), []);
    const [hit, ...others] = give(run, 900, 'chat.shout', 7);
    assert.deepEqual(others, []);
    const { pattern, ...seen } = hit as Hit;
    assert.equal(pattern.id, 'talk');
    assert.deepEqual(seen, {
      scope: 'run',
      what: 'commands',
      measured: 4,
      allowed: 3,
      windowMs: 1000,
      occurrences: [
        { at: 0, name: 'chat.say', line: 0 },
        { at: 10, name: 'chat.say', line: 10 },
        { at: 20, name: 'chat.say', line: 20 },
        { at: 900, name: 'chat.shout', line: 7 },
      ],
      message: '4 chat.say and chat.shout in 1s; the limit is 3 in 1s',
    });
  });

  test('does not match as many as are allowed, for ever', () => {
    using run = new Watcher([livePattern('talk')]).watch(patrol);
    for (let n = 0; n < 1000; n++) assert.deepEqual(give(run, n * 334), []);
  });

  test('uses up what it counted: it matches again only for as many new ones', () => {
    using run = new Watcher([livePattern('talk')]).watch(patrol);
    const matched = Array.from({ length: 13 }, (_, n) => give(run, n).length);
    // The one that made it match is the first of the next ones.
    assert.deepEqual(matched, [0, 0, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0, 1]);
  });

  test('counts what is carried out, and nothing that is only looked at', () => {
    using run = new Watcher([livePattern('talk')]).watch(patrol);
    for (let n = 0; n < 100; n++)
      assert.deepEqual(run.run.look(SAY, { time: n, at: n, line: null }), []);
  });

  test('lists the last ten', () => {
    using run = new Watcher([livePattern('talk', { maxOccurrences: 50 })]).watch(patrol);
    for (let n = 0; n < 50; n++) give(run, n);
    const [hit] = give(run, 50);
    assert.deepEqual(
      hit?.occurrences.map(({ at }) => at),
      [41, 42, 43, 44, 45, 46, 47, 48, 49, 50],
    );
  });

  test('is told beside all others that match', () => {
    const patterns = [
      livePattern('talk'),
      livePattern('any', { match: { command: {} }, maxOccurrences: 2 }),
      livePattern('fight', { match: { command: { category: 'combat' } } }),
    ];
    using run = new Watcher(patterns).watch(patrol);
    give(run, 0);
    give(run, 1, 'lamp.blink');
    assert.deepEqual(ids(give(run, 2)), ['any']);
    assert.deepEqual(ids(give(run, 3)), []);
    assert.deepEqual(ids(give(run, 4)), ['talk', 'any']);
  });

  test('counts as counting everything again would, whatever is given when', () => {
    const step = fc.record({
      after: fc.integer({ min: 0, max: 700 }),
      name: fc.constantFrom('chat.say', 'chat.heard', 'combat.strike', 'lamp.blink'),
      of: fc.integer({ min: 0, max: 2 }),
    });
    const patterns = [
      livePattern('talk', { match: { command: { category: 'chat', except: ['chat.heard'] } } }),
      livePattern('any', { match: { command: {} }, maxOccurrences: 5, timeWindowMs: 1500 }),
    ];
    // Two runs of one text under two names, and a stranger.
    const keys = [
      patrol,
      { owner: 'ann', name: 'renamed', digest: 'd1' },
      { owner: 'bob', name: 'patrol', digest: 'd1' },
    ];
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (script) => {
        const watcher = new Watcher(patterns);
        const runs = keys.map((key) => watcher.watch(key));
        const naive = new Naive(patterns, keys);
        let time = 0;
        for (const { after, name, of } of script) {
          time += after;
          const hits = give(runs[of] as Watching, time, name);
          assert.deepEqual(
            hits.map(({ pattern, scope }) => `${pattern.id} ${scope}`),
            naive.give(of, time, name),
          );
        }
      }),
    );
  });
});

/** Keeps everything that was given since each match, and counts all of it again. */
class Naive {
  readonly #patterns: readonly Pattern[];
  readonly #keys: readonly (typeof patrol)[];
  #given: { pattern: string; scope: string; time: number }[] = [];

  constructor(patterns: readonly Pattern[], keys: readonly (typeof patrol)[]) {
    this.#patterns = patterns;
    this.#keys = keys;
  }

  give(run: number, time: number, name: string): string[] {
    const key = this.#keys[run];
    const scopes = [
      `run ${run}`,
      `name ${key?.owner} ${key?.name}`,
      `text ${key?.owner} ${key?.digest}`,
    ];
    const found: string[] = [];
    for (const { id, match, maxOccurrences = 0, timeWindowMs = 0 } of this.#patterns) {
      const { category, except } = match.command ?? {};
      if (category !== undefined && !name.startsWith(`${category}.`)) continue;
      if (except?.includes(name)) continue;
      const full = scopes.find((scope) => {
        const same = this.#given.filter((each) => each.pattern === id && each.scope === scope);
        return same.filter((each) => each.time > time - timeWindowMs).length >= maxOccurrences;
      });
      if (full) {
        found.push(`${id} ${full.startsWith('run') ? 'run' : 'macro'}`);
        this.#given = this.#given.filter(
          (each) => each.pattern !== id || !scopes.includes(each.scope),
        );
      }
      this.#given.push(...scopes.map((scope) => ({ pattern: id, scope, time })));
    }
    return found;
  }
}

describe('the runs of a macro together', () => {
  const watcher = () => new Watcher([livePattern('talk')]);

  test('match what none of them does alone, and it is said so', () => {
    const all = watcher();
    using one = all.watch(patrol);
    using two = all.watch(patrol);
    for (const time of [0, 10]) assert.deepEqual(give(one, time), []);
    assert.deepEqual(give(two, 20), []);
    const [hit] = give(two, 30);
    assert.equal(hit?.scope, 'macro');
    assert.match(hit?.message ?? '', /^4 chat\.say in 1s; .* \(all runs of this macro together\)$/);
  });

  test('are not looked at for a pattern that is about each run alone', () => {
    const all = new Watcher([livePattern('talk', { scope: 'run' })]);
    using one = all.watch(patrol);
    using two = all.watch(patrol);
    for (const time of [0, 10, 20]) give(one, time);
    for (const time of [30, 40, 50]) assert.deepEqual(give(two, time), []);
    assert.equal(give(two, 60)[0]?.scope, 'run');
  });

  test('are those of the same name and those of the same text, of one owner', () => {
    for (const [key, isSame] of [
      [{ ...patrol, digest: 'another text' }, true],
      [{ ...patrol, name: 'renamed' }, true],
      [{ owner: 'ann', name: 'other', digest: 'd2' }, false],
      [{ ...patrol, owner: 'bob' }, false],
    ] as const) {
      const all = watcher();
      using one = all.watch(patrol);
      using two = all.watch(key);
      for (const time of [0, 10, 20]) give(one, time);
      assert.equal(give(two, 30).length, isSame ? 1 : 0, JSON.stringify(key));
    }
  });

  test('count on after one has ended', () => {
    const all = watcher();
    {
      using one = all.watch(patrol);
      for (const time of [0, 10, 20]) give(one, time);
    }
    using two = all.watch(patrol);
    assert.equal(give(two, 30)[0]?.scope, 'macro');
    using three = all.watch(patrol);
    assert.deepEqual(give(three, 2000), [], 'that was long ago');
  });

  test("tell of another run's commands on this one's clock", () => {
    const all = watcher();
    using one = all.watch(patrol);
    using two = all.watch(patrol);
    for (const time of [5000, 5010, 5020]) give(one, time);
    // This one started at 5,025.
    const [hit] = two.run.look(SAY, { time: 5030, at: 5, line: 3 });
    assert.deepEqual(
      hit?.occurrences.map(({ at }) => at),
      [-25, -15, -5, 5],
    );
  });

  test('may give so many commands in a minute, and not one more', () => {
    const all = new Watcher([]);
    using one = all.watch(patrol);
    using two = all.watch({ ...patrol, name: 'renamed' });
    for (let n = 0; n < 50; n++) {
      give(one, n * 10, 'lamp.blink');
      give(two, n * 10, 'lamp.blink');
    }
    for (const { run } of [one, two]) {
      assert.equal(run.isMinuteFull(500, 101), false);
      assert.equal(run.isMinuteFull(500, 100), true);
    }
    assert.equal(one.run.isMinuteFull(500 + MINUTE_MS, 100), false);
  });

  test('are paused so often within an hour', () => {
    using one = watcher().watch(patrol);
    const [macro] = one.macros;
    macro?.notePause('talk', 0);
    macro?.notePause('talk', 60_000);
    assert.equal(macro?.pauses('talk', 100_000), 2);
    assert.equal(macro?.pauses('other', 100_000), 0);
    assert.equal(macro?.pauses('talk', 3_600_000), 1);
  });
});

describe('a pattern about what is measured', () => {
  const leak = livePattern('leak', {
    match: { live: { heapGrowthPerSecondAtLeast: 1_000_000 } },
    timeWindowMs: 1000,
  });
  const reading = (at: number, collected: boolean) => ({
    at,
    realm: 0,
    heapBytes: at * 2000,
    cpuMs: at * 0.9,
    collected,
  });

  test('asks for a collection first, not too often, and matches by what that leaves', () => {
    using watching = new Watcher([leak]).watch(patrol);
    const { run } = watching;
    const wanted: number[] = [];
    for (let at = 0; at <= 2000; at += 50) {
      const { hits, wantsCollection } = run.sample(reading(at, false));
      assert.deepEqual(hits, []);
      if (wantsCollection) wanted.push(at);
    }
    assert.deepEqual(wanted, [900, 1100, 1300, 1500, 1700, 1900]);
    const [hit] = run.sample(reading(2050, true)).hits;
    assert.equal(hit?.pattern.id, 'leak');
    assert.ok(Math.abs((hit?.measured ?? 0) - 2e6) < 1e5);
    assert.equal(hit?.allowed, 1_000_000);
    assert.match(
      hit?.message ?? '',
      /^what it holds grew by 1\.9mb a second over 1s; the limit is 976/,
    );
    assert.match(hit?.occurrences.at(-1)?.name ?? '', /^heap 3\.\dmb$/);
    assert.deepEqual(run.sample(reading(2100, true)).hits, [], 'it begins anew');
  });

  test('about the processor needs none', () => {
    const busy = livePattern('busy', { match: { live: { cpuShareAtLeast: 0.8 } } });
    using watching = new Watcher([busy]).watch(patrol);
    const { run } = watching;
    const hits = Array.from({ length: 20 }, (_, n) => run.sample(reading(n * 100, false)).hits);
    const [hit] = hits.flat();
    assert.equal(hit?.message, 'it used 90 % of a processor over 1s; the limit is 80 %');
  });

  test('wants all that it asks for', () => {
    const both = livePattern('both', {
      match: { live: { heapGrowthPerSecondAtLeast: 1_000_000, cpuShareAtLeast: 0.95 } },
    });
    using watching = new Watcher([both]).watch(patrol);
    for (let at = 0; at <= 5000; at += 50)
      assert.deepEqual(watching.run.sample(reading(at, true)).hits, []);
  });
});

describe('a pattern about depth', () => {
  const deep = livePattern('deep', { match: { live: { recursionDepthAtLeast: 4 } } });
  using watching = new Watcher([deep]).watch(patrol);
  const { run } = watching;
  const path = ['a', 'b', 'c', 'd'];

  test('matches macros that stand in each other so deep', () => {
    const nesting = { depth: 3, path: path.slice(1), of: 'macros', line: 9 } as const;
    assert.deepEqual(run.nested(nesting, 5), []);
    const [hit] = run.nested({ ...nesting, depth: 4, path }, 5);
    assert.equal(hit?.message, 'macros stood 4 deep in each other: a → b → c → d; the limit is 4');
    assert.deepEqual(hit?.occurrences.at(-1), { at: 5, name: 'macros.call d', line: 9 });
  });

  test('matches a circle of macros, and functions that stand in themselves', () => {
    const [circle] = run.nested({ depth: 256, path: ['a', 'b', 'a'], of: 'macros', line: 1 }, 0);
    assert.equal(circle?.message, 'macros call each other in a circle: a → b → a');
    const [own] = run.nested({ depth: 200, path: ['fill'], of: 'function', line: 3 }, 0);
    assert.equal(own?.message, 'the function fill stood 200 deep in itself; the limit is 4');
  });
});

test('no macro that has ended is remembered for ever', () => {
  const watcher = new Watcher([livePattern('talk')]);
  for (let n = 0; n < 20_000; n++) {
    using run = watcher.watch({ owner: 'ann', name: `macro ${n}`, digest: `text ${n}` });
    give(run, n);
  }
  assert.ok(watcher.remembered <= 4096, String(watcher.remembered));
});
