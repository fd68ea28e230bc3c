// Owns the socket by which this process's Corral is watched and steered: where it is, who is connected, and that it is gone
// when the Corral is. Only its owner can reach it; what comes in over it is trusted no more for that.

import { unlinkSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import {
  CONTROL_PROTOCOL,
  type ControlSnapshot,
  type ControlTold,
  SNAPSHOT_RUNS_MAX,
} from '../model/control.ts';
import { toSystemReason } from '../model/errno.ts';
import { CORRAL_VERSION } from '../model/version.ts';
import type { Run } from '../supervisor/run.ts';
import { Figures } from './figures.ts';
import { linkSocket, placeSocket, type SocketPlace } from './folder.ts';
import { Session } from './session.ts';
import { sweepSockets } from './sockets.ts';
import type { Steered } from './steered.ts';

/** Whether this process can be watched from outside. */
export interface ControlState {
  /** Its socket; null when there is none. */
  readonly path: string | null;
  /** Why there is none though one was asked for; null when all is well. */
  readonly problem: string | null;
}

/** Nobody needs more at once. */
const CONNECTIONS_MAX = 16;
/** Several watchers get the same snapshot when it is not older than this (ms). */
const SNAPSHOT_FRESH_MS = 90;
/** What is told of who pulled the emergency stop, and why (UTF-16 code units). */
const BY_CHARS = 100;
const WHY_CHARS = 500;

/** The control socket of one Corral. It keeps nobody's process alive. */
export class ControlServer {
  /** Resolves once it listens, or cannot. Never rejects. */
  readonly state: Promise<ControlState>;
  readonly #corral: Steered;
  readonly #readMemory: (pid: number) => number;
  readonly #startedAt = Date.now();
  readonly #server: Server;
  readonly #sessions = new Set<Session>();
  readonly #figures = new Map<string, Figures>();
  readonly #onSample = new Set<(told: ControlTold) => void>();
  readonly #atExit = () => this.#unlink();
  #place: SocketPlace | null = null;
  #fresh: { readonly line: string; readonly at: number } | null = null;

  /** @param readMemory the resident memory of a process (bytes), 0 where unknown */
  constructor(dir: string, corral: Steered, readMemory: (pid: number) => number) {
    this.#corral = corral;
    this.#readMemory = readMemory;
    this.#server = createServer((socket) => this.#letIn(socket));
    this.#server.maxConnections = CONNECTIONS_MAX;
    this.state = this.#listen(dir);
  }

  /** Follows a run; to be called right after its start. */
  follow(run: Run, owner: string): void {
    this.#figures.set(run.id, new Figures(run, { owner, riskNow: () => this.#corral.riskOf(run) }));
    run.on('sample', (sample) => {
      for (const listener of this.#onSample)
        listener({ type: 'sample', runId: run.id, sample: { ...sample } });
    });
    run.on('end', () => this.#figures.delete(run.id));
  }

  /** Ends every connection and takes the socket away. */
  async close(): Promise<void> {
    await this.state;
    process.off('exit', this.#atExit);
    for (const session of this.#sessions) session.end();
    this.#unlink();
    if (this.#server.listening) this.#server.close();
  }

  /** The Corral as it is now. */
  snapshot(now = Date.now()): ControlSnapshot {
    const all = [...this.#figures.values()].map((figures) => figures.at(now));
    const runs =
      all.length <= SNAPSHOT_RUNS_MAX
        ? all
        : all.sort((a, b) => b.cpuShare - a.cpuShare).slice(0, SNAPSHOT_RUNS_MAX);
    const queued = all.filter(({ state }) => state === 'queued').length;
    const { workerPids, level, activeMax, emergencyOrder } = this.#corral;
    return {
      time: now,
      version: CORRAL_VERSION,
      pid: process.pid,
      startedAt: this.#startedAt,
      level,
      emergency: emergencyOrder !== null,
      emergencyOrder: emergencyOrder && {
        ...emergencyOrder,
        by: emergencyOrder.by.slice(0, BY_CHARS),
        why: emergencyOrder.why.slice(0, WHY_CHARS),
      },
      load: { active: all.length - queued, activeMax, queued, workers: workerPids.length },
      memory: {
        ownBytes: process.memoryUsage.rss(),
        workerBytes: workerPids.reduce((sum, pid) => sum + this.#readMemory(pid), 0),
      },
      runs,
      runsOmitted: all.length - runs.length,
    };
  }

  #listen(dir: string): Promise<ControlState> {
    const { promise, resolve } = Promise.withResolvers<ControlState>();
    const fail = (error: unknown) => resolve({ path: null, problem: toSystemReason(error) });
    try {
      if (process.platform === 'win32') throw new Error('this system has no sockets with a path');
      const place = placeSocket(dir);
      // Later ones, such as too many open files, concern whoever knocks and not this Corral.
      this.#server.on('error', fail);
      this.#server.listen(place.path, () => {
        try {
          linkSocket(place);
          this.#place = place;
          process.once('exit', this.#atExit);
          resolve({ path: place.link ?? place.path, problem: null });
          // Whatever went away without a word before.
          void sweepSockets(dir);
        } catch (error) {
          this.#server.close();
          fail(error);
        }
      });
      this.#server.unref();
    } catch (error) {
      fail(error);
    }
    return promise;
  }

  #letIn(socket: Socket): void {
    const session = new Session(socket, {
      corral: this.#corral,
      snapshotLine: () => this.#snapshotLine(),
      onSample: (listener) => {
        this.#onSample.add(listener);
        return () => this.#onSample.delete(listener);
      },
    });
    this.#sessions.add(session);
    socket.once('close', () => this.#sessions.delete(session));
    session.tell({
      type: 'hello',
      protocol: CONTROL_PROTOCOL,
      version: CORRAL_VERSION,
      pid: process.pid,
    });
  }

  #snapshotLine(): string {
    const now = Date.now();
    if (this.#fresh === null || Math.abs(now - this.#fresh.at) > SNAPSHOT_FRESH_MS) {
      const told: ControlTold = { type: 'snapshot', snapshot: this.snapshot(now) };
      this.#fresh = { line: `${JSON.stringify(told)}\n`, at: now };
    }
    return this.#fresh.line;
  }

  /** A process that exits without closing leaves none behind either. */
  #unlink(): void {
    for (const path of [this.#place?.link, this.#place?.path]) {
      if (path === null || path === undefined) continue;
      try {
        unlinkSync(path);
      } catch {
        // Somebody tidied up before us.
      }
    }
    this.#place = null;
  }
}
