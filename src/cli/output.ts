// Owns what happens when the terminal's streams cannot be written: told in one line, or quietly where the reader has left.

import { toSystemReason } from '../model/errno.ts';

/** The exit code when the output is lost. */
const LOST = 2;

/**
 * Watches stdout and stderr until the process ends. A reader that went away ends the command quietly with its
 * command's exit code; output lost for any other reason is said once, and the exit code becomes 2 whatever the command came to.
 */
export function watchOutput(): void {
  let isLost = false;
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE' || isLost) return;
    isLost = true;
    process.stderr.write(`error Cannot write the output: ${toSystemReason(error)}.\n`);
    exitAs(LOST);
  });
  // Where stderr cannot be written there is nobody left to tell.
  process.stderr.on('error', () => undefined);
}

/** Sets the exit code at the very end, whatever the command makes of it when it is done. */
export function exitAs(code: number): void {
  process.on('exit', () => {
    process.exitCode = code;
  });
}
