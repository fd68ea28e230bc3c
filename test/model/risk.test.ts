import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isRiskFrom, RISK_BOUNDS, RISK_LEVELS, riskLevel } from '../../src/model/risk.ts';

describe('risk levels', () => {
  test('begin at their bound and end before the next', () => {
    for (const [at, level] of RISK_LEVELS.entries()) {
      assert.equal(riskLevel(RISK_BOUNDS[level]), level);
      const below = RISK_LEVELS[at - 1];
      if (below) assert.equal(riskLevel(RISK_BOUNDS[level] - 1e-9), below);
    }
    assert.equal(riskLevel(1), 'critical');
  });
  test('are in order from safe to critical', () => {
    const bounds = Object.values(RISK_BOUNDS);
    assert.deepEqual(
      bounds,
      [...bounds].sort((a, b) => a - b),
    );
    assert.equal(isRiskFrom(0.6, 'high'), true);
    assert.equal(isRiskFrom(0.59, 'high'), false);
  });
});
