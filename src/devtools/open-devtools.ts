// Owns what an embedder sees of the door for Chrome's DevTools. What is behind it, and all of HTTP with it, is loaded only
// where somebody opens one.

import type { Devtools } from './endpoint.ts';

/** How {@link openDevtools} opens. */
export interface DevtoolsOptions {
  /** Default 9229; 0 takes any that is free. */
  readonly port?: number;
}

const PORT_DEFAULT = 9229;

/**
 * Opens a door for a debugger.
 * @throws {CorralError} `bad-usage` when the port is taken or not allowed
 * @example
 * await using devtools = await openDevtools();
 * console.error(devtools.chromeUrl);
 * const { value } = await corral.start(source, { debug: devtools }).result;
 */
export async function openDevtools({
  port = PORT_DEFAULT,
}: DevtoolsOptions = {}): Promise<Devtools> {
  const { openEndpoint } = await import('./endpoint.ts');
  return openEndpoint(port);
}
