// Owns finding the sockets of running Corrals in a folder, telling those nobody listens on any more, and removing these. It
// touches no file that is not named as a socket of ours and is not one.

import { lstat, readdir, readlink, stat, unlink } from 'node:fs/promises';
import { connect } from 'node:net';
import { basename, dirname, join, resolve } from 'node:path';

const NAME = /^corral-(\d{1,10})-[0-9a-f]{8}\.sock$/;
const SHORT_FOLDER = /^corral-(?:\d+|user)$/;
/** Between making a socket and listening on it lies next to nothing; one this old (ms) is past it. */
const SETTLED_MS = 10_000;
/** How long a Corral may take to let somebody in before it counts as there (ms). */
const KNOCK_MS = 2_000;

/** One socket, or a link to one. */
export interface ControlSocket {
  /** Its path in the folder. */
  readonly path: string;
  /** What to connect to. */
  readonly target: string;
  /** The process that made it. */
  readonly pid: number;
}

/** The sockets in a folder, by pid; none when there is no folder. */
export async function listSockets(dir: string): Promise<readonly ControlSocket[]> {
  const sockets: ControlSocket[] = [];
  for (const name of await namesIn(dir)) {
    const pid = Number(NAME.exec(name)?.[1]);
    const path = join(resolve(dir), name);
    const target = await targetOf(path);
    if (target !== null) sockets.push({ path, target, pid });
  }
  return sockets.sort((a, b) => a.pid - b.pid);
}

/** True when nobody listens on it any more, and nobody is about to. Never rejects. */
export async function isStale({ path, target, pid }: ControlSocket): Promise<boolean> {
  const refusal = await knock(target);
  if (refusal === 'ENOENT') return true;
  if (refusal !== 'ECONNREFUSED') return false;
  return !isAlive(pid) || (await ageMs(path)) > SETTLED_MS;
}

/** Removes a socket, and what its link leads to. @throws the file system's own error */
export async function removeSocket({ path, target }: ControlSocket): Promise<void> {
  for (const each of new Set([path, target])) {
    try {
      await unlink(each);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
}

/** Removes what nobody listens on any more; what cannot be removed stays. Never rejects. */
export async function sweepSockets(dir: string): Promise<void> {
  try {
    for (const socket of await listSockets(dir)) {
      if (isAlive(socket.pid)) continue;
      if (await isStale(socket)) await removeSocket(socket);
    }
  } catch {
    // A folder that cannot be tidied is no reason not to run; `corral cleanup` says what is wrong with it.
  }
}

async function namesIn(dir: string): Promise<string[]> {
  try {
    return (await readdir(dir)).filter((name) => NAME.test(name));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/** What to connect to; null for what is no socket of ours. */
async function targetOf(path: string): Promise<string | null> {
  try {
    const about = await lstat(path);
    if (about.isSocket()) return path;
    if (!about.isSymbolicLink()) return null;
    const target = await readlink(path);
    // Wherever a link leads, only what is named as ours is ever opened or removed.
    const isOurs = NAME.test(basename(target)) && SHORT_FOLDER.test(basename(dirname(target)));
    return isOurs && basename(target) === basename(path) ? target : null;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** Why nobody lets us in, as the system's code; null when somebody does. */
function knock(path: string): Promise<string | null> {
  return new Promise((done) => {
    const socket = connect(path);
    const timer = setTimeout(() => settle(null), KNOCK_MS);
    const settle = (code: string | null) => {
      clearTimeout(timer);
      socket.destroy();
      done(code);
    };
    socket.once('connect', () => settle(null));
    socket.once('error', (error: NodeJS.ErrnoException) => settle(error.code ?? 'unknown'));
  });
}

async function ageMs(path: string): Promise<number> {
  const about = await stat(path).catch(() => null);
  return about === null ? Number.POSITIVE_INFINITY : Date.now() - about.mtimeMs;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
