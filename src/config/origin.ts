// Owns where a value comes from: who said it, how that is shown, and whose word counts more.

import type { GuardLevel } from '../model/guard.ts';
import { safeText } from '../model/safe-text.ts';
import type { Place } from '../yaml/read-yaml.ts';

/** Who decided a value. */
export type Origin =
  | { readonly by: 'default' }
  /** A limit that nobody set: the level has it, and `from` is where the level has it from. */
  | { readonly by: 'level'; readonly level: GuardLevel; readonly from: Origin }
  | { readonly by: 'file'; readonly file: string; readonly place: Place | null }
  | { readonly by: 'environment'; readonly name: string }
  /** A flag by the way it is written, such as `--limit cpu`. */
  | { readonly by: 'flag'; readonly name: string };

/** `default`, `guard level medium`, `corral.yaml:12:5`, `CORRAL_LOAD_ACTIVE`, `--limit cpu`. */
export function originText(origin: Origin): string {
  switch (origin.by) {
    case 'default':
      return 'default';
    case 'level': {
      const from = origin.from.by === 'default' ? '' : `, ${originText(origin.from)}`;
      return `guard level ${origin.level}${from}`;
    }
    case 'file': {
      const { place } = origin;
      const file = safeText(origin.file, { charsMax: 300 });
      return place ? `${file}:${place.line}:${place.column}` : file;
    }
    default:
      return origin.name;
  }
}

/** Whose word counts more: the larger. */
export function weightOf({ by }: Origin): number {
  return { default: 0, level: 0, file: 1, environment: 2, flag: 3 }[by];
}
