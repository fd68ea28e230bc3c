// Owns `corral run`: reads the macro and its input, starts it, shows it, and turns its end into an exit code.

import { dirname } from 'node:path';
import { Command, Option } from 'commander';
import { type Corral, createCorral, type Devtools } from '../corral.ts';
import type { KeepLimits } from '../dumps/keeper.ts';
import { BUILTIN_HOSTS, HOST_NAMES, type HostName } from '../hosts/builtin-hosts.ts';
import { CorralError } from '../model/errors.ts';
import type { EndEvent } from '../model/events.ts';
import { GUARD_LEVELS, type GuardLevel } from '../model/guard.ts';
import type { Limits } from '../model/limits.ts';
import { WALL_MODES, type WallMode } from '../model/wall.ts';
import type { DumpWhen } from '../supervisor/options.ts';
import type { Run } from '../supervisor/run.ts';
import { announceDoor, openDoor } from './devtools-door.ts';
import { collectKeep, toSnapshotBytes } from './keep.ts';
import { exitAs } from './output.ts';
import { renderFindings } from './render/findings.ts';
import { renderMissingWalls } from './render/missing-walls.ts';
import { isLintedOut, renderEnd } from './render/run-end.ts';
import { RunView } from './render/run-view.ts';
import { safeJson } from './render/safe-json.ts';
import { collectLimit, type LimitFlag, toPort, toSeed } from './run/flags.ts';
import { readInput } from './run/input.ts';
import { readSourceFile, type SourceFile } from './source-file.ts';
import { paintFor, terminalColumns } from './style.ts';

interface Flags {
  readonly input?: string;
  readonly inputFile?: string;
  readonly limit?: readonly LimitFlag[];
  readonly lint: boolean;
  readonly seed?: number;
  readonly host: HostName;
  readonly level: GuardLevel;
  readonly allow?: readonly string[];
  readonly dump: DumpWhen;
  readonly dumpDir: string;
  readonly dumpKeep?: Partial<KeepLimits>;
  readonly stateDir: string;
  readonly heapSnapshot?: boolean | number;
  readonly walls: WallMode;
  readonly inspect?: number | true;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** `corral run`. */
export function runCommand(): Command {
  return new Command('run')
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
      new Option('--host <name>', 'where commands go')
        .choices(HOST_NAMES)
        .default('training-ground' satisfies HostName),
    )
    .addOption(
      new Option('--level <level>', 'guard level')
        .choices(GUARD_LEVELS)
        .default('medium' satisfies GuardLevel),
    )
    .option(
      '--allow <command>',
      'allow a privileged command by name (repeatable)',
      (name: string, all: string[] = []) => [...all, name],
    )
    .addOption(
      new Option('--dump <when>', 'when to write a crash dump')
        .choices(['kill', 'always', 'never'])
        .default('kill'),
    )
    .option('--dump-dir <dir>', 'where crash dumps go', '.corral/dumps')
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
    .option('--state-dir <dir>', 'where macros keep their state', '.corral/state')
    .addOption(
      new Option(
        '--walls <which>',
        'walls around the worker: those this machine has, or none missing (see `corral doctor`)',
      )
        .choices(WALL_MODES)
        .default('available' satisfies WallMode),
    )
    .option(
      '--inspect [port]',
      "step through the macro in Chrome's DevTools: prints where, and waits (port 9229; 0 for any)",
      toPort,
    )
    .option('--json', 'print every event as one JSON object a line on stdout')
    .option('--quiet', 'print only the result, and why a run did not complete')
    .addHelpText('after', HELP)
    .exitOverride()
    .action(async (path: string, flags: Flags) => {
      process.exitCode = await run(path, flags);
    });
}

const HELP = `
Examples:
  corral run macros/patrol.js --input '{"rounds":3}'
  corral run duel.js --limit cpu=1s --limit heap=64mb --seed 7
  cat macro.js | corral run - --host print --json

Exit codes: 0 completed · 1 failed, refused or stopped · 2 wrong usage or input · 3 Corral is broken · 130 interrupted`;

