// The command line's entry: builds the commands, parses, and turns every outcome into an exit code.

import { Command, CommanderError } from 'commander';
import { CorralError } from '../model/errors.ts';
import { CORRAL_VERSION } from '../model/version.ts';
import { commandsCommand } from './commands.ts';
import { inspectCommand } from './inspect.ts';
import { lintCommand } from './lint.ts';
import { watchOutput } from './output.ts';
import { patternsCommand } from './patterns.ts';
import { runCommand } from './run.ts';
import { paintFor } from './style.ts';
import { typesCommand } from './types.ts';

watchOutput();

const program = new Command('corral')
  .description(
    "Runs other people's JavaScript macros, contained, and says exactly why it stopped one.",
  )
  .version(CORRAL_VERSION, '--version', 'print the version')
  .showHelpAfterError('(`corral --help` shows what there is)')
  .exitOverride();
program.addCommand(runCommand());
program.addCommand(lintCommand());
program.addCommand(inspectCommand());
program.addCommand(commandsCommand());
program.addCommand(patternsCommand());
program.addCommand(typesCommand());

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = report(error);
}

function report(error: unknown): number {
  const paint = paintFor(process.stderr);
  // Commander has printed its own message; help and version are no errors.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (error instanceof CorralError) {
    process.stderr.write(`${paint('red', 'error')} ${error.message}\n`);
    return error.exitCode;
  }
  const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`${paint('red', 'Corral itself is broken')}: ${detail}\n`);
  return 3;
}
