// Owns the emergency brake: before a start, is there memory enough? Says so, counts, and has the workers recycled when it has
// been short for long.

import type { BrakeFeedEvent } from '../../model/feed.ts';
import { formatBytes } from '../../model/limits.ts';
import type { Pressure } from '../../model/pressure.ts';
import type { BrakeSettings } from '../../model/settings.ts';
import type { StartHold } from '../start-hold.ts';
import { countBrake, NO_BRAKE } from './brake-count.ts';
import type { MemoryRoom } from './memory.ts';

/** What must be available before a start when nobody says otherwise (bytes): this, or … */
const NEEDED_BYTES = 2048 * 1024 * 1024;
/** … this share of the memory there is, where that is less: a small machine is to be of use too. */
const NEEDED_SHARE = 0.1;
/** After how many looks a refused start may come again. */
const RETRY_LOOKS = 10;

/** What the brake acts through. */
export interface BrakeOptions {
  readonly settings: () => BrakeSettings;
  /** Memory within each bound, now. */
  readonly memory: (nowMs: number) => readonly MemoryRoom[];
  readonly tell: (event: BrakeFeedEvent) => void;
  /** Replaces every worker by a fresh one. */
  readonly recycle: () => void;
}

interface Need {
  readonly room: MemoryRoom;
  readonly neededBytes: number;
}

/** The emergency brake of one corral. */
export class EmergencyBrake {
  readonly #options: BrakeOptions;
  #count = NO_BRAKE;

  constructor(options: BrakeOptions) {
    this.#options = options;
  }

  /** True while starts are held. */
  get held(): boolean {
    return this.#count.held;
  }

  /** True while brakes are remembered, and looks are needed to forget them. */
  get isCounting(): boolean {
    return this.#count.shortAt !== null;
  }

  /** As told to whoever asks. */
  state(nowMs: number): Pressure['brake'] {
    const tightest = this.#tightest(nowMs);
    const { held, count } = this.#count;
    return {
      held,
      count,
      availableBytes: tightest?.room.availableBytes ?? null,
      neededBytes: tightest?.neededBytes ?? null,
    };
  }

  /** Checks before a start: null lets it through, a hold is one brake a look. */
  check(nowMs: number): StartHold | null {
    const tightest = this.#tightest(nowMs);
    this.#note(tightest, nowMs);
    return isShort(tightest) ? this.#toHold(tightest) : null;
  }

  /** What {@link check} would say; no brake is counted. */
  wouldHold(nowMs: number): StartHold | null {
    const tightest = this.#tightest(nowMs);
    return isShort(tightest) ? this.#toHold(tightest) : null;
  }

  /** Looks while nobody starts anything: lets go and forgets. No brake is counted, but a moment that is short is not safe. */
  look(nowMs: number): void {
    const tightest = this.#tightest(nowMs);
    if (!isShort(tightest)) this.#note(tightest, nowMs);
    else if (this.isCounting) this.#count = { ...this.#count, shortAt: nowMs };
  }

  #note(tightest: Need | null, at: number): void {
    const check = { isShort: isShort(tightest), at };
    const { now, change } = countBrake(this.#count, check, this.#options.settings());
    this.#count = now;
    if (change === null) return;
    const { recycleAfter } = this.#options.settings();
    this.#options.tell({
      type: 'brake',
      held: now.held,
      count: change === 'recycle' ? recycleAfter : now.count,
      availableBytes: tightest?.room.availableBytes ?? 0,
      neededBytes: tightest?.neededBytes ?? 0,
    });
    if (change === 'recycle') this.#options.recycle();
  }

  #toHold({ room, neededBytes }: Need): StartHold {
    const { lookEveryMs } = this.#options.settings();
    const left = `${formatBytes(room.availableBytes)} of ${formatBytes(room.totalBytes)}`;
    return {
      code: 'brake',
      message: `the emergency brake holds every start: ${left} of ${WHOSE[room.of]} is available, and ${formatBytes(neededBytes)} must be`,
      retryAfterMs: RETRY_LOOKS * lookEveryMs,
    };
  }

  /** The bound in which most is missing, or least is left beyond what is needed. */
  #tightest(nowMs: number): Need | null {
    const { availableBytes } = this.#options.settings();
    let tightest: Need | null = null;
    for (const room of this.#options.memory(nowMs)) {
      const neededBytes = availableBytes ?? Math.min(NEEDED_BYTES, room.totalBytes * NEEDED_SHARE);
      const left = room.availableBytes - neededBytes;
      if (!tightest || left < tightest.room.availableBytes - tightest.neededBytes)
        tightest = { room, neededBytes };
    }
    return tightest;
  }
}

function isShort(need: Need | null): need is Need {
  return need !== null && need.room.availableBytes < need.neededBytes;
}

/** Whose memory a bound is, in words. */
export const WHOSE = {
  machine: "the machine's memory",
  cgroup: "the control group's memory",
  budget: "Corral's own memory budget",
  process: "this process's memory",
} as const;
