// Owns the list of hosts that come with Corral, by the names `--host` takes; a new host is one more entry here.

import type { Host } from '../model/command.ts';
import { createPrintHost } from './print.ts';
import { createTrainingGround } from './training-ground.ts';

/** What a built-in host may need. */
export interface HostOptions {
  /** Where the host's own chance starts from; the same seed gives the same world. */
  readonly seed: number;
  /** Takes the lines a host prints for a person to read. */
  readonly print: (line: string) => void;
}

/** Every built-in host, and how it is made. */
export const BUILTIN_HOSTS = {
  'training-ground': ({ seed }) => createTrainingGround({ seed }),
  print: ({ seed, print }) => createPrintHost(createTrainingGround({ seed }).commands, print),
} as const satisfies Record<string, (options: HostOptions) => Host>;

/** A name `--host` takes. */
export type HostName = keyof typeof BUILTIN_HOSTS;

/** The names `--host` takes, the default first. */
export const HOST_NAMES = Object.keys(BUILTIN_HOSTS) as HostName[];
