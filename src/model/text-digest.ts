// Owns the digest by which a text is known again: SHA-256, its first 32 hexadecimal digits.

import { createHash } from 'node:crypto';

/** 32 hexadecimal digits. */
export function textDigest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}
