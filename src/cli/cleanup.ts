// Owns `corral cleanup`: shows what dead Corrals have left behind, and removes it when told to.

import { Command } from 'commander';
import { SETTINGS_DEFAULT } from '../config/config-settings.ts';
import { DEFAULT_CONTROL_DIR } from '../control/folder.ts';
import type { KeepLimits } from '../dumps/keep-limits.ts';
import { toSystemReason } from '../model/errno.ts';
import { DEFAULT_BATCH_DIR } from './batch/journal.ts';
import { findLeftovers, type Leftover } from './cleanup/find.ts';
import { type ConfigFlags, configFileOptions, configure } from './configuration.ts';
import { collectKeep } from './keep.ts';
import { type CleanupRow, renderCleanup } from './render/cleanup-table.ts';
import { safeJson } from './render/safe-json.ts';
import { paintFor } from './style.ts';

interface Flags extends ConfigFlags {
  readonly yes?: boolean;
  readonly workers: boolean;
  readonly controlDir: string;
  readonly dumpDir?: string;
  readonly dumpKeep?: Partial<KeepLimits>;
  readonly batchDir: string;
  readonly json?: boolean;
}

const HELP = `
Looked for: worker processes whose Corral is gone, sockets nobody listens on, drafts of dumps that were never finished,
locks of batches whose process is gone, and dumps beyond what is kept. Only files named as Corral names them, and only
processes that are surely a worker of Corral's, of this user, that nobody runs any more. What is in doubt is left alone.

Exit codes: 0 shown, or removed · 1 something could not be removed · 2 a folder cannot be read`;

/** `corral cleanup`. */
export function cleanupCommand(): Command {
  const command = new Command('cleanup')
    .description('Show what dead Corrals have left behind; with --yes, remove it.')
    .option('--yes', 'remove it')
    .option('--no-workers', 'leave processes alone')
    .option('--control-dir <dir>', 'where sockets of running Corrals are', DEFAULT_CONTROL_DIR)
    .option('--dump-dir <dir>', `where crash dumps are (default: ${SETTINGS_DEFAULT.dumps.dir})`)
    .option(
      '--dump-keep <how much>',
      'dumps to keep there: so many (200), for so long (7d) or up to so much (500mb); repeatable',
      collectKeep,
    )
    .option('--batch-dir <dir>', 'where journals of batches are', DEFAULT_BATCH_DIR)
    .option('--json', 'print what was found as one JSON object on stdout')
    .addHelpText('after', HELP)
    .exitOverride();
  return configFileOptions(command).action(async (flags: Flags) => {
    process.exitCode = await cleanup(flags);
  });
}

async function cleanup(flags: Flags): Promise<number> {
  const { controlDir, batchDir, dumpKeep, workers, yes = false } = flags;
  const { dumps } = (await configure(flags)).settings;
  const dumpDir = flags.dumpDir ?? dumps.dir;
  // What somebody has set to be kept stays: the defaults may be less.
  const keep = { ...dumps.keep, ...dumpKeep };
  const found = await findLeftovers({ controlDir, dumpDir, batchDir, keep, workers });
  const rows: CleanupRow[] = [];
  for (const leftover of found) rows.push(await toRow(leftover, yes));
  if (flags.json) process.stdout.write(`${safeJson({ dryRun: !yes, items: rows }, 2)}\n`);
  else
    process.stdout.write(renderCleanup(rows, { isDryRun: !yes, paint: paintFor(process.stdout) }));
  return rows.some(({ problem }) => problem !== null) ? 1 : 0;
}

async function toRow(leftover: Leftover, isToGo: boolean): Promise<CleanupRow> {
  const { kind, what, why, bytes } = leftover;
  try {
    if (isToGo) await leftover.remove();
    return { kind, what, why, bytes, removed: isToGo, problem: null };
  } catch (error) {
    return { kind, what, why, bytes, removed: false, problem: toSystemReason(error) };
  }
}
