// Owns the other people of the training ground: who is there, what they say by themselves and what they answer.

import type { Chance } from './random.ts';

/** Another player. */
export interface Townsperson {
  readonly name: string;
  readonly trade: 'farmer' | 'fisher' | 'guard' | 'merchant';
  /** Ticks until they next say something. */
  quietTicks: number;
}

/** One line that was heard. */
export interface Line {
  /** 1 for the first line of the world, one more for each after it. */
  readonly number: number;
  readonly tick: number;
  readonly from: string;
  readonly channel: 'say' | 'whisper' | 'broadcast';
  readonly text: string;
}

/** The people and what was heard. */
export interface Town {
  readonly people: readonly Townsperson[];
  /** Oldest first, at most {@link HEARD_MAX} lines. */
  readonly heard: Line[];
  /** The number of the newest line, 0 before the first. */
  lastNumber: number;
}

/** Lines kept; older ones are forgotten. */
export const HEARD_MAX = 100;
/** Between two lines of one person, in ticks: from, to. */
const QUIET = { least: 15, most: 40 } as const;

const SAYINGS: Record<Townsperson['trade'], readonly [string, ...string[]]> = {
  farmer: ['the wheat stands well', 'carrots are ripe, I think', 'has anyone seen my hoe?'],
  fisher: ['they bite at the dock today', 'another boot', 'salmon, salmon, salmon'],
  guard: ['a wolf was seen on the grass', 'stay within the walls', 'all is quiet'],
  merchant: ['pelts bought, a coin each', 'fresh bread at home', 'who sells herring?'],
};

const ANSWERS: Record<Townsperson['trade'], string> = {
  farmer: 'come to the field, there is work',
  fisher: 'meet me at the dock',
  guard: 'I keep watch, sleep well',
  merchant: 'bring coins',
};

/** Creates the town of a new world. */
export function createTown(chance: Chance): Town {
  const trades = { mara: 'farmer', odo: 'fisher', ilse: 'guard', finn: 'merchant' } as const;
  const people = Object.entries(trades).map(([name, trade]) => ({
    name,
    trade,
    quietTicks: chance.between(2, QUIET.most),
  }));
  return { people, heard: [], lastNumber: 0 };
}

/** Notes that something was said. */
export function hear(town: Town, line: Omit<Line, 'number'>): void {
  town.lastNumber += 1;
  town.heard.push({ number: town.lastNumber, ...line });
  if (town.heard.length > HEARD_MAX) town.heard.splice(0, town.heard.length - HEARD_MAX);
}

/** One tick of the town: who has been quiet long enough says something. */
export function townTurn(town: Town, tick: number, chance: Chance): void {
  for (const person of town.people) {
    person.quietTicks -= 1;
    if (person.quietTicks > 0) continue;
    person.quietTicks = chance.between(QUIET.least, QUIET.most);
    const text = chance.pick(SAYINGS[person.trade]);
    hear(town, { tick, from: person.name, channel: 'say', text });
  }
}

/**
 * The person of that name.
 * @throws {Error} when there is none.
 */
export function findPerson(town: Town, name: string): Townsperson {
  const person = town.people.find((one) => one.name === name);
  if (!person) {
    const names = town.people.map((one) => one.name).join(', ');
    throw new Error(`there is no player called ${name}; there are: ${names}`);
  }
  return person;
}

/** Lets a person answer a whisper. */
export function answerWhisper(town: Town, person: Townsperson, tick: number): string {
  const text = ANSWERS[person.trade];
  hear(town, { tick, from: person.name, channel: 'whisper', text });
  return text;
}
