// Owns what may be set for the house as a whole: for each of its numbers what it does and where it may go.

import { count, duration, orNone, share, size, toggle } from './setting.ts';
import type { HouseSettings } from './settings.ts';
import type { SettingsOf } from './settings-tree.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const MB = 1024 * 1024;

/** The settings of each room. */
export const HOUSE_SCHEMA: SettingsOf<HouseSettings> = {
  load: {
    creating: count('Runs whose isolate is being made at once.', { least: 1, most: 10_000 }),
    active: count('Runs active at once; asleep ones count.', { least: 1, most: 100_000 }),
    queue: count('Runs that may wait in line.', { most: 1_000_000 }),
    queuePerOwner: count('Runs of one owner that may wait in line.', { most: 1_000_000 }),
    warnAt: share('Warn when so much of `active` is used.'),
    warnEveryMs: duration('Warn of that at most so often.'),
    adaptive: toggle('Let less be active under pressure, and more again afterwards.'),
    agingMs: duration('Whoever has waited so long goes up by one step of priority.', { least: 1 }),
    drainMs: duration('How long a drain lets runs go on before they are stopped.', { least: 0 }),
  },
  breaker: {
    failures: count("Failures of Corral's own machinery that open the breaker.", { least: 1 }),
    halfOpenAfterMs: duration('How long it stays open before one run may try.'),
  },
  brake: {
    availableBytes: orNone(
      size('Memory that must be available before a run starts; auto is 2 GB, or a tenth.', {
        least: 0,
      }),
      'auto',
    ),
    recycleAfter: count('Brakes in a row that recycle the workers.', { least: 1 }),
    safeMs: duration('Safe for so long, and the brakes so far are forgotten.'),
    lookEveryMs: duration('How often a start that is held looks again.', { least: 10 }),
    holdMs: duration('How long a start may be held before it is refused.'),
  },
  workers: {
    max: count('Processes for runs that are alone in theirs.', { least: 1, most: 1_000 }),
    warm: count('Processes kept ready.', { most: 1_000 }),
    warmMax: count('Processes kept ready under load.', { most: 1_000 }),
    ageMs: duration('An older worker is replaced.', { least: SECOND }),
    restBytes: size('A worker that holds more memory at rest is replaced.', { least: 16 * MB }),
    runs: count('A worker is replaced after so many runs.', { least: 1 }),
    sharedRuns: count('The most runs that share a worker.', { least: 1, most: 10_000 }),
    drainMs: duration('How long a worker that is replaced may keep its runs.', { least: 0 }),
  },
  host: {
    memoryBudgetBytes: orNone(
      size('The most that all processes of Corral together may hold.', { least: 64 * MB }),
    ),
    warnAt: share('Warn when so much of anything the machine has is used.'),
    emergencyAt: share('Kill the fattest runs above this share of the memory.'),
    lookEveryMs: duration('How often to look.', { least: 50, most: 10 * MINUTE }),
  },
  retry: {
    firstMs: duration('The wait before the first retry; it doubles each time.'),
    longestMs: duration('The longest wait before a retry.'),
  },
  watch: {
    stopAfterPauses: count('A macro paused so often for one pattern is stopped.', { least: 1 }),
  },
};

/** What each room is about: a sentence. */
export const HOUSE_ABOUT: Readonly<Record<keyof HouseSettings, string>> = {
  load: 'How much may go on at once, and wait.',
  breaker: "The circuit breaker around Corral's own machinery.",
  brake: 'The emergency brake: holds starts while memory is short.',
  workers: 'The processes that macros run in, and when one is replaced.',
  host: 'When this machine counts as short of something.',
  retry: 'Waits between the tries of a macro that asks for retries.',
  watch: 'What becomes of macros that go on as they were told not to.',
};
