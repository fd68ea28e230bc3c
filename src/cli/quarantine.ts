// Owns `corral quarantine`: holds a macro, so that it is refused until somebody releases it.

import { Command } from 'commander';
import { CorralError } from '../model/errors.ts';
import { releaseCommand } from '../model/release-command.ts';
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

interface Flags extends ConsentFlags {
  readonly unseen?: boolean;
}

/** `corral quarantine`. */
export function quarantineCommand(): Command {
  const command = new Command('quarantine')
    .description('Hold a macro: it is refused until somebody releases it.')
    .argument('<macro>', 'its name, as `corral risk` shows it')
    .requiredOption('--why <text>', 'what is wrong with it', toWhy)
    .option('--by <name>', 'who says so (default: you)')
    .option('--owner <name>', 'whose macro, where several owners have one of that name')
    .option('--unseen', 'hold it although nothing of that name has run yet')
    .addOption(ledgerOption())
    .addHelpText('after', HELP)
    .exitOverride();
  return configFileOptions(command).action(quarantine);
}

const HELP = `
The macro is refused under its name, and under any other name that its owner gives the same text.
A Corral that is running with the same ledger refuses it from its next start on; what runs goes on.

Examples:
  corral quarantine spammer --why 'it floods the trade channel'
  corral quarantine spammer --owner ann --unseen --why 'reported by three players'

Exit codes: 0 held · 2 no such macro, or it is held already`;

async function quarantine(name: string, flags: Flags): Promise<void> {
  const ledgerDir = await ledgerDirOf(flags);
  const records = readLedger(ledgerDir);
  const owner = flags.unseen
    ? (flags.owner ?? 'local')
    : findMacro(records, name, { ...flags, ledgerDir }).owner;
  const record = records.find((each) => each.owner === owner && each.name === name);
  const shown = safeText(name);
  if (record?.quarantine?.name === name)
    throw new CorralError(
      'bad-usage',
      `${shown} is in quarantine already: ${safeText(record.quarantine.by)} put it there, because: ${safeText(record.quarantine.why)}`,
    );
  const held = { by: toBy(flags.by), why: flags.why, at: Date.now(), runId: null };
  changeLedger(ledgerDir, (ledger) => ledger.quarantine({ owner, name, digest: '' }, held));
  const paint = paintFor(process.stdout);
  process.stdout.write(
    `${paint('green', '✔')} ${shown} is in quarantine, by ${safeText(held.by)}: ${safeText(held.why)}\n` +
      `  ${paint('dim', 'out again')}  ${safeText(releaseCommand(name, owner, flags.ledgerDir))}\n`,
  );
}
