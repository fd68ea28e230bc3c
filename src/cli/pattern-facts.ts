// Owns what a pattern is told of a macro on the command line: its analysis, and whether it calls itself.

import { analyse } from '../analysis/analyse.ts';
import { macroCirclesOf } from '../analysis/macro-calls.ts';
import type { PatternFacts } from '../policy/pattern-facts.ts';

/** The facts of one macro by itself, as its patterns' tests want them. */
export function toPatternFacts(source: string): PatternFacts {
  const analysis = analyse(source, { file: 'test.js', language: 'js' });
  return { macroCircles: macroCirclesOf(analysis), ...analysis };
}
