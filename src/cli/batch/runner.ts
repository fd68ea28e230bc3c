// Owns running the pieces of a batch in a corral: the input of each, its seed, and what its end means.

import { dirname } from 'node:path';
import { type Judgement, judge } from '../../batches/judge.ts';
import type { Piece } from '../../batches/piece.ts';
import type { Corral } from '../../corral.ts';
import type { Run } from '../../supervisor/run.ts';
import type { SourceFile } from '../source-file.ts';
import { type BaseInput, ITEMS, whyTooLarge } from './input.ts';

/** What all pieces have in common. */
export interface RunnerOptions {
  readonly source: SourceFile;
  readonly base: BaseInput;
  /** A piece's own is counted on from this by its first item: the same again, in whatever order they run. */
  readonly seed: number;
  readonly lint: boolean;
}

const SEEDS = 2 ** 32;

/** Runs pieces. */
export class PieceRunner {
  readonly #corral: Corral;
  readonly #options: RunnerOptions;
  readonly #active = new Set<Run>();
  #isStopped = false;

  constructor(corral: Corral, options: RunnerOptions) {
    this.#corral = corral;
    this.#options = options;
  }

  /** Runs a piece to its end. @throws {CorralError} what `start` throws: the input fits no piece */
  async run({ first, items }: Piece): Promise<Judgement> {
    if (this.#isStopped) return { next: 'leave' };
    const { source, base, seed, lint } = this.#options;
    const input = { ...base, [ITEMS]: items.map(({ value }) => value) };
    const tooLarge = whyTooLarge(input);
    if (tooLarge !== null) return tooLargeFor(items.length, tooLarge);
    const { text, file, language } = source;
    const run = this.#corral.start(text, {
      input,
      file,
      language,
      lint,
      seed: (seed + first) % SEEDS,
      macrosDir: dirname(file),
    });
    this.#active.add(run);
    try {
      return judge(await run.result, items.length, this.#isStopped);
    } finally {
      this.#active.delete(run);
    }
  }

  /** Stops all that is under way, and whatever is asked for afterwards. */
  cancel(): void {
    this.#isStopped = true;
    // Each run's end comes by its own way.
    for (const run of this.#active) void run.stop('the batch was interrupted');
  }
}

function tooLargeFor(count: number, message: string): Judgement {
  if (count > 1) return { next: 'halve' };
  const outcome = { kind: 'culprit', reason: 'too-large', message, dump: null } as const;
  return { next: 'record', outcome };
}
