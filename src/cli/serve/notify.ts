// Owns telling systemd, where it started this server, that it is ready, alive, or stopping. Node speaks no datagrams over Unix
// sockets, so systemd's own program does.

import { execFile } from 'node:child_process';

/** Tells systemd until it is disposed of; does nothing where systemd did not start this. */
export interface Notifier extends Disposable {
  ready(): void;
  stopping(): void;
}

/** Makes one from the variables that systemd sets. */
export function createNotifier(env: Readonly<Record<string, string | undefined>>): Notifier {
  if (!env.NOTIFY_SOCKET)
    return { ready: () => undefined, stopping: () => undefined, [Symbol.dispose]: () => undefined };
  const watchdogMs = Number(env.WATCHDOG_USEC) / 1000 / 2;
  let timer: NodeJS.Timeout | undefined;
  return {
    ready() {
      tell('READY=1');
      if (watchdogMs >= 1) timer = setInterval(() => tell('WATCHDOG=1'), watchdogMs).unref();
    },
    stopping: () => tell('STOPPING=1'),
    [Symbol.dispose]: () => clearInterval(timer),
  };
}

function tell(what: string): void {
  // Whoever does not hear it will act on that: systemd restarts what never became ready.
  execFile('systemd-notify', [what], () => undefined);
}
