// Owns reading what a macro says must happen to it: `reason[|reason] [line n]`.

import assert from 'node:assert/strict';
import { isEndReason } from '../../src/model/outcome.ts';

/** How a macro must end. */
export interface Expectation {
  readonly reasons: readonly string[];
  readonly line: number | null;
}

/** Reads an expectation; a malformed one fails the test that reads it. */
export function readExpectation(text: string): Expectation {
  const match = /^([a-z:|-]+)(?: line (\d+))?$/.exec(text.trim());
  assert.ok(match?.[1], `"${text}" is not "reason[|reason] [line n]"`);
  const reasons = match[1].split('|');
  for (const reason of reasons) assert.ok(isEndReason(reason), `"${reason}" is no end reason`);
  return { reasons, line: match[2] === undefined ? null : Number(match[2]) };
}
