// Owns what is said to whoever wants to step through a macro: where, how, and that it waits.

import type { Devtools } from '../../corral.ts';
import type { Paint } from '../style.ts';

/** Some lines, with their end. */
export function renderDevtools({ chromeUrl, webSocketUrl }: Devtools, paint: Paint): string {
  return [
    `${paint('yellow', 'waiting')} for a debugger; the macro begins once one is there, held at its first line`,
    `  Chrome     paste into its address bar: ${paint('cyan', chromeUrl)}`,
    `  others     ${webSocketUrl}`,
    paint('dim', '  The address works once, and only on this machine. Ctrl-C ends the run.'),
    '',
  ].join('\n');
}
