// Owns one run of one macro on the command line, in a corral of its own.

import { dirname } from 'node:path';
import type { Corral, Devtools } from '../../corral.ts';
import type { Run } from '../../supervisor/run.ts';
import { announceDoor, openDoor } from '../devtools-door.ts';
import { RunView } from '../render/run-view.ts';
import { readSourceFile, type SourceFile } from '../source-file.ts';
import { paintFor } from '../style.ts';
import type { RunFlags } from './flags.ts';
import { readInput } from './input.ts';
import { anySeed, openCorral, reloadOn, tellWhatIsMissing } from './opening.ts';
import { outcome, toExitCode } from './outcome.ts';

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
  const end = await outcome(started, source, flags, async () => corral.lint(source.text, source));
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
