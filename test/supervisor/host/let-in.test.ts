import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { letIn } from '../../../src/supervisor/host/let-in.ts';
import type { HoldsStarts, StartHold } from '../../../src/supervisor/start-hold.ts';

/** A door that is held as long as it has a reason. */
class Door implements HoldsStarts {
  reason: string | null = null;
  asked = 0;
  readonly listeners = new Set<() => void>();

  held(): StartHold | null {
    this.asked += 1;
    const { reason } = this;
    return reason === null ? null : { code: 'brake', message: reason, retryAfterMs: 10 };
  }

  onChange(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  poke(): void {
    for (const listener of this.listeners) listener();
  }
}

function comeTo(door: Door, holdMs = 60_000) {
  const abort = new AbortController();
  const told: string[] = [];
  const onHeld = ({ message }: StartHold) => told.push(message);
  const entry = letIn(door, { holdMs, signal: abort.signal, onHeld });
  return { entry, told, abort };
}

describe('a start', () => {
  test('that nothing holds goes in without waiting', () => {
    const door = new Door();
    const { entry, told } = comeTo(door);
    assert.deepEqual([entry, told, door.asked, door.listeners.size], [null, [], 1, 0]);
  });

  test('that is held says so once, asks whenever that may have changed, and goes in', async () => {
    const door = new Door();
    door.reason = 'no memory';
    const { entry, told } = comeTo(door);
    door.poke();
    door.poke();
    assert.deepEqual([told, door.asked], [['no memory'], 3]);
    door.reason = null;
    door.poke();
    assert.equal(await entry, null);
    assert.equal(door.listeners.size, 0);
  });

  test('that is held too long is told what holds it now', async () => {
    const door = new Door();
    door.reason = 'no memory';
    const { entry } = comeTo(door, 30);
    door.reason = 'still none';
    door.poke();
    assert.equal((await entry)?.message, 'still none');
    assert.equal(door.listeners.size, 0);
  });

  test('that nobody wants any more leaves the door', async () => {
    const door = new Door();
    door.reason = 'no memory';
    const { entry, abort } = comeTo(door);
    abort.abort();
    assert.equal(await entry, null);
    assert.equal(door.listeners.size, 0);
  });
});
