// Owns which patterns a server has and which of them are in force: those of files, and those that were put over HTTP.

import type { Corral } from '../corral.ts';
import { CorralError } from '../model/errors.ts';
import type { Pattern } from '../model/pattern.ts';
import { parsePatternFile } from '../policy/pattern-file.ts';
import type { PatternHistory } from '../store/history/patterns.ts';

/** One of them. */
export interface ShelvedPattern {
  readonly pattern: Pattern;
  readonly enabled: boolean;
  /** The text that was put; null for one that is a file. */
  readonly yaml: string | null;
}

/** The patterns of a server. */
export class PatternShelf {
  readonly #corral: Corral;
  readonly #files: readonly Pattern[];
  readonly #kept: PatternHistory;
  /** What the texts that were put come to. */
  readonly #read = new Map<string, Pattern>();
  #all: readonly ShelvedPattern[];

  /** @throws {CorralError} `bad-pattern` for a text that was put and is no pattern of this Corral */
  constructor(corral: Corral, files: readonly Pattern[], kept: PatternHistory) {
    this.#corral = corral;
    this.#files = files;
    this.#kept = kept;
    this.#all = files.map((pattern) => ({ pattern, enabled: true, yaml: null }));
    if (kept.list().length > 0) this.renew();
  }

  /** All, those of files first. */
  get all(): readonly ShelvedPattern[] {
    return this.#all;
  }

  /** What runs are watched for. */
  get inForce(): readonly Pattern[] {
    return this.#all.filter(({ enabled }) => enabled).map(({ pattern }) => pattern);
  }

  /** One by its id; undefined for none. */
  get(id: string): ShelvedPattern | undefined {
    return this.#all.find(({ pattern }) => pattern.id === id);
  }

  /** Puts in force what is kept now, for what starts from then on. */
  renew(): void {
    const kept = new Map(this.#kept.list().map((each) => [each.id, each]));
    const files = this.#files.map((pattern) => {
      const enabled = kept.get(pattern.id)?.enabled ?? true;
      kept.delete(pattern.id);
      return { pattern, enabled, yaml: null };
    });
    const put = [...kept.values()].flatMap(({ id, yaml, enabled }) =>
      yaml === null ? [] : [{ pattern: this.#patternOf(id, yaml), enabled, yaml }],
    );
    const texts = new Set(put.map(({ yaml }) => yaml));
    for (const yaml of this.#read.keys()) if (!texts.has(yaml)) this.#read.delete(yaml);
    this.#all = [...files, ...put];
    this.#corral.watchFor(this.inForce);
  }

  #patternOf(id: string, yaml: string): Pattern {
    const known = this.#read.get(yaml);
    if (known) return known;
    const parsed = parsePatternFile(yaml, id);
    if ('problems' in parsed)
      throw new CorralError(
        'bad-pattern',
        `The pattern ${id} that was put over HTTP is none of this Corral's: ${parsed.problems[0]?.message}. Put it anew with the Corral that took it.`,
      );
    this.#read.set(yaml, parsed.read.pattern);
    return parsed.read.pattern;
  }
}
