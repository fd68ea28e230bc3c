// Owns what settings say of each other: which may not be above which, and why it would make no sense.

import { GUARD_LEVELS, INTERVENTIONS } from './guard.ts';
import { RISK_LEVELS } from './risk.ts';

/** Two settings of which the first may not be above the second; both by their dotted path. */
export interface OrderRule {
  readonly low: string;
  readonly high: string;
  /** What would come of it: a clause. */
  readonly else: string;
  /** True where even the same is too much. */
  readonly isStrict?: boolean;
}

const HOUSE_RULES: readonly OrderRule[] = [
  { low: 'load.creating', high: 'load.active', else: 'no more are made than may be active' },
  { low: 'load.queuePerOwner', high: 'load.queue', else: 'nobody could wait beyond the line' },
  { low: 'brake.lookEveryMs', high: 'brake.holdMs', else: 'a held start would never look again' },
  { low: 'workers.warm', high: 'workers.max', else: 'no more can be kept ready than there may be' },
  {
    low: 'workers.warmMax',
    high: 'workers.max',
    else: 'no more can be kept ready than there may be',
  },
  { low: 'retry.firstMs', high: 'retry.longestMs', else: 'the first wait would be cut short' },
];

/** Of the limits that replace a level's. */
const LIMIT_RULES: readonly OrderRule[] = [
  { low: 'limits.burst', high: 'limits.cpu', else: 'it would never be reached' },
  { low: 'limits.idle', high: 'limits.wall', else: 'it would never be reached' },
];

const LEVEL_RULES: readonly OrderRule[] = [
  ...LIMIT_RULES,
  { low: 'heapWarnBytes', high: 'limits.heap', else: 'the run is killed before it is warned' },
  {
    low: 'admission.shareRisk',
    high: 'admission.refuseRisk',
    else: 'such macros are refused',
    isStrict: true,
  },
  { low: 'becomes.warn', high: 'becomes.pause', else: 'the milder offence would be punished more' },
  { low: 'becomes.pause', high: 'becomes.stop', else: 'the milder offence would be punished more' },
  {
    low: 'becomes.stop',
    high: 'becomes.emergency',
    else: 'the milder offence would be punished more',
  },
];

const GUARD_RULES: readonly OrderRule[] = GUARD_LEVELS.flatMap((level) =>
  LEVEL_RULES.map((rule) => ({
    ...rule,
    low: `guard.${level}.${rule.low}`,
    high: `guard.${level}.${rule.high}`,
  })),
);

/** Every rule. */
export const ORDER_RULES: readonly OrderRule[] = [...HOUSE_RULES, ...LIMIT_RULES, ...GUARD_RULES];

/** True when two values are in a rule's wrong order. What is null is left off, and breaks none. */
export function isOutOfOrder(
  { isStrict = false }: OrderRule,
  low: unknown,
  high: unknown,
): boolean {
  const [a, b] = [toRank(low), toRank(high)];
  if (a === null || b === null) return false;
  return isStrict ? a >= b : a > b;
}

function toRank(value: unknown): number | null {
  if (typeof value === 'number') return value;
  const words = [INTERVENTIONS, RISK_LEVELS].find((each: readonly unknown[]) =>
    each.includes(value),
  );
  return words ? (words as readonly unknown[]).indexOf(value) : null;
}
