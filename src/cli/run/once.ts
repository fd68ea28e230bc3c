// Owns one run of one macro on the command line: shows it while it lives, and turns its end into an exit code.

import { dirname } from 'node:path';
import type { Corral, Devtools } from '../../corral.ts';
import type { EndEvent } from '../../model/events.ts';
import type { Limits } from '../../model/limits.ts';
import type { Run } from '../../supervisor/run.ts';
import { announceDoor, openDoor } from '../devtools-door.ts';
import { exitAs } from '../output.ts';
import { renderFindings } from '../render/findings.ts';
import { isLintedOut, renderEnd } from '../render/run-end.ts';
import { RunView } from '../render/run-view.ts';
import { safeJson } from '../render/safe-json.ts';
import { readSourceFile, type SourceFile } from '../source-file.ts';
import { paintFor, terminalColumns } from '../style.ts';
import type { RunFlags } from './flags.ts';
import { readInput } from './input.ts';
import { anySeed, openCorral, reloadOn, tellWhatIsMissing } from './opening.ts';
import { INTERRUPTED, SAME_SIGNAL_MS } from './signals.ts';

/** Runs a macro and gives the exit code. */
export async function runOnce(path: string, flags: RunFlags): Promise<number> {
  const source = await readSourceFile(path);
  const input = await readInput(path, flags);
  const seed = flags.seed ?? anySeed();
  let view: RunView | null = null;
  const print = (line: string) => view?.print(line);
  const opened = await openCorral(flags, { seed, concurrency: 1, print });
  await using corral = opened.corral;
  if (!flags.quiet) await tellWhatIsMissing(corral);
  await using devtools = await openDoor(flags);
  const debug = devtools && { debug: devtools };
  const started = start(corral, source, { input, seed, lint: flags.lint, ...debug });
  if (!flags.json && !flags.quiet)
    view = new RunView(started, process.stderr, paintFor(process.stderr));
  if (devtools) announceDoor(devtools, started);
  using _reload = reloadOn(opened, flags, {
    concurrency: 1,
    tell: (line, kind) => tell(line, kind, view, flags),
    hangUp: () => void started.stop('its terminal was closed'),
  });
  const end = await outcome(started, source, flags, corral);
  return toExitCode(end);
}

/** One line of Corral's own; with --quiet only what is wrong. */
function tell(line: string, kind: 'note' | 'warning', view: RunView | null, flags: RunFlags): void {
  if (flags.quiet && kind === 'note') return;
  if (view) view.tell(line, kind);
  else process.stderr.write(`${kind} ${line}\n`);
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
  flags: RunFlags,
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
      'intervention',
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
