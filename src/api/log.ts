// Owns the server's log: one JSON object a line, without keys, headers or bodies.

import { type Logger, pino } from 'pino';

/** A log. */
export type Log = Logger;

/** How much is logged, the most first. */
export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const;

/** One of {@link LOG_LEVELS}. */
export type LogLevel = (typeof LOG_LEVELS)[number];

/** What may never be logged, whoever means to: Node's errors carry requests about. */
const SECRETS = ['authorization', 'headers', '*.authorization', '*.headers', 'key', '*.key'];

/** A log on stdout, where systemd and Docker collect it. */
export function createLog(level: LogLevel): Logger {
  const out = pino.destination({ dest: 1, sync: true });
  // Where nobody reads it any more, the server goes on.
  out.on('error', () => undefined);
  return pino(
    {
      level,
      base: { pid: process.pid },
      redact: { paths: SECRETS, censor: '(hidden)' },
      formatters: { level: (label) => ({ level: label }) },
      timestamp: pino.stdTimeFunctions.isoTime,
    },
    out,
  );
}
