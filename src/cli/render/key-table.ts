// Owns API keys as a table: whose each is, what it may do, whether it still opens anything.

import type { KeyInfo } from '../../model/history.ts';
import { safeText } from '../../model/safe-text.ts';
import { cell } from './cells.ts';

const COLUMNS = [14, 20, 20, 24, 12, 12] as const;
const HEADS = ['id', 'owner', 'name', 'scopes', 'state', 'last used'];

/** The table. @param now ms since 1970 */
export function renderKeyTable(keys: readonly KeyInfo[], now: number): string {
  if (keys.length === 0) return 'There is no key yet; make one with `corral keys create OWNER`.\n';
  const rows = keys.map((key) => [
    key.id,
    safeText(key.owner),
    safeText(key.name),
    key.scopes.join(' '),
    stateOf(key, now),
    key.lastUsedAt === null ? 'never' : toDay(key.lastUsedAt),
  ]);
  return [HEADS, ...rows].map((row) => `${lineOf(row)}\n`).join('');
}

function lineOf(row: readonly string[]): string {
  return row
    .map((text, at) => cell(text, COLUMNS[at] ?? 0))
    .join(' ')
    .trimEnd();
}

function stateOf({ revokedAt, expiresAt }: KeyInfo, now: number): string {
  if (revokedAt !== null) return 'revoked';
  if (expiresAt === null) return 'good';
  return expiresAt <= now ? 'expired' : `to ${toDay(expiresAt).slice(2)}`;
}

function toDay(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}
