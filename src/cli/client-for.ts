// Owns the command line's client of a server, and where its key is from.

import { CorralClient } from '../client/client.ts';
import { KEY_VARIABLE } from '../config/environment.ts';

/** A client of the server that a flag names. @throws {CorralError} `bad-usage` for what is no address */
export function clientFor(url: string): CorralClient {
  // On a command line everybody on the machine could read it.
  const key = process.env[KEY_VARIABLE]?.trim();
  return new CorralClient({ url, ...(key && { key }) });
}
