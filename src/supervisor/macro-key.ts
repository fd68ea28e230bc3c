// Owns telling macros apart across their runs: by owner, name and text.

import { createHash } from 'node:crypto';
import type { MacroKey } from '../model/ledger.ts';

/** The header's block, wherever it stands: another name or limit in it makes no other macro. */
const HEADER = /^[ \t]*\/\/[ \t]*==Macro==[\s\S]*?^[ \t]*\/\/[ \t]*==\/Macro==[^\n]*$/m;

/** Who a macro is: white space, and what its header says, make no difference to its digest. */
export function toMacroKey(owner: string, name: string, source: string): MacroKey {
  const text = source.replace(HEADER, '').replace(/\s+/g, ' ').trim();
  const digest = createHash('sha256').update(text).digest('hex').slice(0, 32);
  return { owner, name, digest };
}
