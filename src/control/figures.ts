// Owns what one run uses just now, reckoned from its events: CPU over the last second, commands over the last five. Constant
// work for each event, and nothing kept beyond that.

import type { RunFigures } from '../model/control.ts';
import type { Limits } from '../model/limits.ts';
import type { Run } from '../supervisor/run.ts';

/** CPU is measured over at least so long (ms), and counts as none when nothing was told for so long. */
const SHARE_OVER_MS = 900;
const SILENT_MS = 2_000;
/** Commands are counted by the second, over so many. */
const RATE_SECONDS = 5;
const NAME_CHARS_MAX = 200;
/** The risk is asked for anew after a pattern has matched, and so often (ms): it fades, and other runs add to it. */
const RISK_EVERY_MS = 5_000;

/** What the events of a run do not tell. */
export interface FiguresParts {
  readonly owner: string;
  /** How risky its macro has shown itself by now, 0..1; null where that is not known. */
  riskNow(): number | null;
}

/** What one run uses, from its start to its end. */
export class Figures {
  readonly #run: Run;
  readonly #parts: FiguresParts;
  readonly #since: number;
  readonly #counts = new Float64Array(RATE_SECONDS + 1);
  #second: number;
  #limits: Limits | null = null;
  /** Null until the run was let in. */
  #risk: number | null = null;
  /** When it was asked for; null when it has to be. */
  #riskAt: number | null = null;
  #commands = 0;
  #heapBytes = 0;
  #cpuMs = 0;
  #cpuShare = 0;
  /** What {@link #cpuShare} is measured from. */
  #base = { at: 0, cpuMs: 0 };
  #heardAt = 0;

  /** To be made right after the run was started, so that it misses nothing. */
  constructor(run: Run, parts: FiguresParts, now = Date.now()) {
    this.#run = run;
    this.#parts = parts;
    this.#since = now;
    this.#second = Math.floor(now / 1000);
    run.on('admission', ({ limits, risk }) => {
      this.#limits = limits;
      this.#risk = risk;
    });
    run.on('intervention', () => {
      this.#riskAt = null;
    });
    run.on('command', () => this.#command(Date.now()));
    run.on('sample', (sample) => this.#sample(sample, Date.now()));
  }

  /** As it is now. */
  at(now: number): RunFigures {
    this.#turnTo(now);
    const isBusy = this.#run.state === 'running' || this.#run.state === 'ending';
    return {
      id: this.#run.id,
      macro: this.#run.macro.slice(0, NAME_CHARS_MAX),
      owner: this.#parts.owner.slice(0, NAME_CHARS_MAX),
      state: this.#run.state,
      cpuShare: isBusy && now - this.#heardAt < SILENT_MS ? this.#cpuShare : 0,
      cpuMs: this.#cpuMs,
      cpuMsMax: this.#limits?.cpu.value ?? null,
      heapBytes: this.#heapBytes,
      heapBytesMax: this.#limits?.heap.value ?? null,
      commands: this.#commands,
      commandsPerSecond: this.#perSecond(now),
      risk: this.#riskNow(now),
      since: this.#since,
    };
  }

  /** The live risk; that of the text alone where nothing else is known. */
  #riskNow(now: number): number | null {
    if (this.#risk === null) return null;
    if (this.#riskAt === null || Math.abs(now - this.#riskAt) >= RISK_EVERY_MS) {
      this.#risk = this.#parts.riskNow() ?? this.#risk;
      this.#riskAt = now;
    }
    return this.#risk;
  }

  #sample(
    {
      at,
      cpuMs,
      heapUsed,
      external,
    }: { at: number; cpuMs: number; heapUsed: number; external: number },
    now: number,
  ): void {
    this.#heapBytes = heapUsed + external;
    this.#cpuMs = cpuMs;
    this.#heardAt = now;
    const passed = at - this.#base.at;
    const isWhole = passed >= SHARE_OVER_MS;
    // In its first second all there is so far is better than nothing.
    if (passed > 0 && (isWhole || this.#base.at === 0))
      this.#cpuShare = Math.max(0, (cpuMs - this.#base.cpuMs) / passed);
    if (isWhole) this.#base = { at, cpuMs };
  }

  #command(now: number): void {
    this.#turnTo(now);
    this.#commands += 1;
    const slot = this.#second % this.#counts.length;
    this.#counts[slot] = (this.#counts[slot] ?? 0) + 1;
  }

  /** Forgets the seconds that have passed; a clock that was set back keeps what it has. */
  #turnTo(now: number): void {
    const second = Math.floor(now / 1000);
    const passed = Math.min(second - this.#second, this.#counts.length);
    for (let step = 1; step <= passed; step++)
      this.#counts[(this.#second + step) % this.#counts.length] = 0;
    if (second > this.#second) this.#second = second;
  }

  /** The second under way is as long as it has been so far. */
  #perSecond(now: number): number {
    const counted = this.#counts.reduce((sum, each) => sum + each, 0);
    const span = RATE_SECONDS + (now % 1000) / 1000;
    const age = (now - this.#since) / 1000;
    return counted / Math.max(1, Math.min(span, age));
  }
}
