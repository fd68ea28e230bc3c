// Owns handing a ledger its arithmetic: the store keeps numbers, and what they mean is decided here.

import type { LedgerReckoning } from '../model/reckoning.ts';
import { BASELINE_RUNS_MAX, BASELINE_RUNS_MIN, isNormal, toBaseline } from './baseline.ts';
import {
  addMark,
  countDown,
  isClean,
  isFaded,
  markOfHit,
  marksOfRun,
  toLiveRisk,
} from './risk-over-time.ts';

/** How Corral reckons with what a ledger keeps. */
export const RECKONING: LedgerReckoning = {
  markOfHit,
  marksOfRun,
  addMark,
  isClean,
  countDown,
  isFaded,
  toLiveRisk,
  baselineRuns: { min: BASELINE_RUNS_MIN, max: BASELINE_RUNS_MAX },
  isNormal,
  toBaseline,
};
