// Owns the numbers that guard the house as a whole: load, workers, brake, breaker, retries. One table of defaults.

import { override } from './overrides.ts';

const MB = 1024 * 1024;
const SECOND = 1000;
const MINUTE = 60 * SECOND;

/** How much may go on at once. */
export interface LoadSettings {
  /** Runs whose isolate is being made at once. */
  readonly creating: number;
  /** Runs active at once; asleep ones count. */
  readonly active: number;
  /** Runs that may wait in line, and of one owner. */
  readonly queue: number;
  readonly queuePerOwner: number;
  /** A warning from this share (0..1) of `active` on, at most so often (ms). */
  readonly warnAt: number;
  readonly warnEveryMs: number;
  /** True shrinks what may be active under pressure, and lets it grow back. */
  readonly adaptive: boolean;
  /** Whoever has waited so long (ms) goes up by one step of priority, again and again. */
  readonly agingMs: number;
  /** How long a drain lets runs go on before they are stopped (ms). */
  readonly drainMs: number;
}

/** The circuit breaker around the machinery: failures of Corral's own, not of macros. */
export interface BreakerSettings {
  /** Failures that open it; a success takes one away. */
  readonly failures: number;
  /** How long it stays open before one run may try (ms). */
  readonly halfOpenAfterMs: number;
}

/** The emergency brake. */
export interface BrakeSettings {
  /** Memory that must be available before a start (bytes); null for 2 GB, or a tenth of the memory there is where that is less. */
  readonly availableBytes: number | null;
  /** Brakes in a row that recycle the workers. */
  readonly recycleAfter: number;
  /** Safe for so long (ms) forgets the brakes so far. */
  readonly safeMs: number;
  /** How long a held start waits before it looks again (ms). */
  readonly lookEveryMs: number;
  /** How long a start may be held before it is refused (ms). */
  readonly holdMs: number;
}

/** When a worker is replaced. */
export interface WorkerSettings {
  /** The most processes for runs that are alone. */
  readonly max: number;
  /** Processes kept ready; more under load, up to `warmMax`. */
  readonly warm: number;
  readonly warmMax: number;
  /** ms. */
  readonly ageMs: number;
  /** Resident memory at rest (bytes). */
  readonly restBytes: number;
  readonly runs: number;
  /** The most runs that share one. */
  readonly sharedRuns: number;
  /** How long a worker that is drained in need may keep its runs before it is killed (ms); one that is only worn waits for them. */
  readonly drainMs: number;
}

/** What the whole of Corral, workers included, may hold. */
export interface HostSettings {
  /** A ceiling of one's own for all processes of Corral together (bytes); null for the machine's or cgroup's alone. */
  readonly memoryBudgetBytes: number | null;
  /** Warn above this share (0..1) of anything. */
  readonly warnAt: number;
  /** Above this share (0..1) of the memory runs are killed, the fattest first. */
  readonly emergencyAt: number;
  /** How often to look (ms). */
  readonly lookEveryMs: number;
}

/** Retries of runs that the machinery lost. */
export interface RetrySettings {
  /** The first wait (ms), doubled each time up to the longest, with jitter. */
  readonly firstMs: number;
  readonly longestMs: number;
}

/** What the watcher does over time. */
export interface WatchSettings {
  /** Offences of one pattern in one run after which a pause becomes a stop. */
  readonly stopAfterPauses: number;
}

/** The house's settings. */
export interface HouseSettings {
  readonly load: LoadSettings;
  readonly breaker: BreakerSettings;
  readonly brake: BrakeSettings;
  readonly workers: WorkerSettings;
  readonly host: HostSettings;
  readonly retry: RetrySettings;
  readonly watch: WatchSettings;
}

/** Every number as it is when nobody says otherwise. */
export const HOUSE_DEFAULTS: HouseSettings = {
  load: {
    creating: 50,
    active: 100,
    queue: 10_000,
    queuePerOwner: 1_000,
    warnAt: 0.8,
    warnEveryMs: 30 * SECOND,
    adaptive: true,
    agingMs: 10 * SECOND,
    drainMs: 30 * SECOND,
  },
  breaker: { failures: 50, halfOpenAfterMs: 10 * SECOND },
  brake: {
    availableBytes: null,
    recycleAfter: 10,
    safeMs: 60 * SECOND,
    lookEveryMs: 1 * SECOND,
    holdMs: 60 * SECOND,
  },
  workers: {
    max: 16,
    warm: 1,
    warmMax: 4,
    ageMs: 60 * MINUTE,
    restBytes: 512 * MB,
    runs: 1_000,
    sharedRuns: 500,
    drainMs: 30 * SECOND,
  },
  host: { memoryBudgetBytes: null, warnAt: 0.85, emergencyAt: 0.97, lookEveryMs: 1 * SECOND },
  retry: { firstMs: 200, longestMs: 30 * SECOND },
  watch: { stopAfterPauses: 3 },
};

/** What may replace numbers of {@link HOUSE_DEFAULTS}, room by room. */
export type HouseOverrides = {
  readonly [Room in keyof HouseSettings]?: Partial<HouseSettings[Room]>;
};

/** The defaults, some of them replaced; what is no room of the house is passed over. */
export function toHouse(overrides: HouseOverrides = {}): HouseSettings {
  const { load, breaker, brake, workers, host, retry, watch } = overrides;
  return override(HOUSE_DEFAULTS, { load, breaker, brake, workers, host, retry, watch } satisfies {
    [Room in keyof HouseSettings]: unknown;
  });
}
