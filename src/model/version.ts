// Owns Corral's own version, read from its package.

import { createRequire } from 'node:module';

/** Corral's version, as in package.json. */
export const CORRAL_VERSION = (
  createRequire(import.meta.url)('../../package.json') as { version: string }
).version;
