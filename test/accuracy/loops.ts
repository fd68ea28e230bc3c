// Owns how well loops are judged: programs whose end is known from running them, and what lint says of each.

import { readFileSync } from 'node:fs';
import { analyse } from '../../src/analysis/analyse.ts';
import { observe } from '../support/observe.ts';
import { ProgramMaker } from '../support/random-programs.ts';

/** How many of each kind. */
export interface Score {
  readonly programs: number;
  readonly endless: number;
  /** `infinite` said of a program that does not end, of one that ends, and not said of one that does not. */
  readonly found: number;
  readonly wrong: readonly string[];
  readonly missed: readonly string[];
  /** Loops said to end that do not; loops with more turns than their bound. */
  readonly falseEnds: readonly string[];
  readonly lowBounds: readonly string[];
  /** Loops of programs that end: with a bound, and with one that is exactly what was counted. */
  readonly loops: number;
  readonly bounded: number;
  readonly exact: number;
}

/** A loop that took so many turns in a program that does not end is the one that does not. */
const ENDLESS_TURNS = 8_000;

/** Programs written by hand, one a line. */
export function handWritten(): string[] {
  const text = readFileSync(new URL('programs.txt', import.meta.url), 'utf8');
  return text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
}

/** Programs made from a seed. */
export function generated(count: number, seed: number): string[] {
  const maker = new ProgramMaker(seed);
  return Array.from({ length: count }, () => maker.next());
}

/** Runs and judges programs. */
export async function score(programs: readonly string[], evaluates: boolean): Promise<Score> {
  const wrong: string[] = [];
  const missed: string[] = [];
  const falseEnds: string[] = [];
  const lowBounds: string[] = [];
  let [endless, found, loops, bounded, exact] = [0, 0, 0, 0, 0];
  for (const source of programs) {
    const { ends, turns } = await observe(source);
    const { report } = analyse(source, { file: 'x.js', language: 'js', commands: [], evaluates });
    const saysEndless = report.loops.some(({ verdict }) => verdict === 'infinite');
    if (!ends) endless++;
    if (saysEndless && ends) wrong.push(source);
    if (saysEndless && !ends) found++;
    if (!saysEndless && !ends) missed.push(source);
    for (const [index, { verdict, bound }] of report.loops.entries()) {
      const seen = turns[index] ?? 0;
      if (verdict === 'terminates' && !ends && seen > ENDLESS_TURNS) falseEnds.push(source);
      if (bound !== null && seen > bound) lowBounds.push(source);
      if (!ends) continue;
      loops++;
      if (bound !== null) bounded++;
      if (bound === seen) exact++;
    }
  }
  return {
    programs: programs.length,
    endless,
    found,
    wrong,
    missed,
    falseEnds,
    lowBounds,
    loops,
    bounded,
    exact,
  };
}
