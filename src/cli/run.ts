// Owns `corral run`: reads the macro and its input, starts it, shows it, and turns its end into an exit code.

import { dirname } from 'node:path';
import { Command, Option } from 'commander';
import { SETTINGS_DEFAULT as DEFAULT, DUMP_WHENS } from '../config/config-settings.ts';
import { originText } from '../config/origin.ts';
import { type Corral, createCorral, type Devtools } from '../corral.ts';
import { BUILTIN_HOSTS, HOST_NAMES } from '../hosts/builtin-hosts.ts';
import { CorralError } from '../model/errors.ts';
import type { EndEvent } from '../model/events.ts';
import { GUARD_LEVELS } from '../model/guard.ts';
import type { Limits } from '../model/limits.ts';
import { safeText } from '../model/safe-text.ts';
import { WALL_MODES } from '../model/wall.ts';
import type { Run } from '../supervisor/run.ts';
import {
  type ConfigFlags,
  configOptions,
  configure,
  type LoadedConfig,
  loadConfig,
} from './configuration.ts';
import { toCorralChange, toCorralOptions } from './corral-options.ts';
import { announceDoor, openDoor } from './devtools-door.ts';
import { collectKeep, toSnapshotBytes } from './keep.ts';
import { exitAs } from './output.ts';
import { renderFindings } from './render/findings.ts';
import { renderMissingWalls } from './render/missing-walls.ts';
import { renderEnd } from './render/run-end.ts';
import { RunView } from './render/run-view.ts';
import { safeJson } from './render/safe-json.ts';
import { collectLimit, flagsSay, type SettingFlags, toPort, toSeed } from './run/flags.ts';
import { readInput } from './run/input.ts';
import { readSourceFile, type SourceFile } from './source-file.ts';
import { paintFor, terminalColumns } from './style.ts';
import { watchReload } from './watch-reload.ts';

interface Flags extends SettingFlags, ConfigFlags {
  readonly input?: string;
  readonly inputFile?: string;
  readonly lint: boolean;
  readonly seed?: number;
  readonly inspect?: number | true;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

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
    .addOption(
      new Option(
        '--dump <when>',
        `when to write a crash dump (default: ${DEFAULT.dumps.when})`,
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
    .addOption(
      new Option(
        '--walls <which>',
        `walls around the worker: those this machine has, or none missing, see \`corral doctor\` (default: ${DEFAULT.walls})`,
      ).choices(WALL_MODES),
    )
    .option(
      '--inspect [port]',
      "step through the macro in Chrome's DevTools: prints where, and waits (port 9229; 0 for any)",
      toPort,
    )
    .option('--json', 'print every event as one JSON object a line on stdout')
    .option('--quiet', 'print only the result, and why a run did not complete')
    .addHelpText('after', HELP)
    .exitOverride();
  return configOptions(command).action(async (path: string, flags: Flags) => {
    process.exitCode = await run(path, flags);
  });
}

const HELP = `
Examples:
  corral run macros/patrol.js --input '{"rounds":3}'
  corral run duel.js --limit cpu=1s --limit heap=64mb --seed 7
  cat macro.js | corral run - --host print --json
  corral run duel.js --level high --set guard.high.commandsPerMinute=300

What no flag says is said by the environment (CORRAL_LEVEL), then by the nearest corral.yaml: see
\`corral config\`. SIGHUP reads that again, for what starts later.

Exit codes: 0 completed · 1 failed, refused or stopped · 2 wrong usage or input · 3 Corral is broken · 130 interrupted`;

async function run(path: string, flags: Flags): Promise<number> {
  const source = await readSourceFile(path);
  const input = await readInput(path, flags);
  const own = flagsSay(flags);
  const config = await configure(flags, own);
  const seed = flags.seed ?? Math.floor(Math.random() * 2 ** 32);
  let view: RunView | null = null;
  const host = BUILTIN_HOSTS[config.settings.commands.host]({
    seed,
    print: (line) => view?.print(line),
  });
  assertKnown(config, host.commands);
  const options = toCorralOptions(config);
  await using corral = createCorral({
    ...options,
    commands: host.commands,
    workers: { ...options.workers, ...ONE_WORKER },
    share: false,
  });
  if (!flags.quiet) noteMissingWalls(corral);
  await using devtools = await openDoor(flags);
  const debug = devtools && { debug: devtools };
  const started = start(corral, source, { input, seed, lint: flags.lint, ...debug });
  if (!flags.json && !flags.quiet)
    view = new RunView(started, process.stderr, paintFor(process.stderr));
  if (devtools) announceDoor(devtools, started);
  using _reload = watchReload({
    config,
    read: () => loadConfig(flags, own),
    apply: (next) =>
      corral.configure({
        ...toCorralChange(next),
        workers: { ...next.said.workers, ...ONE_WORKER },
      }),
    tell: (line, kind) => tell(line, kind, view, flags),
    hangUp: () => void started.stop('its terminal was closed'),
  });
  const end = await outcome(started, source, flags, corral);
  return toExitCode(end);
}

/** One macro needs one process, whatever the house may have. */
const ONE_WORKER = { max: 1, warm: 1, warmMax: 1 } as const;

/** One line of Corral's own; with --quiet only what is wrong. */
function tell(line: string, kind: 'note' | 'warning', view: RunView | null, flags: Flags): void {
  if (flags.quiet && kind === 'note') return;
  if (view) view.tell(line, kind);
  else process.stderr.write(`${kind} ${line}\n`);
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
  if (end.reason === 'refused') {
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

/** First Ctrl-C (or SIGTERM) cancels and lets the end be told; output that cannot be written cancels too. */
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
  { entries, settings }: LoadedConfig,
  commands: readonly { readonly name: string }[],
): void {
  const unknown = settings.commands.privileged.find(
    (name) => !commands.some((command) => command.name === name),
  );
  if (unknown === undefined) return;
  const entry = entries.find(({ setting }) => setting.path === 'commands.privileged');
  throw new CorralError(
    'bad-usage',
    `${entry ? originText(entry.origin) : 'commands.privileged'}: the host has no such command as ${safeText(unknown, { charsMax: 60 })}; \`corral commands\` lists them.`,
  );
}
