// Owns `corral backup`: a whole copy of a service's history while it is used.

import { existsSync, statSync } from 'node:fs';
import { chmod, open, rename, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Command } from 'commander';
import { toSystemReason } from '../model/errno.ts';
import { CorralError } from '../model/errors.ts';
import { formatBytes } from '../model/limits.ts';
import { safeText } from '../model/safe-text.ts';
import { HISTORY_FILE, HistoryDatabase } from '../store/history/database.ts';
import { dataDirOption } from './serve/data-dir.ts';

interface Flags {
  readonly dataDir: string;
  readonly force?: boolean;
}

const HELP = `
The server may run meanwhile: the copy is of one moment. It holds runs, events, the library, keys and the audit; crash dumps
are files of their own in the data folder. To go back, stop the server and put the copy in the place of history.sqlite.

Examples:
  corral backup /backups/corral-$(date +%F).sqlite --data-dir /var/lib/corral

Exit codes: 0 copied · 2 there is no history, or the copy cannot be written`;

/** `corral backup`. */
export function backupCommand(): Command {
  return new Command('backup')
    .description('Copy the history of `corral serve` into a file, while it is used.')
    .argument('<file>', 'where to')
    .option('--force', 'write over what is there')
    .addOption(dataDirOption())
    .addHelpText('after', HELP)
    .exitOverride()
    .action(backup);
}

async function backup(file: string, { dataDir, force = false }: Flags): Promise<void> {
  const shown = safeText(file);
  if (!existsSync(join(dataDir, HISTORY_FILE)))
    throw new CorralError(
      'bad-usage',
      `There is no history in ${safeText(dataDir)}; name the folder with --data-dir.`,
    );
  if (isHistory(file, dataDir))
    throw new CorralError(
      'bad-usage',
      `${shown} is the history itself; a copy in its place would destroy it. Name another file.`,
    );
  if (!force && existsSync(file))
    throw new CorralError('unwritable-file', `${shown} is there already; --force writes over it.`);
  const draft = `${file}.${process.pid}.tmp`;
  try {
    using database = new HistoryDatabase(dataDir);
    database.copyTo(draft);
    await chmod(draft, 0o600);
    await using copy = await open(draft, 'r');
    await copy.sync();
    const { size } = await copy.stat();
    await rename(draft, file);
    process.stderr.write(`Wrote ${shown}, ${formatBytes(size)}.\n`);
  } catch (error) {
    await rm(draft, { force: true });
    if (error instanceof CorralError) throw error;
    throw new CorralError('unwritable-file', `Cannot write ${shown}: ${toSystemReason(error)}.`, {
      cause: error,
    });
  }
}

/** SQLite keeps a history in up to three files. */
const PARTS = ['', '-wal', '-shm'] as const;

/** True for one of the history's own files, by whatever name: to write over it destroys what a server has open. */
function isHistory(file: string, dataDir: string): boolean {
  const meant = statSync(file, { throwIfNoEntry: false });
  const path = join(dataDir, HISTORY_FILE);
  return PARTS.some((part) => {
    const own = statSync(`${path}${part}`, { throwIfNoEntry: false });
    if (own && meant) return own.ino === meant.ino && own.dev === meant.dev;
    return resolve(file) === resolve(`${path}${part}`);
  });
}
