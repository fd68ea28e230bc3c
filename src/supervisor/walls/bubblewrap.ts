// Owns the arguments of bubblewrap: a worker's namespaces, the few files it sees, and whose death is its own.

import { existsSync, lstatSync, readFileSync, readlinkSync, realpathSync } from 'node:fs';
import { dirname } from 'node:path';

/** The descriptor on which bubblewrap tells the pid of what it started. */
export const STATUS_FD = 4;

/**
 * bubblewrap's arguments, up to where the program begins.
 * @param program what will be started, an absolute path
 * @param readable the files and folders it may read, absolute paths; what does not exist is left out
 */
export function bubblewrapArguments(program: string, readable: readonly string[]): string[] {
  return [
    // Users where the kernel allows, processes, network, IPC, host name, cgroups: all its own.
    '--unshare-all',
    '--die-with-parent',
    '--cap-drop',
    'ALL',
    '--clearenv',
    ...systemMounts(),
    ...[nodeItself(), program, ...readable].flatMap((path) => ['--ro-bind-try', path, path]),
    // Node asks the kernel about itself; of others, this one knows nothing.
    '--proc',
    '/proc',
    // The kernel's own settings are in there, and are the whole machine's: root's process may write them without any
    // capability, and by `core_pattern` run what it likes outside. Read-only here is read-only in namespaces of its own too.
    '--remount-ro',
    '/proc',
    '--remount-ro',
    '/',
    '--chdir',
    '/',
  ];
}

/** The program that runs here: what is started may be a script for it. */
export function nodeItself(): string {
  try {
    return realpathSync('/proc/self/exe');
  } catch {
    return process.execPath;
  }
}

/** The system's libraries, by the names the loader looks for them: what this very process has loaded, and their loader. */
function systemMounts(): string[] {
  const folders = new Set(libraryFolders().filter((folder) => /^\/(?:usr\/)?lib/.test(folder)));
  const links: string[] = [];
  for (const top of ['/lib', '/lib64', '/usr/lib64']) {
    if (!existsSync(top)) continue;
    // On most systems /lib is a link into /usr; the loader is asked for by the old name.
    if (lstatSync(top).isSymbolicLink()) links.push('--symlink', readlinkSync(top), top);
    else if (top !== '/lib') folders.add(top);
  }
  return [...[...folders].sort().flatMap((each) => ['--ro-bind', each, each]), ...links];
}

/** The folders of the libraries this process has loaded. */
function libraryFolders(): string[] {
  const paths = readFileSync('/proc/self/maps', 'utf8').matchAll(/ (\/\S+\.so(?:\.[\d.]+)?)$/gm);
  return [...new Set([...paths].map(([, path = '']) => dirname(path)))];
}

/**
 * The pid of the program that bubblewrap started, given that of its own process inside, which is the program's parent;
 * null while there is none. Asked before the program has run anything of somebody else's.
 */
export function programWithin(initPid: number): number | null {
  try {
    const [first = ''] = readFileSync(`/proc/${initPid}/task/${initPid}/children`, 'utf8').split(
      ' ',
    );
    return /^\d+$/.test(first) ? Number(first) : null;
  } catch {
    return null;
  }
}

/**
 * True for bubblewrap's own process inside that has lost the one outside. Where that was killed, with who started it, before it
 * had let the one inside go, this one waits for ever: it is told to die with its parent only after that.
 */
export function isForsaken(pid: number): boolean {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const parent = /^PPid:\s+(\d+)$/m.exec(status)?.[1];
    return (
      /^Name:\s+bwrap$/m.test(status) &&
      /^NSpid:.*\s\d+\s+1$/m.test(status) &&
      readFileSync(`/proc/${parent}/comm`, 'utf8').trim() !== 'bwrap'
    );
  } catch {
    return false;
  }
}
