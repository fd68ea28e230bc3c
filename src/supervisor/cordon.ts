// Owns who shares a process with whom: the one place where a macro's text, its past and the host's wishes decide that.

import type { Verdict } from '../model/report.ts';
import { isRiskFrom } from '../model/risk.ts';
import type { Cordon } from './pool.ts';

/** What is known of a run before it gets a worker. */
export interface CordonFacts {
  /** What admission made of its text and its static risk. */
  readonly verdict: Verdict;
  /** The risk (0..1) it has shown in its runs so far; null where nothing is known of it. */
  readonly liveRisk: number | null;
  /** True when the host lets macros share processes at all. */
  readonly mayShare: boolean;
  /** True when its heap may have to be written, which takes its process seconds, and memory. */
  readonly writesHeap: boolean;
  /** True when a debugger may hold it, and evaluate in it. */
  readonly isDebugged: boolean;
  /** True when a process that it shared ended by itself: it may have been the one. */
  readonly isSuspect: boolean;
}

/** Decides who the run shares its process with. */
export function chooseCordon(facts: CordonFacts): Cordon {
  const { verdict, liveRisk, mayShare, writesHeap, isDebugged, isSuspect } = facts;
  const isCalm = verdict === 'admit' && !(liveRisk !== null && isRiskFrom(liveRisk, 'medium'));
  return isCalm && mayShare && !writesHeap && !isDebugged && !isSuspect ? 'shared' : 'solo';
}
