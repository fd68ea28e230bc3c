// Owns `corral release`: lets a macro out of quarantine, with who says so and why.

import { Command } from 'commander';
import { CorralError } from '../model/errors.ts';
import { safeText } from '../model/safe-text.ts';
import { configFileOptions } from './configuration.ts';
import {
  type ConsentFlags,
  changeLedger,
  findMacro,
  ledgerDirOf,
  ledgerOption,
  readLedger,
  toBy,
  toWhy,
} from './macro-ledger.ts';
import { paintFor } from './style.ts';

/** `corral release`. */
export function releaseCommand(): Command {
  const command = new Command('release')
    .description('Let a macro out of quarantine: it may run again.')
    .argument('<macro>', 'its name, as `corral risk` shows it')
    .requiredOption('--why <text>', 'what has been done about it, or why it is fine', toWhy)
    .option('--by <name>', 'who says so (default: you)')
    .option('--owner <name>', 'whose macro, where several owners have one of that name')
    .addOption(ledgerOption())
    .addHelpText('after', HELP)
    .exitOverride();
  return configFileOptions(command).action(release);
}

const HELP = `
Who, when and why are kept: \`corral risk MACRO\` shows them. A Corral that is running with the same
ledger lets the macro run from its next start on.

Examples:
  corral release spammer --why 'it sleeps between its messages now'
  corral release spammer --owner ann --by bob --why 'agreed with ann' --ledger-dir /var/lib/corral/ledger

Exit codes: 0 released · 2 no such macro, or it is not in quarantine`;

async function release(name: string, flags: ConsentFlags): Promise<void> {
  const ledgerDir = await ledgerDirOf(flags);
  const { owner, quarantine } = findMacro(readLedger(ledgerDir), name, { ...flags, ledgerDir });
  const shown = safeText(name);
  if (!quarantine) throw new CorralError('bad-usage', `${shown} is not in quarantine.`);
  if (quarantine.name !== name)
    throw new CorralError(
      'bad-usage',
      `${shown} is held because ${safeText(quarantine.name)}, which has the same text, is; release that one.`,
    );
  const consent = { by: toBy(flags.by), why: flags.why, at: Date.now() };
  changeLedger(ledgerDir, (ledger) => ledger.release({ owner, name }, consent));
  const paint = paintFor(process.stdout);
  process.stdout.write(
    `${paint('green', '✔')} ${shown} is out of quarantine, by ${safeText(consent.by)}: ${safeText(consent.why)}\n`,
  );
}
