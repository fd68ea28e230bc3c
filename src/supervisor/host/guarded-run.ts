// Owns what the guard of the host knows of a run: what it holds, whether it is busy, and how it is ended.

import { readResidentBytes } from '../process-clock.ts';
import type { Submission } from '../submission.ts';

/** One run, as the guard sees it. */
export interface GuardedRun {
  /** What it holds by the last that is known (bytes); 0 before it has begun. */
  readonly heldBytes: number;
  /** CPU it has used so far (ms). */
  readonly cpuMs: number;
  /** Its macro's name. */
  readonly macro: string;
  /** Ends it as `host-pressure`; nothing for one that is ending already, or has not begun. */
  kill(message: string): void;
  /** True once it can be killed, until somebody does. */
  readonly isKillable: boolean;
}

/** A run as the guard sees it. */
export function toGuardedRun(submission: Submission): GuardedRun {
  return {
    macro: submission.live.macro,
    get heldBytes() {
      const { drive, record } = submission;
      if (!drive) return 0;
      // A process of its own holds more than its heap, and all of that goes with it.
      const resident = drive.cordon === 'solo' ? readResidentBytes(drive.worker.pid) : null;
      const beyondRest = (resident ?? 0) - drive.worker.restUsage.rssBytes;
      return Math.max(record.lastHeap, beyondRest);
    },
    get cpuMs() {
      return submission.drive?.cpuMs ?? 0;
    },
    get isKillable() {
      return submission.drive?.running ?? false;
    },
    kill(message) {
      submission.drive?.pull({ reason: 'host-pressure', limit: null, message });
    },
  };
}
