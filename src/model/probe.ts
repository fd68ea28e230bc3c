// Owns what the probe, which tries the walls from inside a worker process, is told and tells.

import { z } from 'zod';

/** Everything the probe attempts; each is something a wall has to refuse. */
export const ATTEMPTS = {
  'read-passwd': 'read /etc/passwd',
  'list-home': 'list the home folder',
  'write-temp': 'write a file into the folder for temporary files',
  'write-own': "write a file into Corral's own folder",
  'write-root': 'write a file into /',
  'open-setting': 'open a setting of the kernel for writing',
  'connect-tcp': 'connect to a TCP port of this machine',
  'send-udp': 'send a UDP packet to this machine',
  'look-up-name': 'look up a name in the DNS',
  'start-process': 'start a process',
  'start-thread': 'start a worker thread',
  'signal-outside': 'signal the process that runs Corral',
  'change-user': 'become another user',
} as const;

/** One of {@link ATTEMPTS}. */
export type AttemptId = keyof typeof ATTEMPTS;

/** What the probe is told: where to knock, or something else to do that a wall has to end. */
export type ProbeOrder =
  | KnockOrder
  /** Says that it is there and stays in one loop. */
  | { readonly mode: 'spin' }
  /** Says that it is there, waits for a byte, then holds more and more memory, at most so much (bytes). */
  | { readonly mode: 'grow'; readonly bytesMax: number };

/** Where to knock. */
export interface KnockOrder {
  readonly mode: 'try';
  readonly home: string;
  /** Files it tries to write; nobody misses them. */
  readonly temp: string;
  readonly own: string;
  readonly root: string;
  readonly tcpPort: number;
  readonly udpPort: number;
  /** The process that runs Corral. */
  readonly pid: number;
}

const short = z.string().max(300);

/** What the probe tells; from inside a worker, so checked. */
export const ProbeReport = z.strictObject({
  attempts: z
    .array(
      z.strictObject({
        id: z.enum(Object.keys(ATTEMPTS) as [AttemptId, ...AttemptId[]]),
        /** True when nothing held it back. */
        done: z.boolean(),
        /** The error's code, or what came of it. */
        detail: short,
      }),
    )
    .max(40),
  /** Names of its environment variables. */
  environment: z.array(short).max(200),
  /** What its descriptors lead to, as the kernel names it; null where it may not look. */
  descriptors: z.array(short).max(1000).nullable(),
  /** From /proc/self/status; null where it may not look. */
  noNewPrivileges: z.boolean().nullable(),
  capabilities: short.nullable(),
  /** Pids it sees in /proc; null where it may not look. */
  processes: z.number().int().nullable(),
  threads: z.number().int().nullable(),
  /** The largest core file (bytes, or `unlimited`). */
  coreBytes: short.nullable(),
  nice: z.number().int(),
  /** Of its session as a whole; null where the kernel groups by none, or where it may not look. */
  sessionNice: short.nullable(),
});
export type ProbeReport = z.infer<typeof ProbeReport>;
