// Owns what is seen of a run while it is under way: what it has used so far, and what it is held by. It holds nothing itself.

import type { Run } from '../corral.ts';

/** Why a run stands still. */
export interface Hold {
  /** A key's id, `local`, `quota`, or `pattern:` and its id. */
  readonly by: string;
  /** One line. */
  readonly why: string;
  /** When it goes on by itself (ms since 1970); null when somebody has to say so. */
  readonly until: number | null;
}

/** Nobody says more of a pause that came from the machine itself, as by `corral top`. */
const BY_SOMEBODY: Hold = { by: 'local', why: 'it was paused on the machine itself', until: null };

/** Of one that waited, held, when the server went down: by whom is not kept. */
export const HELD_BEFORE: Hold = {
  by: 'local',
  why: 'it was paused before the server was started anew',
  until: null,
};

/** What is seen of a run, in numbers and words. */
export type Seen = Pick<RunSeen, 'cpuMs' | 'peakHeap' | 'commands' | 'hold'>;

/** What is seen of one run. */
export class RunSeen {
  cpuMs = 0;
  /** Bytes, the most any sample saw. */
  peakHeap = 0;
  commands = 0;
  readonly #run: Run;
  #hold: Hold | null = null;

  constructor(run: Run) {
    this.#run = run;
    run.on('command', () => {
      this.commands += 1;
    });
    run.on('sample', ({ cpuMs, heapUsed, external }) => {
      this.cpuMs = cpuMs;
      this.peakHeap = Math.max(this.peakHeap, heapUsed + external);
    });
    run.on('intervention', ({ action, pattern, title, message, resumeAfterMs }) => {
      if (action !== 'pause') return;
      const until = resumeAfterMs === null ? null : Date.now() + resumeAfterMs;
      this.#hold ??= { by: `pattern:${pattern}`, why: `${title}: ${message}`, until };
    });
    run.on('state', ({ state }) => {
      if (state === 'running') this.#hold = null;
    });
  }

  /** Somebody holds it from now on; null: nobody does. */
  held(hold: Hold | null): void {
    this.#hold = hold;
  }

  /** What holds it; null while nothing does. */
  get hold(): Hold | null {
    const { state } = this.#run;
    if (state === 'paused') return this.#hold ?? BY_SOMEBODY;
    return state === 'queued' ? this.#hold : null;
  }
}
