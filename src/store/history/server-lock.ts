// Owns that a history has one server at a time: a lock of the operating system's, which is gone with the process that held it
// however that ended. Keys, backups and whatever only reads need none.

import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { toSystemReason } from '../../model/errno.ts';
import { CorralError } from '../../model/errors.ts';
import { makeFolder } from '../../model/folder.ts';
import { safeText } from '../../model/safe-text.ts';

const FILE = 'server.lock';
/** SQLite's own code for a file that somebody else has locked. */
const BUSY = 5;

/**
 * Takes a history's folder for this server, until it is disposed of.
 * @throws {CorralError} `bad-store` where another server has it, or the folder cannot be written
 */
export function lockForServer(dir: string): Disposable {
  let database: DatabaseSync | null = null;
  try {
    makeFolder(dir);
    database = new DatabaseSync(join(dir, FILE), { timeout: 0 });
    database.exec('PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE');
    const held = database;
    return { [Symbol.dispose]: () => held.close() };
  } catch (error) {
    database?.close();
    const isTaken = (error as { errcode?: number }).errcode === BUSY;
    const why = isTaken
      ? 'another `corral serve` uses it; stop that one, or name another folder with --data-dir'
      : `${toSystemReason(error)}; name another folder with --data-dir`;
    throw new CorralError('bad-store', `Cannot use the data folder ${safeText(dir)}: ${why}.`, {
      cause: error,
    });
  }
}
