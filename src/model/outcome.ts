// Owns the closed set of reasons a run can end for and the states it passes through; never decides which applies.

/** Why Corral itself stopped a run. `pattern:<id>` joins this set through {@link EndReason}. */
export const KILL_REASONS = [
  'cpu-limit',
  'wall-limit',
  'idle-limit',
  'heap-limit',
  'command-limit',
  'output-limit',
  'stuck',
  'worker-lost',
  'host-pressure',
  'emergency',
] as const;

/** A reason from {@link KILL_REASONS}, or the pattern that stopped the run. */
export type KillReason = (typeof KILL_REASONS)[number] | `pattern:${string}`;

/** Why a run ended: one closed set, the same in the exit code, the API, the store, the dump and the dashboard. */
export type EndReason = 'completed' | 'failed' | 'refused' | 'cancelled' | KillReason;

/** How a run ended, coarsely; {@link EndReason} says exactly why. */
export type EndStatus = 'completed' | 'failed' | 'refused' | 'cancelled' | 'killed';

/** What each kill reason means, in words an author understands at a glance. */
export const KILL_MEANING: Record<(typeof KILL_REASONS)[number], string> = {
  'cpu-limit': 'it used more CPU time than it may',
  'wall-limit': 'it ran longer than it may',
  'idle-limit': 'it waits for something that can never happen',
  'heap-limit': 'it held more memory than it may',
  'command-limit': 'it gave more commands than it may',
  'output-limit': 'it wrote more output than it may',
  stuck: 'it could not be interrupted and its process was killed',
  'worker-lost': 'the process it ran in died',
  'host-pressure': 'the machine ran short of resources',
  emergency: 'the emergency stop was pulled',
};

/** The status that belongs to a reason. */
export function toStatus(reason: EndReason): EndStatus {
  switch (reason) {
    case 'completed':
    case 'failed':
    case 'refused':
    case 'cancelled':
      return reason;
    default:
      return 'killed';
  }
}

/** True for a well-formed reason of any kind, `pattern:<id>` included. */
export function isEndReason(text: string): text is EndReason {
  return (
    ['completed', 'failed', 'refused', 'cancelled'].includes(text) ||
    (KILL_REASONS as readonly string[]).includes(text) ||
    /^pattern:[a-z0-9-]{1,64}$/.test(text)
  );
}

/** The states of a run; docs/run-life.md draws them. */
export const RUN_STATES = ['queued', 'starting', 'running', 'paused', 'ending', 'ended'] as const;

/** One of {@link RUN_STATES}. */
export type RunState = (typeof RUN_STATES)[number];

/** What moves a run from one state to the next. */
export type RunStep = 'start' | 'ready' | 'pause' | 'resume' | 'stop' | 'retry' | 'end';

/** The whole life of a run: a missing case does not compile, `null` is a step that must not happen. */
export const RUN_TRANSITIONS: Record<RunState, Record<RunStep, RunState | null>> = {
  queued: {
    start: 'starting',
    ready: null,
    pause: null,
    resume: null,
    stop: 'ending',
    retry: null,
    end: 'ended',
  },
  starting: {
    start: null,
    ready: 'running',
    pause: null,
    resume: null,
    stop: 'ending',
    retry: 'queued',
    end: 'ended',
  },
  running: {
    start: null,
    ready: null,
    pause: 'paused',
    resume: null,
    stop: 'ending',
    retry: 'queued',
    end: 'ended',
  },
  paused: {
    start: null,
    ready: null,
    pause: null,
    resume: 'running',
    stop: 'ending',
    retry: 'queued',
    end: 'ended',
  },
  ending: {
    start: null,
    ready: null,
    pause: null,
    resume: null,
    stop: null,
    retry: 'queued',
    end: 'ended',
  },
  ended: {
    start: null,
    ready: null,
    pause: null,
    resume: null,
    stop: null,
    retry: null,
    end: null,
  },
};
