// Owns when a macro is profiled, so that a kill has something to show: where its CPU went, and who holds its memory.
// Nothing is noted of a macro that stays far below its limits.

import type { Inspector } from './inspector.ts';

/** A burst (ms of CPU) is worth looking at from here on, or from this share of what it may use. */
const CPU_FROM_MS = 100;
const CPU_FROM_SHARE = 0.4;
/** Past this share of the CPU it may use, what is known is handed on: it may get stuck in one built-in yet. */
const CPU_LATE_SHARE = 0.8;
/** As many looks are aimed at in what is left of the CPU, within bounds (µs): fewer than 1 in 5 ms cost under 3 %. */
const LOOKS = 150;
const LOOK_MICROS_MIN = 1_000;
const LOOK_MICROS_MAX = 5_000;
/** A profile longer than this (ms of CPU) is begun anew: the last seconds count. */
const WINDOW_MS = 4_000;

/** From this share of the heap limit on, allocations are noted; past the other, what is known is handed on, once: V8 collects all garbage first. */
const HEAP_FROM_SHARE = 0.2;
const HEAP_LATE_SHARE = 0.75;
/** As many samples as the heap limit would hold, within bounds (bytes apart). */
const HEAP_SAMPLES = 768;
const HEAP_EVERY_MIN = 16 * 1024;
const HEAP_EVERY_MAX = 512 * 1024;

/** Longer ones are not handed on (characters of JSON): thousands of different stacks, which say little. */
const PROFILE_CHARS_MAX = 2 * 1024 * 1024;

/** What was noted: Chrome's profiles as JSON text, null where there is none. */
export interface Noted {
  readonly cpu: string | null;
  readonly heap: string | null;
}

/** What a run may use, and has used: CPU of the run and of this burst (ms). */
export interface CpuUse {
  readonly runMs: number;
  readonly runMaxMs: number;
  readonly burstMs: number;
  readonly burstMaxMs: number;
}

/** The profiling of one macro. */
export class Profiling {
  readonly #inspector: Inspector;
  readonly #heapBytes: number;
  readonly #tell: (noted: Noted) => void;
  #cpuFromMs: number | null = null;
  #cpuTold = false;
  #heapOn = false;
  #heapTold = false;

  /**
   * @param heapBytes the macro's heap limit
   * @param tell takes what is known early, before a limit is passed
   */
  constructor(inspector: Inspector, heapBytes: number, tell: (noted: Noted) => void) {
    this.#inspector = inspector;
    this.#heapBytes = heapBytes;
    this.#tell = tell;
  }

  /** Looks at the CPU of a busy macro. */
  watchCpu(use: CpuUse): void {
    const share = Math.max(use.runMs / use.runMaxMs, use.burstMs / use.burstMaxMs);
    if (this.#cpuFromMs === null) {
      if (use.burstMs > CPU_FROM_MS || share > CPU_FROM_SHARE) this.#startCpu(use);
      return;
    }
    const isLate = share > CPU_LATE_SHARE && !this.#cpuTold;
    if (!isLate && use.runMs - this.#cpuFromMs < WINDOW_MS) return;
    this.#cpuTold ||= isLate;
    this.#restartCpu(use, isLate).catch(ignoreGone);
  }

  /** The macro has been idle for a while: nothing is to be noted, and no timer of V8's may go on for it. */
  rest(): void {
    if (this.#cpuFromMs === null) return;
    this.#cpuFromMs = null;
    this.#inspector.stopCpuProfile().catch(ignoreGone);
  }

  /** @param held bytes of heap and buffers */
  watchHeap(held: number): void {
    const share = held / this.#heapBytes;
    if (!this.#heapOn) {
      if (share < HEAP_FROM_SHARE) return;
      this.#heapOn = true;
      const every = this.#heapBytes / HEAP_SAMPLES;
      this.#inspector.startHeapSampling(clamp(every, HEAP_EVERY_MIN, HEAP_EVERY_MAX));
      return;
    }
    if (share < HEAP_LATE_SHARE || this.#heapTold) return;
    this.#heapTold = true;
    this.#inspector
      .heapSampling()
      .then((profile) => this.#tell({ cpu: null, heap: toText(profile) }))
      .catch(ignoreGone);
  }

  /** Everything noted. The macro is stopped, or asleep; one inside a built-in never answers. */
  async collect(): Promise<Noted> {
    const [cpu, heap] = await Promise.all([
      this.#cpuFromMs === null ? null : this.#inspector.stopCpuProfile().catch(ignoreGone),
      this.#heapOn ? this.#inspector.heapSampling().catch(ignoreGone) : null,
    ]);
    this.#cpuFromMs = null;
    return { cpu: toText(cpu), heap: toText(heap) };
  }

  #startCpu({ runMs, runMaxMs, burstMs, burstMaxMs }: CpuUse): void {
    this.#cpuFromMs = runMs;
    const leftMs = Math.min(runMaxMs - runMs, burstMaxMs - burstMs, WINDOW_MS);
    const micros = (leftMs * 1000) / LOOKS;
    this.#inspector.startCpuProfile(clamp(micros, LOOK_MICROS_MIN, LOOK_MICROS_MAX));
  }

  async #restartCpu(use: CpuUse, isLate: boolean): Promise<void> {
    const stopped = this.#inspector.stopCpuProfile();
    this.#startCpu(use);
    const cpu = toText(await stopped);
    if (isLate) this.#tell({ cpu, heap: null });
  }
}

function toText(profile: unknown): string | null {
  if (profile === null || profile === undefined) return null;
  const text = JSON.stringify(profile);
  return text.length > PROFILE_CHARS_MAX ? null : text;
}

function clamp(value: number, min: number, max: number): number {
  return Math.round(Math.min(max, Math.max(min, value)));
}

/** An isolate that is gone has nothing more to tell. */
function ignoreGone(): null {
  return null;
}
