// Owns what the launcher is told and what it tells, and the first bytes of each pipe that is to become a process's own.

import { timingSafeEqual } from 'node:crypto';

/** What the launcher is told. */
export type LauncherOrder =
  | {
      readonly type: 'start';
      /** A number nobody else has. */
      readonly id: number;
      /** The path of a program, and its arguments. */
      readonly command: readonly string[];
      /** So many pipes come for it, for its descriptors from 2 on. */
      readonly pipes: number;
    }
  | {
      readonly type: 'kill';
      readonly id: number;
      /** Another pid to kill, of what lives no longer than that process. */
      readonly also: number | null;
    };

/** What it tells. */
export type LauncherNews =
  /** Where it takes pipes, and what each has to say first. */
  | { readonly type: 'open'; readonly address: string; readonly token: string }
  | { readonly type: 'started'; readonly id: number; readonly pid: number }
  | { readonly type: 'failed'; readonly id: number; readonly message: string }
  | {
      readonly type: 'exited';
      readonly id: number;
      readonly code: number | null;
      readonly signal: NodeJS.Signals | null;
    };

/** A token's length. */
export const TOKEN_CHARS = 32;
const ID_CHARS = 10;
const PIPE_CHARS = 2;

/** How long what a pipe says first is (bytes). */
export const HEADER_BYTES = TOKEN_CHARS + ID_CHARS + PIPE_CHARS;

/** What a pipe says first: whose it is, and which of its pipes. */
export function toHeader(token: string, id: number, pipe: number): string {
  return `${token}${String(id).padStart(ID_CHARS)}${String(pipe).padStart(PIPE_CHARS)}`;
}

/** Reads that; null where it does not know the token: anybody on the machine can connect. */
export function readHeader(token: string, header: Buffer): { id: number; pipe: number } | null {
  if (header.length !== HEADER_BYTES) return null;
  if (!timingSafeEqual(header.subarray(0, TOKEN_CHARS), Buffer.from(token))) return null;
  const [id, pipe] = [header.subarray(TOKEN_CHARS, -PIPE_CHARS), header.subarray(-PIPE_CHARS)].map(
    (part) => Number(part.toString()),
  );
  return { id: id as number, pipe: pipe as number };
}
