// Owns the rules about memory and work that no limit will bear.

import { safeText } from '../../model/safe-text.ts';
import type { JudgedLoop } from '../analysed.ts';
import type { LoopFact } from '../facts/facts.ts';
import { hugeAllocation } from './allocations.ts';
import { countText } from './numbers.ts';
import type { RawFinding, Rule } from './rule.ts';

const NAME_MAX = 60;

const growingMemory: Rule = {
  id: 'growing-memory',
  summary: 'Something grows in a loop that never ends.',
  why: 'What only ever grows reaches the heap limit sooner or later, and then the run is stopped.',
  check: ({ growth }) =>
    growth.map(({ name, start, end, loop }) => ({
      // A timer is slower than a loop: most runs are over before it matters.
      level: loop ? 'warning' : 'info',
      message: `\`${safeText(name, { charsMax: NAME_MAX })}\` grows with each ${loop ? 'turn of a loop that never ends' : 'run of a timer that nobody stops'}, and nothing cuts it back: it will reach the heap limit`,
      advice: 'Keep only the last few, or clear it when it has become long.',
      start,
      end,
    })),
};

const TURNS_MAX = 1e9;

const endlessWork: Rule = {
  id: 'endless-work',
  summary: 'Loops in each other take more turns than any CPU limit allows.',
  why: 'A single call that goes on without end cannot be stopped from inside the macro.',
  check: ({ loops }) => {
    const byFact = new Map(loops.map((loop) => [loop.fact, loop]));
    return loops.flatMap((loop) => workOf(loop, byFact));
  },
};

function workOf(loop: JudgedLoop, loops: ReadonlyMap<LoopFact, JudgedLoop>): RawFinding[] {
  const { fact, end, waits } = loop;
  // The innermost loop that passes the bound is the one to name, and only once.
  if (end.bound === null || end.bound === 0 || waits !== 'never' || fact.exits.length > 0)
    return [];
  let turns = end.bound;
  let before = 1;
  let depth = 1;
  for (let outer = fact.outer; outer; outer = outer.outer) {
    const bound = loops.get(outer)?.end.bound;
    if (bound == null || bound === 0 || outer.exits.length > 0) break;
    before *= bound;
    turns *= bound;
    depth++;
  }
  if (turns < TURNS_MAX || before >= TURNS_MAX) return [];
  const what = depth === 1 ? 'this loop takes' : `${depth} loops in each other take`;
  const { start, body } = fact.node;
  const message = `${what} ${countText(turns)} turns without waiting once: more than any CPU limit allows`;
  return [{ level: 'warning', message, start, end: Math.max(start + 3, body.start) }];
}

/** The rules of this file. */
export const MEMORY_RULES: readonly Rule[] = [growingMemory, hugeAllocation, endlessWork];
