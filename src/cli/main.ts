// The command line's entry: loads the command that is meant, parses, and turns every outcome into an exit code.

import { Command, CommanderError } from 'commander';
import { CorralError } from '../model/errors.ts';
import { CORRAL_VERSION } from '../model/version.ts';
import { watchOutput } from './output.ts';
import { paintFor } from './style.ts';

/** Every command, in the order help lists them. Each is loaded only when it is meant: loading takes longer than linting. */
const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  run: async () => (await import('./run.ts')).runCommand(),
  lint: async () => (await import('./lint.ts')).lintCommand(),
  inspect: async () => (await import('./inspect.ts')).inspectCommand(),
  replay: async () => (await import('./replay.ts')).replayCommand(),
  serve: async () => (await import('./serve.ts')).serveCommand(),
  keys: async () => (await import('./keys.ts')).keysCommand(),
  backup: async () => (await import('./backup.ts')).backupCommand(),
  service: async () => (await import('./service.ts')).serviceCommand(),
  alerts: async () => (await import('./alerts.ts')).alertsCommand(),
  top: async () => (await import('./top.ts')).topCommand(),
  cleanup: async () => (await import('./cleanup.ts')).cleanupCommand(),
  risk: async () => (await import('./risk.ts')).riskCommand(),
  quarantine: async () => (await import('./quarantine.ts')).quarantineCommand(),
  release: async () => (await import('./release.ts')).releaseCommand(),
  commands: async () => (await import('./commands.ts')).commandsCommand(),
  patterns: async () => (await import('./patterns.ts')).patternsCommand(),
  config: async () => (await import('./config.ts')).configCommand(),
  doctor: async () => (await import('./doctor.ts')).doctorCommand(),
  types: async () => (await import('./types.ts')).typesCommand(),
};

watchOutput();
// A promise that nobody awaited and that failed comes here too: a slip of Corral's, and never the macro's end.
process.on('uncaughtException', (error) => {
  reportBroken(error);
  process.exit(3);
});

const program = new Command('corral')
  .description(
    "Runs other people's JavaScript macros, contained, and says exactly why it stopped one.",
  )
  .version(CORRAL_VERSION, '--version', 'print the version')
  .showHelpAfterError('(`corral --help` shows what there is)')
  .exitOverride();

try {
  for (const name of commandsFor(process.argv[2])) program.addCommand(await load(name));
  await program.parseAsync();
} catch (error) {
  process.exitCode = report(error);
}

/** The commands to load: the one that is named; help and what may be a slip of the pen need them all. */
function commandsFor(first: string | undefined): readonly string[] {
  if (first === '--version') return [];
  return first !== undefined && Object.hasOwn(COMMANDS, first) ? [first] : Object.keys(COMMANDS);
}

function load(name: string): Promise<Command> {
  return (COMMANDS[name] as () => Promise<Command>)();
}

function report(error: unknown): number {
  const paint = paintFor(process.stderr);
  // Commander has printed its own message; help and version are no errors.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (error instanceof CorralError) {
    process.stderr.write(`${paint('red', 'error')} ${error.message}\n`);
    return error.exitCode;
  }
  reportBroken(error);
  return 3;
}

function reportBroken(error: unknown): void {
  const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
  const paint = paintFor(process.stderr);
  process.stderr.write(`${paint('red', 'Corral itself is broken')}: ${detail}\n`);
}
