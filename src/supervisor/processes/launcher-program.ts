// A small process that starts others for a large one: to start a process the kernel copies the page tables of whoever asks,
// which stops one that holds 400 MB for 30 ms. Started by path, never imported; it ends with whoever started it.

import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createServer, type Socket } from 'node:net';
import {
  HEADER_BYTES,
  type LauncherNews,
  type LauncherOrder,
  readHeader,
  TOKEN_CHARS,
} from './orders.ts';
import { killSession, spawnSession } from './session.ts';

/** What is to be started once all its pipes have come. */
interface Start {
  command: readonly string[] | null;
  wanted: number;
  readonly pipes: Map<number, Socket>;
}

/** Connections that have not said yet whose they are; beyond these the oldest is closed. */
const STRANGERS_MAX = 64;

const token = randomBytes(TOKEN_CHARS / 2).toString('hex');
// A name of its own in the kernel's list, not a file: nothing is left behind. Any process here can connect, hence the token.
const address = `\0corral-launcher-${randomBytes(16).toString('hex')}`;
const strangers = new Set<Socket>();
const starts = new Map<number, Start>();
const children = new Map<number, ChildProcess>();

// It is in a session of its own; what a service manager sends to all is for the supervisor, which ends its workers in order.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
// What stands around a worker that is just being started may not know yet that it is to die with its parent.
process.on('disconnect', () => {
  for (const child of children.values()) killSession(child, null);
  process.exit();
});
process.on('message', (order: LauncherOrder) => {
  if (order.type === 'kill') kill(order.id, order.also);
  else {
    const start = startOf(order.id);
    start.command = order.command;
    start.wanted = order.pipes;
    tryStart(order.id, start);
  }
});

const server = createServer({ pauseOnConnect: true }, (socket) => {
  strangers.add(socket);
  if (strangers.size > STRANGERS_MAX) [...strangers][0]?.destroy();
  const onReadable = () => {
    const header = socket.read(HEADER_BYTES) as Buffer | null;
    if (header === null) return;
    socket.off('readable', onReadable);
    strangers.delete(socket);
    const said = readHeader(token, header);
    if (said === null) socket.destroy();
    else {
      const start = startOf(said.id);
      start.pipes.set(said.pipe, socket);
      socket.once('close', () => forget(said.id, start, said.pipe));
      tryStart(said.id, start);
    }
  };
  socket.on('readable', onReadable);
  socket.on('error', () => socket.destroy());
  socket.on('close', () => strangers.delete(socket));
});
// Where it cannot listen there is no use in it; one connection that cannot be taken is told by whose it was.
server.on('error', () => {
  if (!server.listening) process.exit(1);
});
server.listen(address, () => tell({ type: 'open', address, token }));
// Whoever started it may be gone before it has begun to listen for that.
if (!process.connected) process.exit();

function tell(news: LauncherNews): void {
  // Where nobody hears it any more, `disconnect` follows.
  process.send?.(news, () => undefined);
}

function startOf(id: number): Start {
  const start = starts.get(id) ?? { command: null, wanted: 0, pipes: new Map() };
  starts.set(id, start);
  return start;
}

/** Of a start that was given up, pipes may come later, and close. */
function forget(id: number, start: Start, pipe: number): void {
  start.pipes.delete(pipe);
  if (start.command === null && start.pipes.size === 0) starts.delete(id);
}

function tryStart(id: number, { command, wanted, pipes }: Start): void {
  if (command === null || pipes.size < wanted) return;
  starts.delete(id);
  const own = [...pipes].sort(([a], [b]) => a - b).map(([, pipe]) => pipe);
  try {
    const child = spawnSession(command, ['ignore', 'ignore', ...own]);
    child.on('error', ({ message }) => fail(id, message));
    if (child.pid === undefined) return;
    children.set(id, child);
    child.once('exit', (code, signal) => {
      children.delete(id);
      tell({ type: 'exited', id, code, signal });
    });
    tell({ type: 'started', id, pid: child.pid });
  } catch (error) {
    fail(id, error instanceof Error ? error.message : 'unknown');
  } finally {
    // The child has its own copies by now.
    for (const pipe of own) pipe.destroy();
  }
}

function kill(id: number, also: number | null): void {
  const child = children.get(id);
  if (child) killSession(child, also);
  const start = starts.get(id);
  if (!start) return;
  starts.delete(id);
  for (const pipe of start.pipes.values()) pipe.destroy();
  fail(id, 'it was killed before it was started');
}

function fail(id: number, message: string): void {
  tell({ type: 'failed', id, message });
}
