// Owns the proof that a loop goes on: each place that changes from turn to turn is made a function of the turn, one turn is
// run with those, and if every place then is where that function says, what held for one turn holds for all of them up to
// the first decision that falls differently. Without such a decision the loop never ends; otherwise its turns are skipped.

import type { Completion, Machine } from './machine.ts';
import { type Place, placesOf, strayPlaces, withStray } from './places.ts';
import { type Cell, Enough, GiveUp, type Mutable, Thrown } from './values.ts';

/** One turn: null when there is another, otherwise how the loop ended. */
export type Turn = () => Completion | null;

/** What became of a loop that was tried. */
export interface Induced {
  readonly isEndless: boolean;
  /** Turns it took, run or skipped. */
  readonly turns: number;
  /** How it ended, null when it goes on. */
  readonly end: Completion | null;
}

/** Fewer turns are better run than skipped; more so where skipping them loses what some places hold. */
const SKIP_MIN = 200;
const SKIP_LOSSY_MIN = 20_000;
/** How often places may turn out to be less regular than they looked. */
const ROUNDS_MAX = 6;
const PERIODS = [1, 2, 3, 4, 6];
const PERIOD_MAX = 64;

/** Tries a loop whose next turn is due; afterwards it stands where its turns have brought it. */
export function induce(m: Machine, hidden: Cell | null, turn: Turn): Induced {
  let turns = 0;
  m.moduli.clear();
  const periods = [...PERIODS];
  for (let at = 0; at < periods.length; at++) {
    const tried = tryPeriod(m, hidden, turn, periods[at] as number);
    turns += tried.turns;
    if (tried.isEndless || tried.end !== null || tried.isSkipped) return { ...tried, turns };
    // A remainder is regular over as many turns as its modulus.
    for (const modulus of m.moduli)
      if (modulus <= PERIOD_MAX && !periods.includes(modulus)) periods.push(modulus);
  }
  return { isEndless: false, turns, end: null };
}

interface Tried extends Induced {
  readonly isSkipped: boolean;
}

function tryPeriod(m: Machine, hidden: Cell | null, turn: Turn, period: number): Tried {
  const known = m.reachable(hidden);
  if (!known) return { isEndless: false, isSkipped: false, turns: 0, end: null };
  const first = observe(m, turn, period);
  if (first.end !== null) return { ...first, isEndless: false, isSkipped: false };
  const second = observe(m, turn, period);
  const turns = first.turns + second.turns;
  const going = { isEndless: false, isSkipped: false, turns, end: second.end };
  if (second.end !== null) return going;
  let places = placesOf(first.journal, second.journal, known);
  for (let round = 0; places && round < ROUNDS_MAX; round++) {
    const proof = prove(m, turn, period, places, known);
    if (!proof) return going;
    if (proof.stray.length > 0) places = withStray(places, proof.stray);
    else return settle(proof.horizon, places, period, going);
  }
  return going;
}

/** Says that the loop is endless, or skips turns. */
function settle(horizon: number, places: readonly Place[], period: number, going: Tried): Tried {
  if (horizon === Number.POSITIVE_INFINITY) return { ...going, isEndless: true };
  const least = places.every(({ isRegular }) => isRegular) ? SKIP_MIN : SKIP_LOSSY_MIN;
  if (horizon * period < least || !places.every((place) => place.skip(horizon, false)))
    return going;
  for (const place of places) place.skip(horizon, true);
  return { ...going, isSkipped: true, turns: going.turns + horizon * period };
}

/** Runs turns as they are, and notes what changed. */
function observe(m: Machine, turn: Turn, period: number) {
  const journal = new Map<Mutable, unknown>();
  m.journal = journal;
  let turns = 0;
  let end: Completion | null = null;
  try {
    while (turns < period && end === null) {
      m.spend(1);
      end = turn();
      turns++;
    }
  } finally {
    m.journal = null;
  }
  return { journal, turns, end };
}

/**
 * Runs a period with places as functions of the turn. Afterwards everything is as before.
 * @returns places that turned out irregular, and the turn up to which the rest holds; null where nothing is proved
 */
function prove(
  m: Machine,
  turn: Turn,
  period: number,
  places: readonly Place[],
  known: ReadonlySet<object>,
): { readonly stray: Place[]; readonly horizon: number } | null {
  const journal = new Map<Mutable, unknown>();
  m.journal = journal;
  m.isProving = true;
  m.horizon = Number.POSITIVE_INFINITY;
  try {
    for (const place of places) place.generalise(m);
    for (let n = 0; n < period; n++) {
      m.spend(1);
      if (turn() !== null) return null;
    }
    const stray = strayPlaces(journal, places, known);
    return stray && { stray, horizon: m.horizon };
  } catch (error) {
    // Another way was taken, or something could not be decided: nothing is proved.
    if (error instanceof GiveUp || error instanceof Thrown || error instanceof Enough) return null;
    throw error;
  } finally {
    m.journal = null;
    m.isProving = false;
    for (const [target, saved] of journal) target.load(saved);
  }
}
