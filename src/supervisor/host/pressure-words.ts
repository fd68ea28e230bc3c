// Owns saying in words what is short: for the author whose start is held or whose run is killed, and for the operator.

import { formatBytes, formatDuration } from '../../model/limits.ts';
import type {
  PressureMeasure,
  PressureReading,
  PressureState,
  PressureStep,
} from '../../model/pressure.ts';

/** What each measure is called in a sentence. */
const NAMES: Record<PressureMeasure, string> = {
  memory: 'memory',
  cpu: 'processors',
  'event-loop': 'time in its event loop',
  'open-files': 'open files',
  threads: 'threads',
  handles: 'handles',
  'memory-stall': 'memory, work stands still for it',
  'cpu-stall': 'processors, work waits for them',
  'io-stall': 'disk, work stands still for it',
  'gpu-memory': 'memory of its graphics card',
};

const WHO: Record<PressureReading['of'], string> = {
  machine: 'the machine',
  cgroup: 'the control group',
  budget: "Corral's memory budget",
  process: 'Corral',
};

/** What each step does. */
const MEANING: Record<Exclude<PressureStep, 'none'>, string> = {
  warn: 'nothing is done yet',
  shed: 'no more is started',
  reclaim: 'no more is started, and workers give memory back',
  brake: 'nothing at all is started',
  emergency: 'the fattest runs are killed',
};

/**
 * What is short and from where on that counts: `the machine is short of memory (14gb of 16gb in use, 88 %); above 85 % no more
 * is started`.
 * @param step the one to explain
 */
export function toShortage(
  state: PressureState,
  step: Exclude<PressureStep, 'none'> = 'shed',
): string {
  const threshold = state.thresholds.find((each) => each.step === step);
  if (!threshold) return toWords(state);
  // It is better already, and not for long enough yet.
  if (state.share < threshold.above)
    return `${WHO[state.of]} was short of ${NAMES[state.what]} just now (${toUse(state)} again); ${MEANING[step]} until that lasts`;
  return `${toWords(state)}; above ${percent(threshold.above)} ${MEANING[step]}`;
}

/** What a step means, and which measures lead to it. */
export function toStepMessage(step: PressureStep, states: readonly PressureState[]): string {
  if (step === 'none') return 'nothing is short any more';
  const worst = states.filter((state) => state.step === step).map(toWords);
  return `${worst.join('; ')}: ${MEANING[step]}`;
}

function toWords(state: PressureState): string {
  return `${WHO[state.of]} is short of ${NAMES[state.what]} (${toUse(state)})`;
}

function toUse({ used, limit, share, unit }: PressureReading): string {
  switch (unit) {
    case 'bytes':
      return `${formatBytes(used)} of ${formatBytes(limit)} in use, ${percent(share)}`;
    case 'ms':
      return `late by ${formatDuration(used)} on average`;
    case 'count':
      return `${used} of ${limit}, ${percent(share)}`;
    case 'share':
      return percent(share);
  }
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
