// Owns how one run ends on the command line: what is told of it meanwhile and at last, and the exit code.

import type { EndEvent } from '../../model/events.ts';
import type { Limits } from '../../model/limits.ts';
import type { Report } from '../../model/report.ts';
import type { Run } from '../../supervisor/run.ts';
import { exitAs } from '../output.ts';
import { renderFindings } from '../render/findings.ts';
import { isLintedOut, renderEnd } from '../render/run-end.ts';
import { safeJson } from '../render/safe-json.ts';
import type { SourceFile } from '../source-file.ts';
import { paintFor, terminalColumns } from '../style.ts';
import type { RunFlags } from './flags.ts';
import { INTERRUPTED, SAME_SIGNAL_MS } from './signals.ts';

/** A run as the command line shows it, here or on a server. */
export type ShownRun = Pick<Run, 'macro' | 'state' | 'on' | 'result' | 'stop'>;

/**
 * Tells of a run until it has ended, and of its end; signals stop it.
 * @param lint what lint says of it, asked only where that is why it was refused
 */
export async function outcome(
  run: ShownRun,
  source: SourceFile,
  flags: Pick<RunFlags, 'json' | 'quiet'>,
  lint: () => Promise<Report>,
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
    const report = await lint();
    process.stderr.write(
      `${renderFindings(source.text, report, { paint, columns: terminalColumns() ?? null })}\n`,
    );
  }
  if (!flags.quiet || end.status !== 'completed')
    process.stderr.write(renderEnd(end, { file: source.file, source: source.text, limits }, paint));
  if (end.status === 'completed') process.stdout.write(resultText(end));
  return end;
}

/** The exit code of an end. */
export function toExitCode({ status, reason, durationMs }: EndEvent): number {
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
function stopOnSignals(run: ShownRun): Disposable {
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
