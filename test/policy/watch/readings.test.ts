import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { Readings } from '../../../src/policy/watch/readings.ts';

const MB = 1024 * 1024;

interface Course {
  readonly heap: (at: number) => number;
  readonly forMs?: number;
  readonly everyMs?: number;
  readonly realm?: (at: number) => number;
  readonly collected?: boolean;
}

/** A window of three seconds after a course of samples; the last of them comes from a collection, unless it says otherwise. */
function after({ heap, forMs = 4000, everyMs = 100, realm = () => 0, collected = true }: Course) {
  const readings = new Readings(3000);
  for (let at = 0; at <= forMs; at += everyMs)
    readings.add({
      at,
      realm: realm(at),
      heapBytes: heap(at),
      cpuMs: at / 2,
      collected: collected && at + everyMs > forMs,
    });
  return readings;
}

const perSecond = (course: Course) => after(course).growth?.perSecond ?? null;

describe('the growth of a heap', () => {
  test('is what it grew by a second, however often it was sampled', () => {
    for (const everyMs of [10, 100, 500]) {
      const grown = perSecond({ heap: (at) => 4 * MB + at * 1000, everyMs }) ?? 0;
      assert.ok(Math.abs(grown - 1e6) < 1e5, String(grown));
    }
  });

  test('is not known before the window was seen', () => {
    assert.equal(perSecond({ heap: (at) => at * 1000, forMs: 2500 }), null);
    assert.equal(new Readings(3000).growth, null);
  });

  test('does not count garbage that is collected now and then', () => {
    // Twenty megabytes of garbage pile up again and again, and nothing is kept.
    for (const everyMs of [200, 500, 900]) {
      const saw = (at: number) => 4 * MB + (at % everyMs) * ((20 * MB) / everyMs);
      for (let forMs = 3000; forMs < 5000; forMs += 100) {
        const grown = perSecond({ heap: saw, forMs, collected: false }) ?? 0;
        assert.ok(grown < 4 * MB, `${grown} at ${forMs}, a tooth each ${everyMs} ms`);
      }
    }
  });

  test('shows through the garbage', () => {
    const leak = (at: number) => 4 * MB + at * 2000 + (at % 400) * 50_000;
    const grown = perSecond({ heap: leak, collected: false }) ?? 0;
    assert.ok(Math.abs(grown - 2e6) < 5e5, String(grown));
  });

  test('is certain only after a collection, and then what that left is the truth', () => {
    // All of it was garbage: what the collection leaves is as much as there was in the beginning.
    const garbage = (at: number) => (at < 3900 ? 4 * MB + at * 20_000 : 4 * MB);
    assert.equal(after({ heap: garbage }).growth, null);
    assert.equal(after({ heap: garbage, forMs: 3800, collected: false }).growth?.isCertain, false);
    assert.equal(after({ heap: (at) => at * 2000 }).growth?.isCertain, true);
  });

  test('is none where something is loaded once and kept', () => {
    for (let when = 0; when < 4000; when += 100)
      assert.equal(perSecond({ heap: (at) => (at < when ? 4 * MB : 90 * MB) }), null, String(when));
  });

  test('is none where it shrinks or stays', () => {
    assert.equal(perSecond({ heap: () => 50 * MB }), null);
    assert.equal(perSecond({ heap: (at) => 50 * MB - at }), null);
  });

  test('is never more than what was really kept', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 3 * MB }), { minLength: 41, maxLength: 41 }),
        fc.integer({ min: 0, max: 500_000 }),
        (garbage, kept) => {
          // It keeps as much with each sample; garbage comes and goes on top, the last reading has none.
          const heap = (at: number) =>
            MB + (at / 100) * kept + (at < 4000 ? (garbage[at / 100] as number) : 0);
          const grown = perSecond({ heap });
          assert.ok(grown === null || grown <= kept * 10 * 1.01 + 1, `${grown} of ${kept * 10}`);
        },
      ),
    );
  });

  test('begins anew with the heap of another macro', () => {
    const realm = (at: number) => (at < 2000 ? 0 : 1);
    const heap = (at: number) => (at < 2000 ? MB : 80 * MB);
    assert.equal(perSecond({ heap, realm }), null);
    assert.equal(
      perSecond({ heap: (at) => at * 1000, realm }),
      null,
      'two seconds of it are too few',
    );
    const later = perSecond({ heap: (at) => at * 1000, realm, forMs: 6000 }) ?? 0;
    assert.ok(Math.abs(later - 1e6) < 1e5, String(later));
  });
});

describe('the share of a processor', () => {
  test('is known once the window was seen', () => {
    const share = after({ heap: () => MB }).cpuShare;
    assert.ok(share !== null && Math.abs(share - 0.5) < 0.001, String(share));
    assert.equal(after({ heap: () => MB, forMs: 2000 }).cpuShare, null);
  });

  test('does not run ahead when samples come late and all at once', () => {
    const readings = new Readings(3000);
    const add = (at: number, cpuMs: number) =>
      readings.add({ at, realm: 0, heapBytes: MB, cpuMs, collected: false });
    // Ten seconds of half a processor are told in one moment.
    for (let n = 0; n <= 100; n++) add(10_000, n * 50);
    for (let at = 10_100; at <= 14_000; at += 100) add(at, at / 2);
    assert.ok((readings.cpuShare ?? 1) < 0.55, String(readings.cpuShare));
  });
});

test('readings remember a summary, not the samples', () => {
  const readings = after({ heap: (at) => at, forMs: 100_000, everyMs: 5 });
  assert.ok(readings.heap(1000).length <= 25);
  readings.clear();
  assert.deepEqual([readings.heap(10), readings.growth, readings.cpuShare], [[], null, null]);
});
