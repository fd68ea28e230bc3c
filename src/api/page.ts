// Owns pages of long lists: how many, and where the next one begins. A cursor is opaque to whoever carries it.

import { z } from 'zod';
import { ProblemError } from './problem.ts';

/** What every list takes. */
export const Page = z.object({
  limit: z.coerce.number().int().min(1).max(500).default(50),
  cursor: z.string().max(2000).optional().describe('`next` of the page before'),
});

/** The items of a page, and the cursor of the next one; null where this is the last. */
export interface Paged<Item> {
  readonly items: Item[];
  readonly next: string | null;
}

/** Which page of which list: the shape of what its items are ordered by, and how that is read off one. */
export interface PageOf<Item, Key> {
  readonly key: z.ZodType<Key>;
  /**
   * Asked for one more than the page has: that there is one is how it is known that there is a next page.
   * @param last what the page before ended with
   */
  find(last: Key | undefined, limit: number): readonly Item[];
  keyOf(item: Item): Key;
}

/**
 * One page of a list.
 * @throws {ProblemError} `bad-request` for a cursor that no page gave
 */
export function toPage<Item, Key>(
  { limit, cursor }: z.infer<typeof Page>,
  { key, find, keyOf }: PageOf<Item, Key>,
): Paged<Item> {
  const found = find(cursor === undefined ? undefined : readCursor(cursor, key), limit + 1);
  const items = found.slice(0, limit);
  const last = items.at(-1);
  return { items, next: found.length > limit && last ? cursorOf(keyOf(last)) : null };
}

/** What numbered items are ordered by. */
export const Numbered = z.int().min(0);

function cursorOf(key: unknown): string {
  return Buffer.from(JSON.stringify(key)).toString('base64url');
}

function readCursor<Key>(cursor: string, key: z.ZodType<Key>): Key {
  try {
    return key.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString()));
  } catch {
    throw new ProblemError('bad-request', 'The cursor is not one that a page gave.');
  }
}
