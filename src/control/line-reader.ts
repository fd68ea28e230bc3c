// Owns cutting a byte stream into lines of JSON, each within a bound; what the JSON means is for others to check.

/** A line that is too long, or no JSON. */
export class LineError extends Error {
  override readonly name = 'LineError';
}

const NEWLINE = 0x0a;

/** Cuts one stream. Holds at most one line. */
export class LineReader {
  readonly #bytesMax: number;
  #parts: Buffer[] = [];
  #bytes = 0;

  /** @param bytesMax the longest line (bytes) */
  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /**
   * Takes the next bytes and gives the value of each line that is complete, empty ones left out.
   * @throws {LineError}
   */
  *push(chunk: Buffer): Generator<unknown, void, void> {
    let from = 0;
    for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, from)) {
      const line = this.#complete(chunk.subarray(from, at));
      from = at + 1;
      if (line.trim() !== '') yield toJson(line);
    }
    this.#keep(chunk.subarray(from));
  }

  #complete(end: Buffer): string {
    this.#keep(end);
    const line = Buffer.concat(this.#parts).toString('utf8');
    this.#parts = [];
    this.#bytes = 0;
    return line;
  }

  #keep(part: Buffer): void {
    this.#bytes += part.length;
    if (this.#bytes > this.#bytesMax)
      throw new LineError(`a line is longer than ${this.#bytesMax} bytes`);
    // A copy: a slice would hold the whole chunk it came in.
    if (part.length > 0) this.#parts.push(Buffer.from(part));
  }
}

function toJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch (error) {
    throw new LineError('a line is no JSON', { cause: error });
  }
}
