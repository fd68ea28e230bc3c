// Owns the rule about functions that call each other in a circle nothing ends.

import type { AnyNode } from 'acorn';
import type { Cycle } from '../recursion/cycles.ts';
import type { Level, RawFinding, Rule } from './rule.ts';

const NAMES_MAX = 8;

const infiniteRecursion: Rule = {
  id: 'infinite-recursion',
  summary: 'Functions call each other and nothing can stop them.',
  why: 'Each call takes stack or memory that is given back only when it returns, and these never do.',
  check: ({ cycles }) =>
    cycles.flatMap((cycle) => {
      const told = tell(cycle);
      return told ? [toFinding(cycle, told.level, told.text)] : [];
    }),
};

/** What is said of a circle; null for one that may well end. */
function tell({ end, why, isOpen, steps }: Cycle): { level: Level; text: string } | null {
  if (isOpen && end !== 'waits') {
    const isAsync = steps.some(({ callable }) => callable.fact?.node?.async);
    const text = 'goes round until something it calls fails: nothing else ends it';
    return { level: isAsync ? 'info' : 'warning', text };
  }
  switch (end) {
    case 'overflows':
      return {
        level: 'error',
        text: 'can never end: each call makes the next one before anything can stop it; add a condition that returns first',
      };
    case 'starves':
      return {
        level: 'error',
        text: 'can never end, and nothing else ever has its turn: each microtask makes the next one; put `await sleep(ms)` between them, or a condition that stops',
      };
    case 'waits':
      return {
        level: 'info',
        text: 'goes round for ever and waits each time: it runs until the run is stopped or its limits are reached',
      };
    case 'stuck':
      return {
        level: 'warning',
        text: `does not end once it has called itself: ${why}, so what let it in lets it in again`,
      };
    default:
      return null;
  }
}

function toFinding({ steps }: Cycle, level: Level, text: string): RawFinding {
  const [first, ...others] = steps;
  const { node, bodies } = first?.callable ?? { node: steps[0]?.node as AnyNode, bodies: [] };
  const body = bodies[0];
  const end = body && body.start > node.start ? Math.min(node.end, body.start) : node.end;
  return {
    start: node.start,
    end,
    level,
    message: `${wayRound(steps)} ${text}`,
    related: [first, ...others].flatMap((step, at) =>
      step && steps.length > 1
        ? [
            {
              message: `${step.callable.name} calls ${steps[(at + 1) % steps.length]?.callable.name}`,
              start: step.node.start,
              end: step.node.end,
            },
          ]
        : [],
    ),
  };
}

/** `a → b → a`. */
function wayRound(steps: Cycle['steps']): string {
  const names = steps.map(({ callable }) => callable.name);
  const shown =
    names.length > NAMES_MAX
      ? [...names.slice(0, NAMES_MAX - 2), `${names.length - NAMES_MAX + 1} others`, names.at(-1)]
      : names;
  return [...shown, names[0]].join(' → ');
}

/** The rules of this file. */
export const RECURSION_RULES: readonly Rule[] = [infiniteRecursion];
