// Owns the rule about loops that never end.

import type { JudgedLoop } from '../analysed.ts';
import type { Suspicion } from '../loops/judge.ts';
import type { RawFinding, Rule } from './rule.ts';

const infiniteLoop: Rule = {
  id: 'infinite-loop',
  summary: 'A loop can never end.',
  why: 'A loop that never ends keeps its macro alive until the guard stops it, and holds the whole process unless each turn waits.',
  check: ({ loops }) =>
    loops.flatMap((loop) => {
      if (loop.end.verdict === 'infinite') return [loopFinding(loop)];
      return loop.end.suspicion === null ? [] : [suspectFinding(loop, loop.end.suspicion)];
    }),
};

/** Whether it begins is not known; if it does, it does not end. */
function suspectFinding(
  { fact: { node }, waits }: JudgedLoop,
  { why, isOpen }: Suspicion,
): RawFinding {
  return {
    start: node.start,
    end: headEnd(node),
    level: isOpen || waits === 'surely' ? 'info' : 'warning',
    message: isOpen
      ? `only an error in what it calls could end this loop: ${why}`
      : `once this loop has begun it does not end by itself: ${why}`,
  };
}

function loopFinding({ fact, end, waits }: JudgedLoop): RawFinding {
  const { node } = fact;
  const place = { start: node.start, end: headEnd(node) };
  switch (waits) {
    case 'surely':
      return {
        ...place,
        level: 'info',
        message: `this loop never ends by itself: ${end.why}; each turn waits, so it runs until the run is stopped or its wall limit is reached`,
      };
    case 'maybe':
      return {
        ...place,
        level: 'warning',
        message: `this loop never ends by itself: ${end.why}; it is not certain that each turn waits, so put an \`await sleep(ms)\` into it, or a \`break\``,
      };
    case 'never':
      return {
        ...place,
        level: 'error',
        message: `this loop can never end: ${end.why}; add a \`break\` or a condition that becomes false, or \`await sleep(ms)\` if it is to run until it is stopped`,
      };
  }
}

/** The loop's head, `while (…)`; its body would be too much to underline. */
function headEnd(node: JudgedLoop['fact']['node']): number {
  if (node.type === 'DoWhileStatement') return node.start + 2;
  return Math.max(node.start + 1, node.body.start - 1 > node.start ? node.body.start : node.end);
}

/** The rules of this file. */
export const ENDLESS_RULES: readonly Rule[] = [infiniteLoop];
