// Owns the lines of a source, split once however many findings show some of them.

const BREAK = /\r\n|[\n\r\u2028\u2029]/;

/** The lines of a text by the breaks JavaScript knows. */
export class SourceLines {
  readonly #text: string;
  #lines: readonly string[] | null = null;

  constructor(text: string) {
    this.#text = text;
  }

  /** All of them. */
  get all(): readonly string[] {
    this.#lines ??= this.#text.split(BREAK);
    return this.#lines;
  }

  /** A line by its number, from 1; '' for one that is not there. */
  at(line: number): string {
    return this.all[line - 1] ?? '';
  }
}
