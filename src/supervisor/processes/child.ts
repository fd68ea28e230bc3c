// Owns what is known of a process that was started for this one, whoever its parent is; and starting one as our own child.

import type { ChildProcess } from 'node:child_process';
import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import { isOwn, killSession, spawnSession } from './session.ts';

/** How a process ended. */
export interface ChildEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** In words, where it was ended for nothing that it did; else null. */
  readonly why: string | null;
}

/** What is told of a process. */
export interface ChildEvents {
  /** Its pid is known: only where it was not at once. */
  started: [];
  /** It could not be started; the last event. */
  failed: [Error];
  /** It was waited for: its number may be another's. */
  exited: [];
  /** And its pipes are closed; the last event. */
  closed: [ChildEnd];
}

/** A process, with a session of its own. */
export interface Child extends EventEmitter<ChildEvents> {
  /** Its pid; null before that is known, and where it could not be started. */
  readonly pid: number | null;
  /** True as long as nobody else can have its number. */
  readonly isThere: boolean;
  /** Its descriptors from 2 on, this process's ends of them. Nothing may be written before it has said something. */
  readonly pipes: readonly Socket[];
  /** Kills it with all of its session, and a process that has left that and lives no longer than it. */
  kill(also: number | null): void;
  /** Keeps this process alive for it, or no longer. */
  ref(active: boolean): void;
}

/**
 * Starts a process.
 * @param command the path of a program, and its arguments
 * @param pipes how many descriptors it gets, from 2 on
 */
export type StartChild = (command: readonly string[], pipes: number) => Child;

/** Starts one as a child of this process. */
export const startHere: StartChild = (command, pipes) => new OwnChild(command, pipes);

class OwnChild extends EventEmitter<ChildEvents> implements Child {
  readonly #child: ChildProcess;
  readonly pipes: readonly Socket[];

  constructor(command: readonly string[], pipes: number) {
    super();
    this.#child = spawnSession(command, ['ignore', 'ignore', ...Array(pipes).fill('pipe')]);
    this.pipes = this.#child.stdio.slice(2, 2 + pipes) as Socket[];
    this.#child.once('error', (error) => this.emit('failed', error));
    this.#child.once('exit', () => this.emit('exited'));
    this.#child.once('close', (code, signal) => this.emit('closed', { code, signal, why: null }));
  }

  get pid(): number | null {
    return this.#child.pid ?? null;
  }

  get isThere(): boolean {
    return isOwn(this.#child);
  }

  kill(also: number | null): void {
    killSession(this.#child, also);
  }

  ref(active: boolean): void {
    refAll([this.#child, ...openOf(this.pipes)], active);
  }
}

/** What of some pipes can be asked to keep this process alive: one that is closed would wait for ever to be connected. */
export function openOf(pipes: readonly Socket[]): readonly Socket[] {
  return pipes.filter((pipe) => !pipe.destroyed);
}

/** Has each keep this process alive, or no longer. */
export function refAll(
  all: readonly { ref(): unknown; unref(): unknown }[],
  active: boolean,
): void {
  for (const each of all) {
    if (active) each.ref();
    else each.unref();
  }
}
