// Owns the shape of a macro's header and of its declared inputs; reading one from text is analysis' work.

import type { LimitName } from './limits.ts';

/** The types an `@input` can declare. `json` takes any JSON value. */
export const INPUT_TYPES = ['string', 'number', 'integer', 'boolean', 'json'] as const;

/** One of {@link INPUT_TYPES}. */
export type InputType = (typeof INPUT_TYPES)[number];

/** One declared input: `@input rounds:number=3` or, with `?`, an optional one. */
export interface InputDeclaration {
  readonly name: string;
  readonly type: InputType;
  readonly optional: boolean;
  /** The default as the declared type, or undefined when there is none. */
  readonly defaultValue?: unknown;
  readonly description: string;
}

/** Something wrong with a header line; the macro may still run unless the level is error. */
export interface HeaderProblem {
  readonly line: number;
  readonly column: number;
  readonly endColumn: number;
  readonly message: string;
  readonly level: 'warning' | 'error';
}

/** A macro's header, read without running anything. Empty strings and arrays where the header says nothing. */
export interface Header {
  /** False when the source has no `==Macro==` block at all. */
  readonly present: boolean;
  /** `@name`, or '' when there is none. */
  readonly name: string;
  readonly description: string;
  readonly version: string;
  /** Categories or full command names; null when there is no `@grant` line: every unprivileged category. */
  readonly grants: readonly string[] | null;
  /** `@limit` values in ms, bytes or counts. */
  readonly limits: Partial<Record<LimitName, number>>;
  /** Null when there is no `@input` line: any input is taken. */
  readonly inputs: readonly InputDeclaration[] | null;
  /** `@retry 2`: how often Corral may try again when the run was lost through no fault of its own. */
  readonly retry: number;
  /** `@retry 2 failed`: it may as well when the macro threw. */
  readonly retryFailed: boolean;
  /** Tags Corral does not know (`@expect …`), first value each. */
  readonly other: Readonly<Record<string, string>>;
  readonly problems: readonly HeaderProblem[];
}
