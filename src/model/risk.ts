// Owns the words for a macro's risk: the levels, and where each begins on the scale from 0 to 1.

/** The levels from none to most, and the smallest risk (0..1) that belongs to each. */
export const RISK_BOUNDS = {
  safe: 0,
  low: 0.1,
  medium: 0.3,
  high: 0.6,
  critical: 0.85,
} as const;

/** One of {@link RISK_BOUNDS}. */
export type RiskLevel = keyof typeof RISK_BOUNDS;

/** All levels, from `safe` to `critical`. */
export const RISK_LEVELS = Object.keys(RISK_BOUNDS) as RiskLevel[];

/** The level a risk (0..1) belongs to. */
export function riskLevel(risk: number): RiskLevel {
  return RISK_LEVELS.findLast((level) => risk >= RISK_BOUNDS[level]) ?? 'safe';
}

/** True when a risk (0..1) is of this level or above. */
export function isRiskFrom(risk: number, level: RiskLevel): boolean {
  return risk >= RISK_BOUNDS[level];
}
