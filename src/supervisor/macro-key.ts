// Owns telling macros apart across their runs: by owner, name and text.

import type { MacroKey } from '../model/ledger.ts';
import { textDigest } from '../model/text-digest.ts';

/** The header's block, wherever it stands: another name or limit in it makes no other macro. */
const HEADER = /^[ \t]*\/\/[ \t]*==Macro==[\s\S]*?^[ \t]*\/\/[ \t]*==\/Macro==[^\n]*$/m;

/** The longest name that is told apart (UTF-16 code units). */
const NAME_CHARS = 200;

/**
 * Who a macro is: white space, and what its header says, make no difference to its digest.
 * @param name null for a text without one, which is then known by its digest
 */
export function toMacroKey(owner: string, name: string | null, source: string): MacroKey {
  const text = source.replace(HEADER, '').replace(/\s+/g, ' ').trim();
  const digest = textDigest(text);
  return { owner, name: name?.slice(0, NAME_CHARS) ?? `unnamed-${digest.slice(0, 12)}`, digest };
}
