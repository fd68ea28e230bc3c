// Owns `--inspect`: opening the door for a debugger, and saying where it is.

import { type Devtools, openDevtools } from '../corral.ts';
import type { Run } from '../supervisor/run.ts';
import { renderDevtools } from './render/devtools.ts';
import { paintFor } from './style.ts';

/** Opens the door that `--inspect` asks for; null without it. @throws {CorralError} `bad-usage` when the port is taken */
export async function openDoor({
  inspect,
}: {
  readonly inspect?: number | true;
}): Promise<Devtools | null> {
  if (inspect === undefined) return null;
  return openDevtools(inspect === true ? {} : { port: inspect });
}

/** Says where it is, even with --quiet: else nobody could come. A refused macro waits for nobody. */
export function announceDoor(devtools: Devtools, run: Run): void {
  run.on('admission', ({ verdict }) => {
    if (verdict !== 'refuse')
      process.stderr.write(renderDevtools(devtools, paintFor(process.stderr)));
  });
}
