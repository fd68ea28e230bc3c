// Owns pages of long lists: how many, and where the next one begins. A cursor is opaque to whoever carries it.

import { z } from 'zod';
import { ProblemError } from './problem.ts';

/** What every list takes. */
export const Page = z.object({
  limit: z.coerce.number().int().min(1).max(500).default(50),
  cursor: z.string().max(100).optional().describe('`next` of the page before'),
});

/** What a page asks of the store: so many, those before a number. */
export interface PageAsked {
  readonly before: number | undefined;
  readonly limit: number;
}

/** The items of a page, and the cursor of the next one; null where this is the last. */
export interface Paged<Item> {
  readonly items: Item[];
  readonly next: string | null;
}

/**
 * One page of a list whose items are numbered, the newest first.
 * @param find asked for one more than the page has: that there is one is how it is known that there is a next page
 * @throws {ProblemError} `bad-request` for a cursor that no page gave
 */
export function toPage<Item>(
  { limit, cursor }: z.infer<typeof Page>,
  find: (asked: PageAsked) => readonly Item[],
  numberOf: (item: Item) => number,
): Paged<Item> {
  const found = find({ before: readCursor(cursor), limit: limit + 1 });
  const items = found.slice(0, limit);
  const last = items.at(-1);
  return { items, next: found.length > limit && last ? cursorOf(numberOf(last)) : null };
}

function cursorOf(number: number): string {
  return Buffer.from(`c${number}`).toString('base64url');
}

function readCursor(cursor: string | undefined): number | undefined {
  if (cursor === undefined) return undefined;
  const text = Buffer.from(cursor, 'base64url').toString();
  const number = Number(text.slice(1));
  if (!/^c\d{1,16}$/.test(text) || !Number.isSafeInteger(number))
    throw new ProblemError('bad-request', 'The cursor is not one that a page gave.');
  return number;
}
