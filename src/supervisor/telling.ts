// Owns turning what a worker reports of a run into events, and remembering them for its end.

import type { CommandEvent, WarningEvent } from '../model/events.ts';
import type { FromWorkerOf } from '../model/wire.ts';
import { toHeapWarning } from './ending.ts';
import { cleanText } from './place.ts';
import type { RunRecord } from './record.ts';
import type { LiveRun } from './run.ts';
import type { RunSetting } from './setting.ts';

/** What {@link Telling} writes to. */
export interface TellingOptions {
  readonly setting: RunSetting;
  readonly record: RunRecord;
  readonly live: LiveRun;
}

/** Tells of one run. */
export class Telling {
  readonly #options: TellingOptions;
  readonly #now: () => number;

  /** @param now ms since the run started */
  constructor(options: TellingOptions, now: () => number) {
    this.#options = options;
    this.#now = now;
  }

  log({ level, text }: FromWorkerOf<'log'>): void {
    const event = {
      type: 'log' as const,
      at: this.#now(),
      level,
      text: cleanText(text, this.#options.setting.realms),
    };
    this.#options.record.addLog(event);
    this.#options.live.emit(event);
  }

  sample(sample: FromWorkerOf<'sample'>): void {
    const { heapUsed, heapTotal, external, rss, cpuMs, collection } = sample;
    const event = {
      type: 'sample' as const,
      at: this.#now(),
      ...{ heapUsed, heapTotal, external, rss, cpuMs },
      ...(collection && { collection }),
    };
    this.#options.record.addSample(event);
    this.#options.live.emit(event);
  }

  command(event: CommandEvent): void {
    this.#options.record.addCommand(event);
    this.#options.live.emit(event);
  }

  /** @param measured bytes */
  heapWarning(measured: number): void {
    this.warning('heap-near-limit', toHeapWarning(measured, this.#options.setting.limits));
  }

  warning(code: WarningEvent['code'], message: string): void {
    this.#options.live.emit({ type: 'warning', at: this.#now(), code, message });
  }
}
