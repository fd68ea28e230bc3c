// Owns starting processes at a price that does not grow with this one: the first few here, more by the launcher.

import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { builtFolder } from '../built-worker.ts';
import { type Child, type StartChild, startHere } from './child.ts';
import type { LauncherNews, LauncherOrder } from './orders.ts';
import { type LauncherDoor, RemoteChild } from './remote-child.ts';
import { spawnSession } from './session.ts';

/** So many are started here before there is a launcher: it costs a process of 45 MB and a start of its own. */
export const STARTED_HERE = 3;
/** One that has died so often is not started again. */
const BOOTS_MAX = 3;
/** It holds nothing but numbers and pipes, and has one thing to do at a time. */
const FLAGS = ['--max-old-space-size=64', '--v8-pool-size=1'];
/** It ends within some ms; one that hangs is killed then (ms). */
const CLOSE_MS = 1_000;
const WHY_LOST = 'the process that starts the workers has died';

/** Starts processes for as long as it is open. */
export class Launcher {
  #starts = 0;
  #boots = 0;
  #held = 0;
  #isClosed = false;
  #process: ChildProcess | null = null;
  /** Null until it takes orders. */
  #door: LauncherDoor | null = null;
  readonly #children = new Map<number, RemoteChild>();

  /** The launcher's pid; null while there is none. */
  get pid(): number | null {
    return this.#process?.pid ?? null;
  }

  /** Starts a process, here or by the launcher. */
  readonly start: StartChild = (command, pipes) => {
    this.#starts += 1;
    if (this.#starts > STARTED_HERE) this.#boot();
    return this.#door ? this.#startThere(this.#door, command, pipes) : startHere(command, pipes);
  };

  /** Ends the launcher; to be called once what it started has ended. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const launcher = this.#process;
    if (launcher === null) return;
    const exited = once(launcher, 'exit');
    launcher.ref();
    if (launcher.connected) launcher.disconnect();
    const late = setTimeout(() => launcher.kill('SIGKILL'), CLOSE_MS);
    await exited.finally(() => clearTimeout(late));
  }

  #startThere(door: LauncherDoor, command: readonly string[], pipes: number): Child {
    const id = this.#starts;
    const child = new RemoteChild(door, id, command, pipes);
    this.#children.set(id, child);
    child.once('failed', () => this.#children.delete(id));
    child.once('exited', () => this.#children.delete(id));
    return child;
  }

  #boot(): void {
    // Elsewhere starting a process copies nothing.
    if (process.platform !== 'linux') return;
    if (this.#process !== null || this.#isClosed || this.#boots >= BOOTS_MAX) return;
    this.#boots += 1;
    const command = [process.execPath, ...FLAGS, programFile()];
    const launcher = spawnSession(command, ['ignore', 'ignore', 'ignore', 'ipc']);
    this.#process = launcher;
    this.#held = 0;
    launcher.unref();
    launcher.channel?.unref();
    launcher.on('message', (news: LauncherNews) => this.#hear(launcher, news));
    const gone = () => this.#lose(launcher);
    launcher.once('exit', gone);
    // Without one all goes on as it began.
    launcher.once('error', gone);
    launcher.once('disconnect', () => {
      if (!this.#isClosed) launcher.kill('SIGKILL');
    });
  }

  #hear(launcher: ChildProcess, news: LauncherNews): void {
    if (launcher !== this.#process) return;
    if (news.type !== 'open') this.#children.get(news.id)?.hear(news);
    else
      this.#door = {
        ...{ address: news.address, token: news.token },
        order: (order) => this.#order(order),
        hold: (more) => this.#hold(more),
        broken: () => launcher.kill('SIGKILL'),
      };
  }

  #order(order: LauncherOrder): void {
    // That it is gone is told by its exit.
    if (this.#process?.connected) this.#process.send(order, () => undefined);
  }

  #hold(more: 1 | -1): void {
    this.#held += more;
    const channel = this.#process?.channel;
    if (this.#held > 0) channel?.ref();
    else channel?.unref();
  }

  #lose(launcher: ChildProcess): void {
    if (launcher !== this.#process) return;
    this.#process = null;
    this.#door = null;
    for (const child of [...this.#children.values()]) child.lost(WHY_LOST);
    this.#children.clear();
  }
}

/** Where what was built is current, that: it is there in a third of the time. */
function programFile(): string {
  const here = import.meta.dirname;
  if (import.meta.filename.endsWith('.js')) return join(here, 'launcher-program.js');
  const built = builtFolder();
  return built === null
    ? join(here, 'launcher-program.ts')
    : join(built, 'supervisor', 'processes', 'launcher-program.js');
}
