// Owns whether a loop ends: `infinite` is said only when certain, and a bound only where it can be counted. What the text
// shows comes first; what is left open in a closed macro is evaluated.

import type { AnyNode } from 'acorn';
import { type Excess, evaluate } from '../evaluate/evaluate.ts';
import { constantOf } from '../facts/constants.ts';
import { type Facts, type LoopFact, type LoopNode, type NodeOf, sitesIn } from '../facts/facts.ts';
import { isClosed } from './closed.ts';
import { fixedNames } from './condition.ts';
import { type Budget, judgeCounter } from './counter.ts';
import { type Categories, mayLeave } from './leaving.ts';
import { alwaysTrue } from './ranges.ts';

/** What is known of a loop's end. */
export interface LoopEnd {
  readonly verdict: 'terminates' | 'unknown' | 'infinite';
  /** The most iterations, null where unknown. */
  readonly bound: number | null;
  /** For `infinite`: why, as the end of a sentence. */
  readonly why: string;
  /** For `unknown`: why it would never end once it has begun; null where nothing says so. */
  readonly suspicion: Suspicion | null;
}

/** Why a loop would not end once it has begun. */
export interface Suspicion {
  readonly why: string;
  /** True when only something unknown that is called in it could end it, by throwing. */
  readonly isOpen: boolean;
}

/** How loops are judged. */
export interface JudgeOptions {
  /** The host's command categories; null when they are not known. */
  readonly categories: Categories;
  /** False judges by the text alone. */
  readonly evaluates: boolean;
}

/** Nothing is known. */
export const UNKNOWN_END: LoopEnd = { verdict: 'unknown', bound: null, why: '', suspicion: null };
/** Turns of counters that are tried one by one, over a whole file. */
const STEPS = 1_000_000;

/** What was found of all loops. */
export interface Judged {
  readonly ends: ReadonlyMap<LoopNode, LoopEnd>;
  /** Where a closed macro was seen to do more than any macro needs. */
  readonly excess: Excess | null;
}

/** Judges every loop of a program. */
export function judgeLoops(facts: Facts, options: JudgeOptions): Judged {
  const budget: Budget = { steps: STEPS };
  const ends = new Map<LoopNode, LoopEnd>();
  for (const loop of facts.loops) {
    ends.set(loop.node, judgeLoop(loop, facts, options.categories, budget));
  }
  const mayEvaluate = options.evaluates && isClosed(facts, options.categories);
  if (!mayEvaluate) return { ends, excess: null };
  const { endless, turns, isRepeating, isComplete, excess } = evaluate(facts, options.categories);
  // A loop that the whole macro never comes by does no harm.
  if (isComplete)
    for (const [node, end] of ends)
      if (end.verdict === 'infinite') ends.set(node, suspect(end.why, true));
  for (const [node, bound] of turns) ends.set(node, terminates(bound));
  if (endless && ends.get(endless)?.verdict !== 'infinite')
    ends.set(endless, infinite(isRepeating ? REPEATS : RUNS_ON));
  return { ends, excess };
}

const REPEATS = 'followed turn by turn, it comes back to where it was before';
const RUNS_ON = 'followed turn by turn, nothing that changes ever makes it stop';

function terminates(bound: number | null): LoopEnd {
  return { verdict: 'terminates', bound, why: '', suspicion: null };
}

function infinite(why: string): LoopEnd {
  return { verdict: 'infinite', bound: null, why, suspicion: null };
}

function suspect(why: string, isOpen: boolean): LoopEnd {
  return { ...UNKNOWN_END, suspicion: { why, isOpen } };
}

function judgeLoop(loop: LoopFact, facts: Facts, categories: Categories, budget: Budget): LoopEnd {
  const { node } = loop;
  if (node.type === 'ForOfStatement' || node.type === 'ForInStatement') return judgeOver(node);
  const test = node.test == null ? { value: true } : constantOf(node.test, facts.scopes);
  if (test && !test.value) return terminates(node.type === 'DoWhileStatement' ? 1 : 0);
  const counted = test ? null : judgeCounter(loop, facts, budget);
  if (counted && counted.turns !== null && counted.turns < Number.POSITIVE_INFINITY)
    return terminates(counted.turns);
  const always = test || counted || !node.test ? null : alwaysTrue(node.test, facts);
  const names = test || counted || always ? null : fixedNames(loop, facts);
  if (!test && !counted?.why && !names && !always) return UNKNOWN_END;
  if (loop.exits.some((exit) => facts.isOpen(exit, loop))) return UNKNOWN_END;
  const isOpen = mayLeave(loop, facts, categories) || walksOn(loop, facts);
  if (counted) {
    const isCertain = counted.turns !== null && !isOpen;
    return isCertain ? infinite(counted.why) : suspect(counted.why, isOpen);
  }
  if (names) {
    const list = names.map((name) => `\`${name}\``).join(' or ');
    const what = list === '' ? 'its condition' : list;
    return suspect(`nothing in it changes ${what}`, isOpen);
  }
  const why =
    node.test == null
      ? 'it has no condition and no way out'
      : 'its condition is always true and nothing leaves it';
  return isOpen || always?.isCertain === false ? suspect(why, isOpen) : infinite(why);
}

const ASSIGNMENTS_MAX = 200;

/** True for a loop that goes from one thing to the next, `at = at.next`: past the last one that fails. */
function walksOn({ node: loop }: LoopFact, facts: Facts): boolean {
  return sitesIn(facts.assignments, loop, ASSIGNMENTS_MAX).some(({ node }) => {
    const { left, right, operator } = node;
    const variable = operator === '=' ? facts.variableOf(left) : null;
    if (!variable || right.type !== 'MemberExpression') return false;
    let root: AnyNode = right;
    while (root.type === 'MemberExpression') root = root.object;
    return facts.variableOf(root) === variable;
  });
}

/** Over a literal nobody else can hold, the items can be counted; anything else may grow. */
function judgeOver({ right }: NodeOf<'ForOfStatement' | 'ForInStatement'>): LoopEnd {
  if (right.type === 'ArrayExpression' && right.elements.every(isItem))
    return terminates(right.elements.length);
  if (
    right.type === 'ObjectExpression' &&
    right.properties.every(({ type }) => type === 'Property')
  )
    return terminates(right.properties.length);
  return UNKNOWN_END;
}

function isItem(node: AnyNode | null): boolean {
  return node?.type !== 'SpreadElement';
}
