// Owns starting a program inside the walls: the command line around it, the process that counts, and killing all of it.

import type { Socket } from 'node:net';
import { constants } from 'node:os';
import { type Child, type StartChild, startHere } from '../processes/child.ts';
import { killGroup } from '../processes/session.ts';
import type { Program } from '../worker-program.ts';
import { forgetSession, giveWay } from './autogroup.ts';
import { programWithin } from './bubblewrap.ts';
import { NICE } from './layers.ts';
import { MemoryGroup, type OutOfMemory } from './memory-group.ts';
import { wrap } from './walls.ts';

const PID = /"child-pid":\s*(\d{1,10})/;
const STATUS_CHARS_MAX = 4_096;
/** The kernel takes a moment between closing a dead process's pipes and forgetting its number (ms). */
const FORGET_MS = 1_000;

/** How long the pipes of a program may stay open after its end before what holds them is killed (ms). */
const CLOSE_MS = 100;

/** A program that was started inside the walls. */
export class Launched {
  readonly child: Child;
  readonly stderr: Socket;
  /** Descriptor 3 of the program, both ways. Nothing may be written before it has said something. */
  readonly channel: Socket;
  readonly #status: Socket | null;
  readonly #told = Promise.withResolvers<void>();
  /** bubblewrap's own process in the namespace: all in there dies with it. */
  #init: number | null = null;
  #program: number | null = null;
  #nice = NICE;
  #group: MemoryGroup | null = null;
  #grouped: Promise<unknown> = Promise.resolve();
  #forgotten: Promise<OutOfMemory | null> | null = null;

  /** @param start starts what is around it; default as a child of this process */
  constructor({ path, args, readable }: Program, start: StartChild = startHere) {
    const { command, isNamespaced } = wrap(path, readable);
    // stderr, the channel and, of bubblewrap, its status.
    this.child = start([...command, path, ...args], isNamespaced ? 3 : 2);
    const [stderr, channel, status = null] = this.child.pipes;
    this.stderr = stderr as Socket;
    this.channel = channel as Socket;
    this.#status = status;
    if (this.child.pid === null) this.child.once('started', () => this.#begin());
    else this.#begin();
    this.child.once('exited', () => {
      if (this.child.pid !== null) forgetSession(this.child.pid);
      this.#endWhatIsLeft();
    });
    this.child.once('failed', () => this.#told.resolve());
    if (this.#status) this.#readStatus(this.#status);
    else this.#told.resolve();
  }

  /** The program's pid; until {@link located}, that of what starts it. */
  get pid(): number {
    return this.#program ?? this.child.pid ?? -1;
  }

  /** Finds the program's own pid. To be called once it has said something, and has run nobody else's code. */
  async located(): Promise<void> {
    await this.#told.promise;
    if (this.#init !== null) this.#program = programWithin(this.#init);
    await this.#grouped;
    // What is around it may have started it just before it was put into the group itself.
    if (this.#group?.has(this.pid) === false)
      await this.#group.add(this.pid).catch(() => this.#ungroup());
  }

  /**
   * Sets the most the program may hold, whoever looks (bytes), from {@link located} on; null for no limit. Gives what holds
   * from now on: somewhat more, or no limit where the kernel has none.
   */
  limitMemory(bytes: number | null): number | null {
    return this.#group?.limit(bytes) ?? null;
  }

  /** Has it give way to everything else, as a nice value does (0 to 19), where the kernel groups processes by session. */
  giveWay(nice: number): void {
    this.#nice = nice;
    if (this.child.isThere && this.child.pid !== null) giveWay(this.child.pid, nice);
  }

  /** Kills the program and all that it or its walls have started. */
  kill(): void {
    // The session, for what has been started and not told yet; the namespace, for what has left the session's group.
    this.child.kill(this.#init);
  }

  /**
   * Where somebody kills bubblewrap before it has let its process in the namespace go, that one waits for ever, and holds the
   * pipes by which the end is known. As long as it is there, nobody else can have the number of its group.
   */
  #endWhatIsLeft(): void {
    const { pid } = this.child;
    if (pid === null) return;
    const timer = setTimeout(() => killGroup(pid), CLOSE_MS);
    this.child.once('closed', () => clearTimeout(timer));
  }

  /** Resolves once nothing of the program is left, with what the kernel killed it for; to be called after the child's end. */
  forgotten(): Promise<OutOfMemory | null> {
    this.#forgotten ??= this.#forget();
    return this.#forgotten;
  }

  async #forget(): Promise<OutOfMemory | null> {
    const from = performance.now();
    while (this.#program !== null && exists(this.#program) && performance.now() - from < FORGET_MS)
      await new Promise((resolve) => setTimeout(resolve, 1));
    const outOfMemory = this.#group?.outOfMemory() ?? null;
    await this.#grouped;
    await this.#ungroup();
    return outOfMemory;
  }

  /** Puts what was just started into a memory cgroup of its own and behind everything else, while it goes on starting. */
  #begin(): void {
    const { pid } = this.child;
    if (pid === null) return;
    this.#group = MemoryGroup.make();
    this.#grouped = this.#group?.add(pid).catch(() => undefined) ?? this.#grouped;
    this.child.once('closed', () => this.forgotten());
    this.giveWay(this.#nice);
  }

  async #ungroup(): Promise<void> {
    const group = this.#group;
    this.#group = null;
    await group?.remove();
  }

  /** The signal a child died of, also where what stood around it turned it into an exit code. */
  signalOf(exitCode: number | null, signal: NodeJS.Signals | null): NodeJS.Signals | null {
    if (signal !== null || exitCode === null || exitCode <= 128 || !this.#status) return signal;
    const names = Object.entries(constants.signals) as [NodeJS.Signals, number][];
    return names.find(([, number]) => number === exitCode - 128)?.[0] ?? null;
  }

  /** Keeps this process alive for the program, or no longer. */
  ref(active: boolean): void {
    this.child.ref(active);
  }

  #readStatus(status: Socket): void {
    let text = '';
    status.setEncoding('utf8');
    status.on('data', (chunk: string) => {
      if (this.#init !== null) return;
      text = (text + chunk).slice(0, STATUS_CHARS_MAX);
      const pid = PID.exec(text)?.[1];
      if (pid === undefined) return;
      this.#init = Number(pid);
      this.#told.resolve();
    });
    status.on('close', () => this.#told.resolve());
    status.on('error', () => this.#told.resolve());
  }
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
