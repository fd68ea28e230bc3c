// Owns the way of alerts from the feed to people: who is told, not too often, and again and again until it has arrived.

import type { Alert, Outbox, WaitingAlert } from '../model/alert.ts';
import type { FeedEvent } from '../model/feed.ts';
import { type Channel, cooldownMs, isFor } from './alerts-file.ts';
import { sendTo } from './channels.ts';
import { toAlert } from './to-alert.ts';

/** What alerts are made of. */
export interface AlertParts {
  readonly channels: readonly Channel[];
  readonly outbox: Outbox;
  /** Told of an alert that could not be delivered, or was given up. */
  readonly onProblem: (channel: string, message: string) => void;
  /** The first wait before an alert is tried again (ms), doubled each time; 1 s by default. */
  readonly firstMs?: number;
}

/** An alert, and the number of the event it comes from; null for none. */
interface Raised {
  readonly alert: Alert;
  readonly id: number | null;
}

/** One trouble, as one channel was told of it. */
interface Group {
  /** ms since 1970. */
  toldAt: number;
  /** How often it came since then, and the last of it. */
  missed: number;
  last: Raised;
  timer: NodeJS.Timeout | null;
}

const LONGEST_MS = 10 * 60_000;
/** Nothing is put off for longer (ms), whatever the other side says: what is due later is so by a clock that was set back. */
const PUT_OFF_MS = 3_600_000;
/** An alert that could not be delivered for so long (ms) is given up. */
const GIVE_UP_MS = 24 * 3_600_000;
/** More do not wait for one channel. */
const WAITING_MAX = 1_000;
const GROUPS_MAX = 10_000;

/** Alerts on their way; what has not arrived when it is disposed of waits in the outbox. */
export class Alerts implements AsyncDisposable {
  readonly #parts: AlertParts;
  readonly #groups = new Map<string, Group>();
  readonly #over = new AbortController();
  readonly #pumps = new Map<string, Promise<void>>();
  readonly #timers = new Map<string, NodeJS.Timeout>();
  /** Until when a channel is to be left alone, as it says itself (ms since 1970). */
  readonly #pausedTo = new Map<string, number>();

  constructor(parts: AlertParts) {
    this.#parts = parts;
    // What an earlier process left.
    for (const channel of parts.channels) this.#pump(channel);
  }

  /** Takes an event of the feed. Never throws. */
  tell(event: FeedEvent): void {
    const alert = toAlert(event);
    if (alert) this.raise(alert, event.id);
  }

