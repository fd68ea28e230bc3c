// Owns reading a macro's text again, long after it was judged: for saying why a run of it ended as it did.

import type { Facts } from './facts/facts.ts';
import { gatherFacts } from './facts/gather.ts';
import type { Variable } from './facts/scopes.ts';
import { type Use, usesIn } from './facts/uses.ts';
import { Lines } from './text/lines.ts';
import { parseMacro } from './text/parse.ts';

/** A text and what is in it. */
export interface Text {
  readonly source: string;
  readonly facts: Facts;
  readonly lines: Lines;
  readonly uses: ReadonlyMap<Variable, readonly Use[]>;
}

/** Nodes looked at. */
const STEPS = 500_000;

/** Reads a text; runs nothing of it. Null when it cannot be read, or when names in it may mean anything (`eval`). */
export function readText(source: string, language: 'js' | 'ts'): Text | null {
  const { ast } = parseMacro(source, language);
  if (!ast) return null;
  const facts = gatherFacts(ast);
  if ('tooDeep' in facts || facts.scopes.isDynamic) return null;
  const uses = usesIn([ast], facts, { steps: STEPS });
  return uses && { source, facts, lines: new Lines(source), uses };
}
