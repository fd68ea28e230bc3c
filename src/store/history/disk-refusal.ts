// Owns telling a disk that takes nothing from anything else that may be wrong with a change.

/** SQLite's words for it: SQLITE_READONLY, SQLITE_IOERR, SQLITE_FULL. */
const REFUSED: readonly number[] = [8, 10, 13];

/** True for an error that says that the disk takes nothing at the moment. */
export function isRefusedByDisk(error: unknown): boolean {
  if (!(error instanceof Error) || !('errcode' in error)) return false;
  // Its lowest byte is the kind, the others say more of it.
  return typeof error.errcode === 'number' && REFUSED.includes(error.errcode & 0xff);
}
