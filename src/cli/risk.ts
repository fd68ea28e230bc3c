// Owns `corral risk`: how risky each macro has shown itself so far, or everything that is known of one of them.

import { Command } from 'commander';
import { configFileOptions } from './configuration.ts';
import {
  findMacro,
  type LedgerFlags,
  ledgerDirOf,
  ledgerOption,
  readLedger,
} from './macro-ledger.ts';
import { renderMacro } from './render/macro-record.ts';
import { renderRiskTable } from './render/risk-table.ts';
import { safeJson } from './render/safe-json.ts';
import { paintFor, terminalColumns } from './style.ts';

interface Flags extends LedgerFlags {
  readonly owner?: string;
  readonly json?: boolean;
}

/** How wide the table gets where there is no terminal. */
const COLUMNS = 100;

/** `corral risk`. */
export function riskCommand(): Command {
  const command = new Command('risk')
    .description('Show how risky macros have shown themselves, and which are in quarantine.')
    .argument('[macro]', 'everything that is known of this one')
    .option('--owner <name>', 'only macros of this owner')
    .addOption(ledgerOption())
    .option('--json', 'print JSON')
    .addHelpText('after', HELP)
    .exitOverride();
  return configFileOptions(command).action(risk);
}

const HELP = `
The riskiest macros come first. The risk goes from 0 to 1: what lint says of the text, the patterns
that matched, the limits that were neared and the runs that were stopped, all of it fading with time
and with clean runs. From 0.3 on a macro runs alone in its process.

Examples:
  corral risk                              every macro that ran in this folder
  corral risk spammer                      what makes it risky, what is normal for it, what it did
  corral risk --json | jq '.[] | select(.quarantine)'

Exit codes: 0 shown · 2 no such macro, or the ledger cannot be read`;

async function risk(name: string | undefined, flags: Flags): Promise<void> {
  const ledgerDir = await ledgerDirOf(flags);
  const records = readLedger(ledgerDir);
  const paint = paintFor(process.stdout);
  const look = { paint, columns: terminalColumns() ?? COLUMNS, now: Date.now() };
  if (name !== undefined) {
    const record = findMacro(records, name, { ...flags, ledgerDir });
    process.stdout.write(
      flags.json ? `${safeJson(record, 2)}\n` : renderMacro(record, look, flags.ledgerDir),
    );
    return;
  }
  const { owner } = flags;
  const shown = owner === undefined ? records : records.filter((each) => each.owner === owner);
  process.stdout.write(
    flags.json ? `${safeJson(shown, 2)}\n` : renderRiskTable(shown, { ...look, ledgerDir }),
  );
}
