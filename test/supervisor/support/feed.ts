// Owns waiting for what a corral as a whole tells.

import type { Corral, FeedEvent } from '../../../src/corral.ts';
import { until } from './processes.ts';

/** The feed's events of one type. */
export type FeedEventOf<Type extends FeedEvent['type']> = Extract<FeedEvent, { type: Type }>;

/** Everything of one type that the feed has told so far. */
export function toldOf<Type extends FeedEvent['type']>(
  corral: Corral,
  type: Type,
): FeedEventOf<Type>[] {
  return corral.feed.filter((event): event is FeedEventOf<Type> => event.type === type);
}

/** Waits until the feed has told something of a type that fits, and gives the first of it. */
export async function untilTold<Type extends FeedEvent['type']>(
  corral: Corral,
  type: Type,
  fits: (event: FeedEventOf<Type>) => boolean,
): Promise<FeedEventOf<Type>> {
  await until(`the feed to tell of a ${type}`, () => toldOf(corral, type).some(fits));
  return toldOf(corral, type).find(fits) as FeedEventOf<Type>;
}
