// Owns a process that the launcher has started: its pipes lead here, its start and its end are told by the launcher.

import { EventEmitter, once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { type Child, type ChildEvents, openOf, refAll } from './child.ts';
import { type LauncherNews, type LauncherOrder, toHeader } from './orders.ts';
import { killGroup } from './session.ts';

/** What it needs of the launcher. */
export interface LauncherDoor {
  readonly address: string;
  readonly token: string;
  order(order: LauncherOrder): void;
  /** So many more, or less, for which the launcher's news keep this process alive. */
  hold(more: 1 | -1): void;
  /** The launcher does not do what it is told. */
  broken(): void;
}

/** What is told of one process. */
export type ChildNews = Exclude<LauncherNews, { type: 'open' }>;

/** Killing is asked for by a message, and what does not end then has a launcher that hangs (ms). */
const KILL_MS = 10_000;

/** A process that the launcher has started, or is about to. */
export class RemoteChild extends EventEmitter<ChildEvents> implements Child {
  readonly pipes: readonly Socket[];
  readonly #id: number;
  readonly #door: LauncherDoor;
  #pid: number | null = null;
  #isOver = false;
  #isHeld = false;
  #killing: NodeJS.Timeout | null = null;

  constructor(door: LauncherDoor, id: number, command: readonly string[], pipes: number) {
    super();
    this.#door = door;
    this.#id = id;
    door.order({ type: 'start', id, command, pipes });
    this.pipes = Array.from({ length: pipes }, (_, n) => {
      const pipe = connect(door.address);
      // One that cannot be connected, or breaks, is told by the end of the process.
      pipe.on('error', () => undefined);
      pipe.write(toHeader(door.token, id, n));
      return pipe;
    });
    this.ref(true);
  }

  get pid(): number | null {
    return this.#pid;
  }

  get isThere(): boolean {
    return this.#pid !== null && !this.#isOver;
  }

  kill(also: number | null): void {
    if (this.#isOver) return;
    this.#door.order({ type: 'kill', id: this.#id, also });
    this.#killing ??= setTimeout(() => this.#door.broken(), KILL_MS).unref();
  }

  ref(active: boolean): void {
    refAll(openOf(this.pipes), active);
    const isHeld = active && !this.#isOver;
    if (isHeld !== this.#isHeld) this.#door.hold(isHeld ? 1 : -1);
    this.#isHeld = isHeld;
  }

  /** Takes what the launcher tells of it. */
  hear(news: ChildNews): void {
    if (this.#isOver) return;
    if (news.type === 'started') {
      this.#pid = news.pid;
      this.emit('started');
    } else if (news.type === 'failed') this.#fail(new Error(news.message));
    else this.#end(news.code, news.signal, null);
  }

  /** The launcher is gone. Whoever it was the parent of is killed, where the walls have not done that already. */
  lost(why: string): void {
    if (this.#isOver) return;
    if (this.#pid === null) this.#fail(new Error(why));
    else {
      killGroup(this.#pid);
      this.#end(null, 'SIGKILL', why);
    }
  }

  #fail(error: Error): void {
    this.#over();
    for (const pipe of this.pipes) pipe.destroy();
    this.emit('failed', error);
  }

  #end(code: number | null, signal: NodeJS.Signals | null, why: string | null): void {
    this.#over();
    this.emit('exited');
    // What nobody reads would never be read to its end, and so never close.
    const open = this.pipes
      .filter((pipe) => !pipe.closed)
      .map((pipe) => once(pipe.resume(), 'close'));
    const closed = () => this.emit('closed', { code, signal, why });
    // `once` rejects for a pipe that breaks, which is its end too.
    Promise.allSettled(open).then(closed, closed);
  }

  #over(): void {
    this.#isOver = true;
    if (this.#killing) clearTimeout(this.#killing);
    if (this.#isHeld) this.#door.hold(-1);
    this.#isHeld = false;
  }
}
