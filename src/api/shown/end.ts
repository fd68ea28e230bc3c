// Owns how a run's end is told over HTTP: whole, but for where on the server's disk its dump lies.

import { basename } from 'node:path';
import type { EndEvent } from '../../corral.ts';

/** The end with the name of its dump in the place of its path. */
export function withoutFolder(end: EndEvent): EndEvent {
  return { ...end, dump: end.dump === null ? null : basename(end.dump) };
}
