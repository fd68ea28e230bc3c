// Owns everything that is known of one macro by itself, as the tests of patterns want it: its analysis, and whether it
// calls itself.

import { type Analysis, analyse } from './analyse.ts';
import { macroCirclesOf } from './macro-calls.ts';

/** An analysis, with the circles of macros that this one is by itself. */
export type MacroFacts = Analysis & { readonly macroCircles: ReturnType<typeof macroCirclesOf> };

/** The facts of one macro by itself. */
export function toMacroFacts(source: string): MacroFacts {
  const analysis = analyse(source, { file: 'test.js', language: 'js' });
  return { ...analysis, macroCircles: macroCirclesOf(analysis) };
}
