// Owns `corral replay`: runs a macro again from its crash dump and says whether it ends the same way.

import { Command } from 'commander';
import { SETTINGS_DEFAULT } from '../config/config-settings.ts';
import { replayDump } from '../corral.ts';
import { type ConfigFlags, configFileOptions } from './configuration.ts';
import { announceDoor, openDoor } from './devtools-door.ts';
import { configuredDumps } from './inspect/find-dump.ts';
import { openDump } from './inspect/open-dump.ts';
import { replayLines } from './render/replay.ts';
import { RunView } from './render/run-view.ts';
import { safeJson } from './render/safe-json.ts';
import { renderLines } from './render/summary.ts';
import { toInspectPort } from './run/flags.ts';
import { paintFor } from './style.ts';

/** Where dumps are looked for when none is named. */
const DUMPS = SETTINGS_DEFAULT.dumps.dir;

/** The exit code of a replay that was interrupted. */
const INTERRUPTED = 130;

interface Flags extends ConfigFlags {
  readonly inspect?: number | true;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** `corral replay`. */
export function replayCommand(): Command {
  const command = new Command('replay')
    .description('Run a macro again from its crash dump, and say whether it ends the same way.')
    .argument(
      '[dump]',
      `a crash dump, its summary, or a folder: its newest dump (default: ${DUMPS})`,
    )
    .option(
      '--inspect [port]',
      "step through it in Chrome's DevTools: prints where, and waits (port 9229; 0 for any)",
      toInspectPort,
    )
    .option('--json', 'print what came of it as JSON')
    .option('--quiet', 'print only what came of it')
    .addHelpText('after', HELP)
    .exitOverride();
  return configFileOptions(command).action(async (path: string | undefined, flags: Flags) => {
    process.exitCode = await replay(path ?? (await configuredDumps(flags)), flags);
  });
}

const HELP = `
It gets what it was given then: the same source, seed, input, limits, clock, and the same answers
to its commands and its state, each after as long. No command reaches anybody, no state changes,
no dump is written.

Examples:
  corral replay                           the newest dump of ${DUMPS}
  corral replay dump.json --json | jq .same
  corral replay dump.json --inspect       step through it in Chrome

Exit codes: 0 it ends the same way · 1 it does not · 2 the dump is missing, damaged or has no journal · 130 interrupted`;

async function replay(path: string, flags: Flags): Promise<number> {
  const { dump } = await openDump(path);
  const abort = new AbortController();
  const interrupt = () => abort.abort();
  process.once('SIGINT', interrupt);
  process.once('SIGTERM', interrupt);
  try {
    await using devtools = await openDoor(flags);
    const told = await replayDump(dump, {
      signal: abort.signal,
      ...(devtools && { debug: devtools }),
      onStart: (run) => {
        if (!flags.json && !flags.quiet) new RunView(run, process.stderr, paintFor(process.stderr));
        if (devtools) announceDoor(devtools, run);
      },
    });
    if (abort.signal.aborted) return INTERRUPTED;
    if (flags.json) process.stdout.write(`${safeJson(told, 1)}\n`);
    else process.stdout.write(renderLines(replayLines(dump, told), paintFor(process.stdout)));
    return told.same ? 0 : 1;
  } finally {
    process.off('SIGINT', interrupt);
    process.off('SIGTERM', interrupt);
  }
}
