// Owns what a batch writes to stdout: a JSON object for each item in the order of the input, waiting for a reader that is slow.

import { type DonePiece, isFailure } from '../../batches/piece.ts';
import { safeJson } from '../render/safe-json.ts';

/** What came of a piece, as the objects that are printed. */
export function toOutput({ lines, outcome }: DonePiece): readonly object[] {
  switch (outcome.kind) {
    case 'each':
      return lines.map((line, index) => ({ type: 'result', line, value: outcome.values[index] }));
    case 'whole': {
      const several = lines.length > 1 && { lastLine: lines.at(-1), items: lines.length };
      return [{ type: 'result', line: lines[0], ...several, value: outcome.value }];
    }
    default: {
      const { kind: type, reason, message, dump } = outcome;
      return lines.map((line) => ({ type, line, reason, message, dump }));
    }
  }
}

/** The lines and the reason of a piece without result, in words; null for one with a result. */
export function failureText({ lines, outcome }: DonePiece): string | null {
  if (!isFailure(outcome) || !('reason' in outcome)) return null;
  const [first, last] = [lines[0], lines.at(-1)];
  const where = first === last ? `line ${first}` : `lines ${first} to ${last}`;
  const what = outcome.kind === 'culprit' ? 'culprit, ' : '';
  const dump = outcome.dump === null ? '' : ` (${outcome.dump})`;
  return `${where}: ${what}${outcome.reason}: ${outcome.message}${dump}`;
}

/** Writes objects a line each to a stream; resolves once it has room for more, or never will have. */
export class ObjectWriter {
  readonly #stream: NodeJS.WriteStream;
  #isLost = false;

  /** @param onLost called once, when the stream cannot be written any more */
  constructor(stream: NodeJS.WriteStream, onLost: (error: NodeJS.ErrnoException) => void) {
    this.#stream = stream;
    stream.once('error', (error: NodeJS.ErrnoException) => {
      this.#isLost = true;
      onLost(error);
    });
  }

  /** Writes. */
  async write(objects: readonly object[]): Promise<void> {
    if (this.#isLost || objects.length === 0) return;
    const text = objects.map((each) => `${safeJson(each)}\n`).join('');
    if (!this.#stream.write(text) && !this.#isLost) await this.#drained();
  }

  #drained(): Promise<void> {
    return new Promise((resolve) => {
      const settle = () => {
        for (const event of ['drain', 'error', 'close']) this.#stream.off(event, settle);
        resolve();
      };
      for (const event of ['drain', 'error', 'close']) this.#stream.once(event, settle);
    });
  }
}
