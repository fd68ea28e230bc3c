// Owns seeing that a tag nobody knows was meant to protect: it would be passed over without a word.

import { distance } from 'fastest-levenshtein';
import { LIMIT_NAMES, type LimitName } from '../../model/limits.ts';

/** Misspelling one of these leaves a macro with more than its author meant it to have. */
const PROTECTING = ['grant', 'limit', 'input', 'retry'];
/** What people call a limit elsewhere. */
const LIMIT_ALIASES: Readonly<Record<string, LimitName>> = { memory: 'heap', timeout: 'wall' };
const EXAMPLES: Record<LimitName, string> = {
  ...{ wall: 'wall=10s', cpu: 'cpu=500ms', burst: 'burst=100ms', idle: 'idle=500ms' },
  ...{ heap: 'heap=32mb', commands: 'commands=100', output: 'output=64kb' },
};

/**
 * What to say of a tag Corral does not know, or null where it is simply for others (`@author`).
 * @param name without its `@`
 */
export function mistakenTag(name: string): string | null {
  const plain = name.toLowerCase();
  const limit = Object.hasOwn(LIMIT_ALIASES, plain)
    ? LIMIT_ALIASES[plain]
    : LIMIT_NAMES.find((each) => each === plain);
  if (limit !== undefined)
    return `\`@${name}\` limits nothing; write for example \`@limit ${EXAMPLES[limit]}\``;
  const farMax = plain.length > 5 ? 2 : 1;
  const meant =
    plain === 'retries' ? 'retry' : PROTECTING.find((tag) => distance(tag, plain) <= farMax);
  return meant === undefined ? null : `\`@${name}\` does nothing; did you mean \`@${meant}\`?`;
}
