// Owns the ledger as the commands that are about macros open it: where it is, which macro of it is meant, who says so.

import { existsSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { InvalidArgumentError, Option } from 'commander';
import { closest, distance } from 'fastest-levenshtein';
import { SETTINGS_DEFAULT } from '../config/config-settings.ts';
import { CorralError } from '../model/errors.ts';
import type { MacroRecord } from '../model/ledger.ts';
import { safeText } from '../model/safe-text.ts';
import { RECKONING } from '../policy/reckoning.ts';
import { LEDGER_FILE, SqliteLedger } from '../store/ledger.ts';
import { type ConfigFlags, configure } from './configuration.ts';

/** Where it is said which ledger is meant. */
export interface LedgerFlags extends ConfigFlags {
  readonly ledgerDir?: string;
}

/** `--ledger-dir`. */
export function ledgerOption(): Option {
  return new Option(
    '--ledger-dir <dir>',
    `where is kept what is known of macros (default: ${SETTINGS_DEFAULT.ledger.dir})`,
  );
}

/**
 * The folder of the ledger: as the flag says, else as it is configured.
 * @throws {CorralError} `bad-usage` where none is kept, and what reading the configuration throws
 */
export async function ledgerDirOf(flags: LedgerFlags): Promise<string> {
  const dir = flags.ledgerDir ?? (await configure(flags)).settings.ledger.dir;
  if (dir !== null) return dir;
  throw new CorralError(
    'bad-usage',
    'No ledger is kept: the configuration says `ledger.dir: none`. Name a folder with --ledger-dir.',
  );
}

/** Flags of the commands that hold a macro or let it go. */
export interface ConsentFlags extends LedgerFlags {
  readonly why: string;
  readonly by?: string;
  readonly owner?: string;
}

/** True where there is a ledger. */
export function hasLedger(dir: string): boolean {
  return existsSync(join(dir, LEDGER_FILE));
}

/**
 * Opens the ledger for a change, and closes it: what was changed is on the disk then.
 * @throws {CorralError} `bad-state` for a file that must not be used, `unwritable-file` where the change could not be written
 */
export function changeLedger<Made>(dir: string, change: (ledger: SqliteLedger) => Made): Made {
  const ledger = new SqliteLedger({ dir, reckoning: RECKONING });
  let problem: string | null = null;
  let made: Made;
  try {
    made = change(ledger);
  } finally {
    ledger[Symbol.dispose]();
    ledger.onProblem((message) => {
      problem = message;
    });
  }
  if (problem !== null) throw new CorralError('unwritable-file', problem);
  return made;
}

/** Everything the ledger of a folder knows, the riskiest macro first; nothing where there is none. */
export function readLedger(dir: string): readonly MacroRecord[] {
  if (!hasLedger(dir)) return [];
  using ledger = new SqliteLedger({ dir, reckoning: RECKONING });
  return ledger.list(Date.now());
}

/**
 * The macro that is meant.
 * @throws {CorralError} `bad-usage` where there is none of that name, or several owners have one
 */
export function findMacro(
  records: readonly MacroRecord[],
  name: string,
  { owner, ledgerDir }: { readonly owner?: string | undefined; readonly ledgerDir: string },
): MacroRecord {
  const owned = records.filter((record) => owner === undefined || record.owner === owner);
  const [found, ...others] = owned.filter((record) => record.name === name);
  if (found && others.length === 0) return found;
  if (found) {
    const owners = [found, ...others].map((record) => safeText(record.owner)).join(', ');
    throw new CorralError(
      'bad-usage',
      `There is a macro "${safeText(name)}" of each of ${owners}; say which one with --owner.`,
    );
  }
  throw new CorralError('bad-usage', unknownMessage(owned, name, { owner, ledgerDir }));
}

function unknownMessage(
  records: readonly MacroRecord[],
  name: string,
  { owner, ledgerDir }: { readonly owner?: string | undefined; readonly ledgerDir: string },
): string {
  const asked = safeText(name, { charsMax: 60 });
  const whose = owner === undefined ? '' : ` of ${safeText(owner)}`;
  const what = `Nothing is known of a macro "${asked}"${whose} in ${safeText(ledgerDir)}`;
  if (records.length === 0) return `${what}: no macro has run with that ledger yet.`;
  const names = records.map((record) => record.name);
  const near = closest(name.slice(0, 60), names);
  if (distance(name.slice(0, 60), near) <= 3) return `${what}; did you mean ${safeText(near)}?`;
  const some = names.slice(0, 10).map((each) => safeText(each, { charsMax: 40 }));
  const more = names.length > some.length ? ' …' : '';
  return `${what}; it knows ${some.join(', ')}${more}`;
}

/** The longest reason that is kept (UTF-16 code units). */
const WHY_CHARS = 1000;

/** A reason, on one line. @throws {InvalidArgumentError} */
export function toWhy(text: string): string {
  const why = text.replace(/\s+/g, ' ').trim();
  if (why === '') throw new InvalidArgumentError("say why, for example --why 'mended the loop'.");
  if (why.length > WHY_CHARS)
    throw new InvalidArgumentError(`a reason has at most ${WHY_CHARS} characters.`);
  return why;
}

/** Who says so: whoever is named, else the user of this process. */
export function toBy(by: string | undefined): string {
  if (by !== undefined) return by;
  try {
    return userInfo().username;
  } catch {
    // A user without an entry in the system's list, as in many containers.
    return `user ${process.getuid?.() ?? 'unknown'}`;
  }
}
