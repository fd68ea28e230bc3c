// Owns pages of long lists: how many, and where the next one begins. A cursor is opaque to whoever carries it.

import { z } from 'zod';
import { ProblemError } from './problem.ts';

/** What every list takes. */
export const Page = z.object({
  limit: z.coerce.number().int().min(1).max(500).default(50),
  cursor: z.string().max(100).optional().describe('`next` of the page before'),
});

/** The cursor after an item with this number. */
export function cursorOf(number: number): string {
  return Buffer.from(`c${number}`).toString('base64url');
}

/** The number of a cursor; undefined for none. @throws {ProblemError} `bad-request` */
export function readCursor(cursor: string | undefined): number | undefined {
  if (cursor === undefined) return undefined;
  const text = Buffer.from(cursor, 'base64url').toString();
  const number = Number(text.slice(1));
  if (!/^c\d{1,16}$/.test(text) || !Number.isSafeInteger(number))
    throw new ProblemError('bad-request', 'The cursor is not one that a page gave.');
  return number;
}
