// Owns the one line at the bottom of a terminal that shows what a run uses now, and vanishes without a trace.

import type { Limits } from '../../model/limits.ts';
import { formatBytes, formatDuration } from '../../model/limits.ts';
import { safeText } from '../../model/safe-text.ts';
import type { Paint } from '../style.ts';

/** What the line shows. */
export interface StatusFigures {
  readonly elapsedMs: number;
  readonly cpuMs: number;
  readonly heapBytes: number;
  readonly commands: number;
  readonly state: string;
}

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const BAR_CELLS = 8;

/** Draws over itself on a terminal; writes nothing anywhere else. */
export class StatusLine {
  readonly #stream: NodeJS.WriteStream;
  readonly #paint: Paint;
  #turn = 0;
  #shown = false;

  constructor(stream: NodeJS.WriteStream, paint: Paint) {
    this.#stream = stream;
    this.#paint = paint;
  }

  /** Draws the line anew. */
  draw(macro: string, figures: StatusFigures, limits: Limits): void {
    if (!this.#stream.isTTY) return;
    // Room for the ^C that a terminal writes behind it: a line that wraps could not be taken away.
    const width = Math.max(4, (this.#stream.columns || 80) - 3);
    const spin = FRAMES[this.#turn++ % FRAMES.length] ?? '';
    const text = statusText(macro, figures, limits).slice(0, width - 2);
    this.#stream.write(`\r\u001b[2K${this.#paint('cyan', spin)} ${text}`);
    this.#shown = true;
  }

  /** Takes the line away; call it before anything else is written. */
  clear(): void {
    if (this.#shown) this.#stream.write('\r\u001b[2K');
    this.#shown = false;
  }
}

/** The line's text without colour. */
export function statusText(macro: string, figures: StatusFigures, limits: Limits): string {
  const { elapsedMs, cpuMs, heapBytes, commands, state } = figures;
  const heapMax = limits.heap.value;
  const filled = Math.min(BAR_CELLS, Math.round((heapBytes / heapMax) * BAR_CELLS));
  const bar = '▰'.repeat(filled) + '▱'.repeat(BAR_CELLS - filled);
  const parts = [
    `${safeText(macro, { charsMax: 30 })} ${state === 'running' ? formatDuration(elapsedMs) : state}`,
    `cpu ${formatDuration(cpuMs)}/${formatDuration(limits.cpu.value)}`,
    `heap ${bar} ${formatBytes(heapBytes)}/${formatBytes(heapMax)}`,
    `${commands}/${limits.commands.value} commands`,
  ];
  return parts.join(' · ');
}
