// Owns starting a child in a session of its own with nothing of this process but its pipes, and killing all of that session.

import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import type { Socket } from 'node:net';
import { devNull } from 'node:os';
import { closedStdio } from './descriptors.ts';

/** A descriptor of a child: closed, a new pipe, a pipe to whoever sends messages, or a socket that becomes the child's. */
export type OwnDescriptor = 'ignore' | 'pipe' | 'ipc' | Socket;

/**
 * Starts a program, without an environment.
 * @param command its path, and its arguments
 * @param own its descriptors, from 0
 */
export function spawnSession(
  command: readonly string[],
  own: readonly OwnDescriptor[],
): ChildProcess {
  const [path = '', ...args] = command;
  const nowhere = openSync(devNull, 'r');
  try {
    return spawn(path, args, {
      env: {},
      stdio: closedStdio<OwnDescriptor>(own, nowhere),
      // A session of its own: Ctrl-C in the terminal is for the supervisor, which ends its workers in order.
      detached: true,
      windowsHide: true,
    });
  } finally {
    closeSync(nowhere);
  }
}

/** True as long as nobody else can have the child's number: it was started, and not waited for. */
export function isOwn({ pid, exitCode, signalCode }: ChildProcess): boolean {
  return pid !== undefined && exitCode === null && signalCode === null;
}

/**
 * Kills a child of this process, with all of its session.
 * @param also the pid of what has left it, and lives no longer than the child
 */
export function killSession(child: ChildProcess, also: number | null): void {
  if (!isOwn(child)) return;
  killGroup(child.pid as number);
  if (also !== null) signal(also);
  child.kill('SIGKILL');
}

/** Kills what is in the process group of a session that a pid has begun. */
export function killGroup(pid: number): void {
  signal(-pid);
}

function signal(target: number): void {
  try {
    process.kill(target, 'SIGKILL');
  } catch {
    // It is gone already.
  }
}
