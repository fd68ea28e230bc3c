// Owns the list of all lint rules; a new one goes into a file of its theme.

import { COMMAND_RULES } from './commands.ts';
import { DISABLE_RULES } from './disables.ts';
import { ENDLESS_RULES } from './endless.ts';
import { HOG_RULES } from './hogs.ts';
import { ITERATION_RULES } from './iteration.ts';
import { MEMORY_RULES } from './memory.ts';
import { RECURSION_RULES } from './recursion.ts';
import { REGEX_RULES } from './regexes.ts';
import type { Rule } from './rule.ts';
import { RUNAWAY_RULES } from './runaway.ts';
import { TEXT_RULES } from './text.ts';
import { TRICK_RULES } from './tricks.ts';

/** Every rule, in the order findings of one place are told. */
export const RULES: readonly Rule[] = [
  ...TEXT_RULES,
  ...ENDLESS_RULES,
  ...RECURSION_RULES,
  ...RUNAWAY_RULES,
  ...REGEX_RULES,
  ...COMMAND_RULES,
  ...MEMORY_RULES,
  ...TRICK_RULES,
  ...ITERATION_RULES,
  ...HOG_RULES,
  ...DISABLE_RULES,
];