  /** Takes an alert for every channel that it is for. @param id the number it is kept under; null where it is not */
  raise(alert: Alert, id: number | null = null): void {
    const { channels, outbox } = this.#parts;
    if (id !== null) outbox.note(id, alert);
    for (const channel of channels)
      if (isFor(channel, alert)) this.#raiseFor(channel, { alert, id });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#over.abort();
    for (const { timer } of this.#groups.values()) if (timer) clearTimeout(timer);
    for (const timer of this.#timers.values()) clearTimeout(timer);
    await Promise.all(this.#pumps.values());
  }

  #raiseFor(channel: Channel, raised: Raised): void {
    const { alert } = raised;
    const name = JSON.stringify([channel.name, alert.fingerprint]);
    const group = this.#groups.get(name);
    if (alert.status === 'resolved') {
      // Of what nobody was told it need not be told that it is over.
      if (!group) return;
      if (group.timer) clearTimeout(group.timer);
      this.#groups.delete(name);
      this.#add(channel, raised, 1);
      return;
    }
    const pauseMs = cooldownMs(channel);
    // A clock that was set back makes nobody wait for longer.
    const waitMs = group ? Math.min(pauseMs, group.toldAt + pauseMs - Date.now()) : 0;
    if (!group || waitMs <= 0) {
      const count = (group?.missed ?? 0) + 1;
      if (group?.timer) clearTimeout(group.timer);
      this.#remember(name, { toldAt: Date.now(), missed: 0, last: raised, timer: null });
      this.#add(channel, raised, count);
      return;
    }
    group.missed += 1;
    group.last = raised;
    group.timer ??= setTimeout(() => this.#tellMissed(channel, group), waitMs).unref();
  }

  /** What came while the channel was not told, in one. */
  #tellMissed(channel: Channel, group: Group): void {
    this.#add(channel, group.last, group.missed);
    Object.assign(group, { toldAt: Date.now(), missed: 0, timer: null });
  }

  #remember(name: string, group: Group): void {
    this.#groups.delete(name);
    this.#groups.set(name, group);
    if (this.#groups.size <= GROUPS_MAX) return;
    const [oldest] = this.#groups.keys();
    const timer = this.#groups.get(oldest ?? '')?.timer;
    if (timer) clearTimeout(timer);
    this.#groups.delete(oldest ?? '');
  }

  #add(channel: Channel, { alert, id }: Raised, count: number): void {
    const { outbox, onProblem } = this.#parts;
    try {
      if (outbox.count(channel.name) >= WAITING_MAX) {
        onProblem(channel.name, `${WAITING_MAX} alerts wait already; one is left out`);
        return;
      }
      outbox.add(channel.name, { ...alert, count }, Date.now(), id);
    } catch (error) {
      onProblem(channel.name, `an alert could not be kept: ${String(error)}`);
      return;
    }
    this.#pump(channel);
  }

  /** Delivers what is due, one after the other, unless that goes on already. */
  #pump(channel: Channel): void {
    const { name } = channel;
    if (this.#pumps.has(name) || this.#over.signal.aborted) return;
    clearTimeout(this.#timers.get(name));
    const pump = this.#deliver(channel)
      .catch((error: unknown) => this.#parts.onProblem(name, String(error)))
      .finally(() => {
        this.#pumps.delete(name);
        this.#wakeAgain(channel);
      });
    this.#pumps.set(name, pump);
  }

  async #deliver(channel: Channel): Promise<void> {
    const { outbox } = this.#parts;
    for (;;) {
      const waiting = outbox.first(channel.name);
      if (!waiting || this.#over.signal.aborted) return;
      if (this.#dueAt(channel, waiting) > Date.now()) return;
      const pauseMs = await this.#try(channel, waiting);
      if (pauseMs > 0) this.#pausedTo.set(channel.name, Date.now() + pauseMs);
    }
  }

  /** Tries one; how long the channel is to be left alone (ms). */
  async #try(channel: Channel, { id, alert, attempts, createdAt }: WaitingAlert): Promise<number> {
    const { outbox, onProblem, firstMs = 1_000 } = this.#parts;
    const { signal } = this.#over;
    const posted = await sendTo(channel, { alert, id: `corral_${createdAt}_${id}`, signal });
    if (posted.ok) {
      outbox.ended(id, Date.now(), null);
      return posted.pauseMs;
    }
    if (signal.aborted) return 0;
    const isTooOld = Date.now() - createdAt > GIVE_UP_MS;
    if (!posted.isWorthRetrying || isTooOld) {
      outbox.ended(id, Date.now(), posted.error);
      onProblem(channel.name, `an alert was given up: ${posted.error}`);
      return 0;
    }
    const backoffMs = Math.min(LONGEST_MS, firstMs * 2 ** attempts) * (0.75 + Math.random() / 2);
    const waitMs = posted.retryAfterMs ?? backoffMs;
    outbox.later(id, Math.ceil(Date.now() + waitMs), posted.error);
    if (attempts === 0)
      onProblem(channel.name, `an alert could not be delivered yet: ${posted.error}`);
    return posted.retryAfterMs ?? 0;
  }

  #dueAt({ name }: Channel, { nextAt }: WaitingAlert): number {
    const dueAt = Math.max(nextAt, this.#pausedTo.get(name) ?? 0);
    return dueAt > Date.now() + PUT_OFF_MS ? 0 : dueAt;
  }

  #wakeAgain(channel: Channel): void {
    if (this.#over.signal.aborted) return;
    const next = this.#parts.outbox.first(channel.name);
    if (!next) return;
    const waitMs = Math.max(1, this.#dueAt(channel, next) - Date.now());
    const timer = setTimeout(() => this.#pump(channel), waitMs);
    this.#timers.set(channel.name, timer.unref());
  }
}