async function run(path: string, flags: Flags): Promise<number> {
  const source = await readSourceFile(path);
  const input = await readInput(path, flags);
  const seed = flags.seed ?? Math.floor(Math.random() * 2 ** 32);
  const limits = Object.fromEntries((flags.limit ?? []).map(({ name, value }) => [name, value]));
  let view: RunView | null = null;
  const host = BUILTIN_HOSTS[flags.host]({ seed, print: (line) => view?.print(line) });
  const privileged = flags.allow ?? [];
  assertKnown(privileged, host.commands);
  await using corral = createCorral({
    commands: host.commands,
    level: flags.level,
    limits,
    privileged,
    dump: flags.dump,
    dumpDir: flags.dumpDir,
    ...(flags.dumpKeep && { dumpKeep: flags.dumpKeep }),
    ...(flags.heapSnapshot !== undefined && { heapSnapshot: flags.heapSnapshot }),
    stateDir: flags.stateDir,
    workers: { max: 1, warm: 1 },
    share: false,
    walls: flags.walls,
  });
  if (!flags.quiet) noteMissingWalls(corral);
  await using devtools = await openDoor(flags);
  const debug = devtools && { debug: devtools };
  const started = start(corral, source, { input, seed, lint: flags.lint, ...debug });
  if (!flags.json && !flags.quiet)
    view = new RunView(started, process.stderr, paintFor(process.stderr));
  if (devtools) announceDoor(devtools, started);
  const end = await outcome(started, source, flags, corral);
  return toExitCode(end);
}

/** One line, and none where all walls stand: a missing wall is said aloud. */
function noteMissingWalls(corral: Corral): void {
  process.stderr.write(renderMissingWalls(corral.walls, paintFor(process.stderr)));
}

function start(
  corral: Corral,
  source: SourceFile,
  options: { input: unknown; seed: number; lint: boolean; debug?: Devtools },
): Run {
  const { file, language, text } = source;
  const macrosDir = file === '<stdin>' ? null : dirname(file);
  return corral.start(text, { ...options, file, language, macrosDir });
}

async function outcome(
  run: Run,
  source: SourceFile,
  flags: Flags,
  corral: Corral,
): Promise<EndEvent> {
  let limits: Limits | null = null;
  run.on('admission', (event) => {
    limits = event.limits;
  });
  if (flags.json) {
    for (const type of [
      'admission',
      'command',
      'log',
      'sample',
      'warning',
      'state',
      'end',
    ] as const)
      run.on(type, (event) => process.stdout.write(`${safeJson(event)}\n`));
  }
  using _signals = stopOnSignals(run);
  const end = await run.result;
  if (flags.json) return end;
  const paint = paintFor(process.stderr);
  if (end.reason === 'refused' && isLintedOut(end)) {
    const report = corral.lint(source.text, source);
    process.stderr.write(
      `${renderFindings(source.text, report, { paint, columns: terminalColumns() ?? null })}\n`,
    );
  }
  if (!flags.quiet || end.status !== 'completed')
    process.stderr.write(renderEnd(end, { file: source.file, source: source.text, limits }, paint));
  if (end.status === 'completed') process.stdout.write(resultText(end));
  return end;
}

function toExitCode({ status, reason, durationMs }: EndEvent): number {
  if (status === 'cancelled') return INTERRUPTED;
  if (status === 'completed') return 0;
  // Lost before it ran at all: no worker could be started, and that is not the macro's doing.
  return reason === 'worker-lost' && durationMs === 0 ? 3 : 1;
}

/** The result as JSON, on one line when it fits; nothing for a macro that returns nothing. */
function resultText({ value }: EndEvent): string {
  if (value !== null && typeof value === 'object' && '$' in value && value.$ === 'undefined')
    return '';
  const line = safeJson(value);
  return `${line.length <= 100 ? line : safeJson(value, 2)}\n`;
}

/** The exit code of a run that was interrupted. */
const INTERRUPTED = 130;
/** A terminal's Ctrl-C reaches this process both directly and through the launcher: that is one signal. */
const SAME_SIGNAL_MS = 300;

/**
 * The first Ctrl-C or SIGTERM cancels the macro, which may tidy up, and lets the end be told; a second ends the process. Output
 * that cannot be written cancels too.
 */
function stopOnSignals(run: Run): Disposable {
  let stoppedAt: number | null = null;
  const stop = () => {
    if (stoppedAt === null) {
      stoppedAt = performance.now();
      void run.stop('it was interrupted');
    } else if (performance.now() - stoppedAt > SAME_SIGNAL_MS) {
      // Asked twice: the process ends at once, and its workers with it.
      process.exit(INTERRUPTED);
    }
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  // Stays: the result is written last, and the stream says so later still.
  process.stdout.once('error', (error: NodeJS.ErrnoException) => {
    void run.stop('its output could not be written');
    if (error.code === 'EPIPE') exitAs(INTERRUPTED);
  });
  return {
    [Symbol.dispose]() {
      process.off('SIGINT', stop);
      process.off('SIGTERM', stop);
    },
  };
}

function assertKnown(
  names: readonly string[],
  commands: readonly { readonly name: string }[],
): void {
  const unknown = names.find((name) => !commands.some((command) => command.name === name));
  if (unknown !== undefined)
    throw new CorralError(
      'bad-usage',
      `--allow ${unknown}: the host has no such command; \`corral commands\` lists them.`,
    );
}
