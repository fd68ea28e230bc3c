// Owns the folder of control sockets: made for its owner alone, refused when anybody else can enter it, and a short place for
// the sockets themselves where the folder's own path is too long for the operating system.

import { randomBytes } from 'node:crypto';
import { lstatSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { makeFolder } from '../model/folder.ts';

/** Where the command line looks for running Corrals, and where its own are found. */
export const DEFAULT_CONTROL_DIR = '.corral/control';

/** The longest path a socket may have (bytes): `sun_path` without its final 0. */
const SOCKET_PATH_BYTES_MAX = process.platform === 'linux' ? 107 : 103;
/** Who else may do anything with it. */
const GROUP_AND_OTHERS = 0o077;

/** Where a process listens. */
export interface SocketPlace {
  /** What is listened on. */
  readonly path: string;
  /** The link in the control folder that leads there; null when the socket is in the folder itself. */
  readonly link: string | null;
}

/** The folder in the system's temporary one that holds the sockets of folders with long paths, by user. */
export function shortFolder(base = tmpdir()): string {
  return join(base, `corral-${process.getuid?.() ?? 'user'}`);
}

/**
 * Makes a folder that only its owner can enter, and a place for this process's socket in it.
 * @throws the file system's own error, or one that says who else can enter the folder
 */
export function placeSocket(dir: string): SocketPlace {
  const folder = resolve(dir);
  makePrivate(folder);
  const name = `corral-${process.pid}-${randomBytes(4).toString('hex')}.sock`;
  const path = join(folder, name);
  if (fits(path)) return { path, link: null };
  const short = [shortFolder(), shortFolder('/tmp')].find((each) => fits(join(each, name)));
  if (short === undefined) throw new Error(`its path is too long for a socket: ${path}`);
  makePrivate(short);
  return { path: join(short, name), link: path };
}

/** Puts the link in place; to be called once the socket is there. */
export function linkSocket({ path, link }: SocketPlace): void {
  if (link !== null) symlinkSync(path, link);
}

function fits(path: string): boolean {
  return Buffer.byteLength(path) <= SOCKET_PATH_BYTES_MAX;
}

function makePrivate(folder: string): void {
  makeFolder(folder);
  // A link is followed where its owner put it, and not where others could have: the folder it leads to is looked at.
  const about = statSync(folder);
  const link = lstatSync(folder);
  const own = process.getuid?.();
  if (!about.isDirectory()) throw new Error(`${folder} is no folder`);
  if (own !== undefined && (about.uid !== own || link.uid !== own))
    throw new Error(`${folder} belongs to another user`);
  if ((about.mode & GROUP_AND_OTHERS) !== 0)
    throw new Error(`others can enter ${folder}; chmod 700 it`);
}
