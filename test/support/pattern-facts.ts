// Owns hand-made facts for patterns' tests: what an analysis would say, without one.

import type { CommandUseFact, PatternFacts } from '../../src/policy/pattern-facts.ts';

/** Where a command is given, how often, and how long a turn of its loop takes (ms). */
export interface UseSketch {
  readonly name: string;
  /** The most in a run; default unbounded. */
  readonly max?: number | null;
  readonly inLoop?: boolean;
  /** Default true. */
  readonly isSteady?: boolean;
  /** 0 is as fast as it can; null not known. Default 0. */
  readonly everyMs?: number | null;
}

/** Facts of a source in which these commands stand one after the other. */
export function factsOf(
  source: string,
  sketches: readonly UseSketch[],
  others: Partial<PatternFacts> = {},
): PatternFacts {
  const uses = sketches.map((sketch, index) => toUse(source, sketch, index));
  const everyMs = new Map(uses.map((use, index) => [use, sketches[index]?.everyMs]));
  return {
    source,
    report: { findings: [], loops: [], recursion: [] },
    cost: {
      uses,
      mostInWindow(matches, windowMs) {
        let most = 0;
        for (const use of uses.filter(matches)) {
          const pause = everyMs.get(use);
          if (pause === null) return null;
          const byTime = pause ? Math.floor(windowMs / pause) + 1 : Number.POSITIVE_INFINITY;
          most += Math.min(byTime, use.max ?? Number.POSITIVE_INFINITY);
        }
        return most;
      },
    },
    ...others,
  };
}

function toUse(
  source: string,
  { name, max = null, inLoop = true, isSteady = true }: UseSketch,
  index: number,
) {
  const start = Math.max(0, source.indexOf(name));
  const [category = ''] = name.split('.');
  const use: CommandUseFact & { readonly index: number } = {
    name,
    category,
    inLoop,
    max,
    isSteady,
    start,
    end: start + name.length,
    index,
  };
  return use;
}
