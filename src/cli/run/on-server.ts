// Owns `corral run --server`: the same run, shown the same way, on a Corral server.

import { CorralError } from '../../model/errors.ts';
import { clientFor } from '../client-for.ts';
import { RunView } from '../render/run-view.ts';
import { readSourceFile } from '../source-file.ts';
import { paintFor } from '../style.ts';
import type { RunFlags } from './flags.ts';
import { readInput } from './input.ts';
import { outcome, type ShownRun, toExitCode } from './outcome.ts';

/** Runs a macro on a server and gives the exit code. @throws {ServerError} where it cannot be reached, or refuses */
export async function runOnServer(path: string, url: string, flags: RunFlags): Promise<number> {
  assertServersOwn(flags);
  const source = await readSourceFile(path);
  const input = await readInput(path, flags);
  const client = clientFor(url);
  const limits = Object.fromEntries((flags.limit ?? []).map(({ name, value }) => [name, value]));
  const run = await client.follow({
    source: source.text,
    ...(source.file !== '<stdin>' && { file: source.file.slice(-200) }),
    ...(input !== undefined && { input }),
    ...(flags.limit && { limits }),
    ...(flags.seed !== undefined && { seed: flags.seed }),
    ...(!flags.lint && { lint: false }),
  });
  if (!flags.quiet) process.stderr.write(`run ${run.id} on ${url}\n`);
  if (!flags.json && !flags.quiet) new RunView(run, process.stderr, paintFor(process.stderr));
  const dumpAt = `${url.replace(/\/+$/, '')}/api/dumps/${run.id}`;
  const shown: ShownRun = {
    get macro() {
      return run.macro;
    },
    get state() {
      return run.state;
    },
    on: (type, listener) => run.on(type, listener),
    result: run.result.then((end) => ({ ...end, dump: end.dump && dumpAt })),
    stop: () => run.stop(),
  };
  const end = await outcome(shown, source, flags, () =>
    client.lint(source.text, { file: source.file }),
  );
  return toExitCode(end);
}

/** What the server's own configuration says, and no flag of this side. */
function assertServersOwn(flags: RunFlags): void {
  const given = Object.entries({
    '--host': flags.host,
    '--level': flags.level,
    '--allow': flags.allow,
    '--patterns': flags.patterns,
    '--dump': flags.dump,
    '--dump-dir': flags.dumpDir,
    '--dump-keep': flags.dumpKeep,
    '--heap-snapshot': flags.heapSnapshot,
    '--state-dir': flags.stateDir,
    '--walls': flags.walls,
    '--set': flags.set,
  }).find(([, value]) => value !== undefined);
  if (given)
    throw new CorralError('bad-usage', `${given[0]} is the server's to say; leave it out.`);
  const here = Object.entries({ '--batch': flags.batch, '--inspect': flags.inspect }).find(
    ([, value]) => value !== undefined,
  );
  if (here)
    throw new CorralError(
      'bad-usage',
      `${here[0]} works on this machine only; leave out --server.`,
    );
}
