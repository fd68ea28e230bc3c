// Owns what rules look at: the text, its tree, and what was judged of its loops and calls.

import type { Program } from 'acorn';
import type { Command } from '../model/command.ts';
import type { Header } from '../model/header.ts';
import type { CommandSites } from './cost/command-sites.ts';
import type { Cost } from './cost/cost.ts';
import type { Excess } from './evaluate/evaluate.ts';
import type { Facts, LoopFact } from './facts/facts.ts';
import type { LoopEnd } from './loops/judge.ts';
import type { Waits } from './loops/waiting.ts';
import type { Growth } from './memory/growth.ts';
import type { Cycle } from './recursion/cycles.ts';
import type { Lines } from './text/lines.ts';
import type { Parsed } from './text/parse.ts';

/** A judged loop. */
export interface JudgedLoop {
  readonly fact: LoopFact;
  readonly end: LoopEnd;
  readonly waits: Waits;
}

/** Everything known before the rules speak; a text that does not parse has no tree and no loops. */
export interface Analysed {
  readonly lines: Lines;
  readonly header: Header;
  readonly parsed: Parsed;
  readonly program: Program | null;
  readonly facts: Facts | null;
  /** The host's commands; null when they are not known. */
  readonly catalogue: readonly Command[] | null;
  /** False leaves out whether regular expressions are slow. */
  readonly judgesRegexes: boolean;
  readonly loops: readonly JudgedLoop[];
  /** Where a closed macro was seen to do more than any macro needs. */
  readonly excess: Excess | null;
  readonly cycles: readonly Cycle[];
  /** Data that grows in loops that never end. */
  readonly growth: readonly Growth[];
  /** Where it gives commands; null when it does not parse. */
  readonly commands: CommandSites | null;
  /** What it can cost; of a text that does not parse nothing is known. */
  readonly cost: Cost | null;
}
