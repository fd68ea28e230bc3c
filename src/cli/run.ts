// Owns `corral run`: its flags, and whether they mean one run or a batch of them.

import { Command, Option } from 'commander';
import { SETTINGS_DEFAULT as DEFAULT, DUMP_WHENS } from '../config/config-settings.ts';
import { DEFAULT_CONTROL_DIR } from '../control/folder.ts';
import { HOST_NAMES } from '../hosts/builtin-hosts.ts';
import { GUARD_LEVELS } from '../model/guard.ts';
import { WALL_MODES } from '../model/wall.ts';
import { configOptions } from './configuration.ts';
import { collectKeep, toSnapshotBytes } from './keep.ts';
import { ledgerOption } from './macro-ledger.ts';
import {
  assertNoBatchFlags,
  collectLimit,
  type RunFlags,
  toCount,
  toInspectPort,
  toSeed,
} from './run/flags.ts';
import { runOnce } from './run/once.ts';

/** `corral run`. */
export function runCommand(): Command {
  const command = new Command('run')
    .description('Run a macro: its result goes to stdout, everything else to stderr.')
    .argument('<file>', 'the macro (.js, .mjs or .ts), or - for stdin')
    .option('--input <json>', 'what the macro gets as `input`, as JSON')
    .option('--input-file <file>', 'the same from a file, or - for stdin')
    .option(
      '--limit <name=value>',
      'raise or lower a limit (repeatable): wall cpu burst idle heap commands output',
      collectLimit,
    )
    .option('--no-lint', 'run what lint would refuse')
    .option('--seed <number>', 'where random() and the host start from', toSeed)
    .addOption(
      new Option('--host <name>', `where commands go (default: ${DEFAULT.commands.host})`).choices(
        HOST_NAMES,
      ),
    )
    .addOption(
      new Option('--level <level>', `guard level (default: ${DEFAULT.level})`).choices(
        GUARD_LEVELS,
      ),
    )
    .option(
      '--allow <command>',
      'allow a privileged command by name (repeatable)',
      (name: string, all: string[] = []) => [...all, name],
    )
    .option(
      '--patterns <dir>',
      'watch the run for patterns of your own besides the built-in ones (repeatable)',
      (path: string, all: string[] = []) => [...all, path],
    )
    .addOption(
      new Option(
        '--dump <when>',
        `when to write a crash dump: of macros that were stopped, of those and failed ones, or never (default: ${DEFAULT.dumps.when})`,
      ).choices(DUMP_WHENS),
    )
    .option('--dump-dir <dir>', `where crash dumps go (default: ${DEFAULT.dumps.dir})`)
    .option(
      '--dump-keep <how much>',
      'keep so many dumps there (200), for so long (7d) or up to so much (500mb); repeatable',
      collectKeep,
    )
    .option(
      '--heap-snapshot [size]',
      "write the heap of a macro that is stopped beside its dump, for Chrome's DevTools; at most so much (512mb)",
      toSnapshotBytes,
    )
    .option('--state-dir <dir>', `where macros keep their state (default: ${DEFAULT.state.dir})`)
    .addOption(ledgerOption())
    .addOption(
      new Option(
        '--walls <which>',
        `walls around the worker: those this machine has, or none missing, see \`corral doctor\` (default: ${DEFAULT.walls})`,
      ).choices(WALL_MODES),
    )
    .option(
      '--inspect [port]',
      "step through the macro in Chrome's DevTools: prints where, and waits (port 9229; 0 for any)",
      toInspectPort,
    )
    .option(
      '--control-dir <dir>',
      'where `corral top` finds this and can stop it',
      DEFAULT_CONTROL_DIR,
    )
    .option('--no-control', 'be found by nobody')
    .option('--server <url>', 'run it on a `corral serve`; its key is taken from CORRAL_KEY')
    .option('--json', 'print every event as one JSON object a line on stdout')
    .option('--quiet', 'print only the result, and why a run did not complete')
    .option(
      '--batch <file>',
      'run it for every line of a file of JSON values, given as `input.items`',
    )
    .option('--batch-size <number>', 'items a run (1)', toCount(100_000))
    .option('--concurrency <number>', 'runs of a batch at once (one a processor)', toCount(256))
    .option('--fail-fast', 'begin nothing more once an item has failed')
    .option('--resume', 'go on with a batch that was interrupted')
    .option('--restart', 'begin it anew, and forget what was done')
    .option('--force', 'with --resume: also where macro, file, input or size have changed')
    .option('--batch-dir <dir>', 'where it is kept what was done (.corral/batches)')
    .addHelpText('after', HELP)
    .exitOverride();
  return configOptions(command).action(async (path: string, flags: RunFlags) => {
    process.exitCode = await run(path, flags);
  });
}

const HELP = `
Examples:
  corral run macros/patrol.js --input '{"rounds":3}'
  corral run duel.js --limit cpu=1s --limit heap=64mb --seed 7
  cat macro.js | corral run - --host print --json
  corral run duel.js --level high --set guard.high.commandsPerMinute=300
  corral run duel.js --server http://127.0.0.1:4141                            (docs/service.md)
  corral run price.js --batch items.ndjson --batch-size 100 > prices.ndjson    (docs/batches.md)

What no flag says is said by the environment (CORRAL_LEVEL), then by the nearest corral.yaml: see
\`corral config\`. SIGHUP reads that again, for what starts later.

Exit codes: 0 completed · 1 failed, refused or stopped · 2 wrong usage or input · 3 Corral is broken · 130 interrupted`;

async function run(path: string, flags: RunFlags): Promise<number> {
  if (flags.server !== undefined) {
    assertNoBatchFlags(flags);
    const { runOnServer } = await import('./run/on-server.ts');
    return await runOnServer(path, flags.server, flags);
  }
  if (flags.batch === undefined) {
    assertNoBatchFlags(flags);
    return await runOnce(path, flags);
  }
  // Loaded only where it is meant.
  const { runBatch } = await import('./batch/batch.ts');
  return await runBatch(path, flags.batch, flags);
}
