// Owns the command that lets a macro out of quarantine, as it is told to whoever may give it.

import { DEFAULT_OWNER } from './ledger.ts';
import { shellWord } from './shell-word.ts';

/**
 * The command, to be pasted as it stands. What no terminal should show is for whoever shows it.
 * @param ledgerDir of the ledger that is meant; without it that of the configuration
 */
export function releaseCommand(name: string, owner: string, ledgerDir?: string): string {
  const whose = owner === DEFAULT_OWNER ? '' : ` --owner ${shellWord(owner)}`;
  const where = ledgerDir === undefined ? '' : ` --ledger-dir ${shellWord(ledgerDir)}`;
  return `corral release ${shellWord(name)}${whose}${where} --why '…'`;
}
