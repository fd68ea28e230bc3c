// Owns `corral top`: shows the running Corrals of a folder, live on a terminal and plain anywhere else.

import { Command, InvalidArgumentError } from 'commander';
import { DEFAULT_CONTROL_DIR } from '../control/folder.ts';
import { INTERRUPTED } from './run/signals.ts';
import { paintFor } from './style.ts';
import { watchLive } from './top/live.ts';
import { printPlain } from './top/plain.ts';

interface Flags {
  readonly controlDir: string;
  readonly watch?: number | true;
  readonly json?: boolean;
}

const HELP = `
On a terminal it stays and follows them: p pauses and r resumes the macro that is selected, s stops it, e stops all
that are shown; ? shows every key. Anywhere else it prints one table and ends.

Examples:
  corral top
  corral top --json | jq 'select(.type == "run" and .cpuShare > 0.5)'
  corral top --watch 10 >> load.log

Exit codes: 0 shown, also when none is running · 2 the folder cannot be read · 130 ended by a signal`;

const WATCH_DEFAULT_S = 2;
const WATCH_MOST_S = 3600;

/** `corral top`. */
export function topCommand(): Command {
  return new Command('top')
    .description('Watch the macros that run, and pause, resume or stop them.')
    .option('--control-dir <dir>', 'where the running Corrals are found', DEFAULT_CONTROL_DIR)
    .option(
      '--watch [seconds]',
      `print again every so many seconds (${WATCH_DEFAULT_S}) instead of following on the screen`,
      toSeconds,
    )
    .option(
      '--json',
      'print one object a line: each Corral, each of its runs, with --watch what happens',
    )
    .addHelpText('after', HELP)
    .exitOverride()
    .action(async (flags: Flags) => {
      process.exitCode = await top(flags);
    });
}

async function top({ controlDir, watch, json = false }: Flags): Promise<number> {
  const { stdout, stdin } = process;
  if (stdout.isTTY && watch === undefined && !json)
    return await watchLive(controlDir, { out: stdout, input: stdin, paint: paintFor(stdout) });
  const abort = new AbortController();
  const stop = () => abort.abort();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, stop);
  // Its reader went away.
  stdout.once('error', stop);
  const seconds = watch === true ? WATCH_DEFAULT_S : watch;
  const everyMs = seconds === undefined ? null : seconds * 1000;
  await printPlain(controlDir, { json, everyMs, columns: stdout.columns ?? 0 }, abort.signal);
  return abort.signal.aborted ? INTERRUPTED : 0;
}

function toSeconds(text: string): number {
  const seconds = Number(text);
  if (!/^\d{1,4}(?:\.\d{1,3})?$/.test(text) || seconds < 0.1 || seconds > WATCH_MOST_S)
    throw new InvalidArgumentError(`write seconds from 0.1 to ${WATCH_MOST_S}.`);
  return seconds;
}
