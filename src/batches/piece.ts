// Owns what a batch is cut into: items, pieces of them that one run gets, and what came of a piece.

import type { Json } from '../model/value.ts';

/** One input of a batch. */
export interface Item {
  /** The line of the batch file it stands on, from 1. */
  readonly line: number;
  readonly value: unknown;
}

/** Items that one run gets, in order. */
export interface Piece {
  /** The place of its first item among all, from 0. */
  readonly first: number;
  readonly items: readonly Item[];
}

/** What came of a piece. */
export type PieceOutcome =
  /** The macro returned a result for each item. */
  | { readonly kind: 'each'; readonly values: readonly Json[] }
  /** It returned something else: the result of the whole piece. */
  | { readonly kind: 'whole'; readonly value: Json }
  /** The run came to another end: each item of the piece gets it. */
  | ({ readonly kind: 'error' } & PieceError)
  /** One item that no run can take, alone in its piece. */
  | ({ readonly kind: 'culprit' } & PieceError);

/** Why there is no result. */
export interface PieceError {
  /** An end reason, or `too-large` for an item that cannot be given to a macro at all. */
  readonly reason: string;
  /** One sentence. What a macro threw is in it: bounded, hostile. */
  readonly message: string;
  /** The crash dump; null where none was written. */
  readonly dump: string | null;
}

/** A piece that is done. */
export interface DonePiece {
  readonly first: number;
  /** The lines of its items. */
  readonly lines: readonly number[];
  readonly outcome: PieceOutcome;
}

/** Both halves of a piece of two items or more. */
export function halve({ first, items }: Piece): readonly [Piece, Piece] {
  const middle = Math.ceil(items.length / 2);
  return [
    { first, items: items.slice(0, middle) },
    { first: first + middle, items: items.slice(middle) },
  ];
}

/** True where items have no result. */
export function isFailure({ kind }: PieceOutcome): boolean {
  return kind === 'error' || kind === 'culprit';
}
