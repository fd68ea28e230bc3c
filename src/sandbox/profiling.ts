// Owns when a macro is profiled, so that a kill has something to show: where its CPU went, and who holds its memory.
// Nothing is noted of a macro that stays far below its limits.

import type { Inspector } from './inspector.ts';
import { ignoreGone } from './session.ts';

/** A macro is noted from this share of what it may use on: beginning costs some 20 to 60 ms, whoever ends sooner is spared. */
const CPU_FROM_SHARE = 0.6;
/**
 * Past this share what was noted is handed on and noting ends: later the macro may be stuck in one built-in. It is not begun
 * again, since V8 then takes code that it made in between for somebody else's.
 */
const CPU_LATE_SHARE = 0.85;
/** And past this one however little was noted: on a busy machine V8 may only just have begun to look. */
const CPU_LAST_SHARE = 0.95;
/** Of more than this (ms) only the last part counts, so that the last seconds are noted. */
const CPU_LAST_MS = 12_000;
/** As many looks are aimed at in what is left, within bounds (µs): 1 in 10 ms costs under 1 %. */
const LOOKS = 60;
const LOOKS_ENOUGH = 15;
const LOOK_MICROS_MIN = 1_000;
const LOOK_MICROS_MAX = 10_000;
/** An idle macro is noted for so long (ms). */
const REST_MS = 2_000;

/** From this share of the heap limit on, allocations are noted. */
const HEAP_FROM_SHARE = 0.2;
/** As many samples as the heap limit would hold, within bounds (bytes apart). */
const HEAP_SAMPLES = 64;
const HEAP_EVERY_MIN = 16 * 1024;
const HEAP_EVERY_MAX = 2 * 1024 * 1024;

/** Longer ones are not handed on (characters of JSON): thousands of different stacks, which say little. */
const PROFILE_CHARS_MAX = 2 * 1024 * 1024;

/** What was noted: Chrome's profiles as JSON text, null where there is none. */
export interface Noted {
  readonly cpu: string | null;
  readonly heap: string | null;
}

/** Something a run may use so much of, and has used (ms). */
export interface Use {
  readonly ms: number;
  readonly maxMs: number;
}

/** The profiling of one macro. */
export class Profiling {
  readonly #inspector: Inspector;
  readonly #heapBytes: number;
  readonly #tell: (noted: Noted) => void;
  #cpu: 'off' | 'on' | 'done' = 'off';
  #enoughCpuMs = Number.POSITIVE_INFINITY;
  /** Resolves once what was asked for at {@link end} is told. */
  #telling: Promise<unknown> | null = null;
  #restingSince: number | null = null;
  #heapOn = false;
  #heap: string | null = null;

  /**
   * @param heapBytes the macro's heap limit
   * @param tell takes what is known early, before a limit is passed
   */
  constructor(inspector: Inspector, heapBytes: number, tell: (noted: Noted) => void) {
    this.#inspector = inspector;
    this.#heapBytes = heapBytes;
    this.#tell = tell;
  }

  /**
   * Looks at the CPU of a busy macro.
   * @param cpuMs tells what its run has used by now
   * @param uses what can end it: CPU since its last wait, CPU of the run, its time
   */
  watchCpu(cpuMs: () => number, ...uses: Use[]): void {
    this.#restingSince = null;
    const share = Math.max(...uses.map(shareOf));
    if (this.#cpu === 'on' && this.#isEnough(share, cpuMs())) this.end();
    if (this.#cpu !== 'off' || share < CPU_FROM_SHARE) return;
    this.#cpu = 'on';
    const left = (Math.min(...uses.map(leftOf)) * 1000) / LOOKS;
    const micros = clamp(left, LOOK_MICROS_MIN, LOOK_MICROS_MAX);
    const onBegun = () => {
      this.#enoughCpuMs = cpuMs() + (micros / 1000) * LOOKS_ENOUGH;
    };
    this.#inspector.startCpuProfile(micros).then(onBegun, ignoreGone);
  }

  #isEnough(share: number, cpuMs: number): boolean {
    return share > (cpuMs < this.#enoughCpuMs ? CPU_LAST_SHARE : CPU_LATE_SHARE);
  }

  /** The macro is idle, and is to be noted no longer if it stays so: V8 would go on looking. */
  rest(): void {
    if (this.#cpu !== 'on') return;
    this.#restingSince ??= performance.now();
    if (performance.now() - this.#restingSince > REST_MS) this.end();
  }

  /** Ends the noting of CPU, and tells what there is. */
  end(): void {
    if (this.#cpu !== 'on') return;
    this.#cpu = 'done';
    this.#telling = this.#inspector.session
      .dialogue(() => this.#stopCpu())
      .then((cpu) => this.#tell({ cpu, heap: null }))
      .catch(ignoreGone);
  }

  /** @param held bytes of heap and buffers */
  watchHeap(held: number): void {
    if (this.#heapOn || held < this.#heapBytes * HEAP_FROM_SHARE) return;
    this.#heapOn = true;
    const every = this.#heapBytes / HEAP_SAMPLES;
    this.#inspector.startHeapSampling(clamp(every, HEAP_EVERY_MIN, HEAP_EVERY_MAX));
  }

  /**
   * Collects all garbage, so that the next reading counts only what is held, and keeps what is known of that: V8 collects
   * before it tells, in half the time that collecting alone takes.
   */
  async collectGarbage(): Promise<void> {
    await this.#inspector.session.dialogue(async () => {
      if (!this.#heapOn || !(await this.#inspector.hasRoom()))
        return this.#inspector.collectGarbage();
      this.#heap = toText(await this.#inspector.heapSampling());
    });
  }

  /** Everything not yet told. The macro is stopped, or asleep; one inside a built-in never answers. */
  async collect(): Promise<Noted> {
    return this.#inspector.session.dialogue(() => this.#collect());
  }

  async #collect(): Promise<Noted> {
    const isOn = this.#cpu === 'on';
    this.#cpu = 'done';
    const hasHeap = this.#heapOn && this.#heap === null && (await this.#inspector.hasRoom());
    const [cpu, heap] = await Promise.all([
      isOn ? this.#stopCpu().catch(ignoreGone) : this.#telling?.then(() => null),
      hasHeap ? this.#inspector.heapSampling().catch(ignoreGone) : null,
    ]);
    return { cpu: cpu ?? null, heap: this.#heap ?? toText(heap) };
  }

  /** Left running where the stack has no room for the answer: the process goes soon after. */
  async #stopCpu(): Promise<string | null> {
    return (await this.#inspector.hasRoom())
      ? toText(await this.#inspector.stopCpuProfile())
      : null;
  }
}

function leftOf({ ms, maxMs }: Use): number {
  return maxMs - ms;
}

function shareOf(use: Use): number {
  return 1 - leftOf(use) / Math.min(use.maxMs, CPU_LAST_MS);
}

function toText(profile: unknown): string | null {
  if (profile === null || profile === undefined) return null;
  const text = JSON.stringify(profile);
  return text.length > PROFILE_CHARS_MAX ? null : text;
}

function clamp(value: number, min: number, max: number): number {
  return Math.round(Math.min(max, Math.max(min, value)));
}
