// Owns the list of all lint rules; a new one goes into a file of its theme.

import { ENDLESS_RULES } from './endless.ts';
import { REGEX_RULES } from './regexes.ts';
import type { Rule } from './rule.ts';
import { RUNAWAY_RULES } from './runaway.ts';
import { TEXT_RULES } from './text.ts';

/** Every rule, in the order findings of one place are told. */
export const RULES: readonly Rule[] = [
  ...TEXT_RULES,
  ...ENDLESS_RULES,
  ...RUNAWAY_RULES,
  ...REGEX_RULES,
];
