// Owns machines made of files: a folder that looks like /proc and /sys of a machine one does not have.

import { chownSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { KernelFiles } from '../../../src/supervisor/host/kernel-files.ts';
import { scratchDir } from './scratch.ts';

/** Paths and what stands in them. */
export type Files = Readonly<Record<string, string>>;

/** A machine whose files can be changed. */
export interface Machine {
  readonly files: KernelFiles;
  write(files: Files): void;
  remove(path: string): void;
  /** Gives a file to another user; only root can. */
  chown(path: string, uid: number): void;
}

let made = 0;
/** Made here: made in a test, it would go with that one, and come again. */
const parent = scratchDir();

/** A machine with these files; all of them are gone after the tests of the file. */
export function machineOf(files: Files): Machine {
  const root = join(parent, String(made++));
  const machine: Machine = {
    files: new KernelFiles(root),
    write(some) {
      for (const [path, text] of Object.entries(some)) {
        mkdirSync(dirname(join(root, path)), { recursive: true });
        writeFileSync(join(root, path), text);
      }
    },
    chown: (path, uid) => chownSync(join(root, path), uid, uid),
    remove: (path) => rmSync(join(root, path), { recursive: true, force: true }),
  };
  machine.write(files);
  return machine;
}

/** /proc/meminfo of a machine with so many MB. */
export function meminfo(totalMb: number, availableMb: number): Files {
  const kb = (mb: number) => `${mb * 1024} kB`;
  const lines = [`MemTotal: ${kb(totalMb)}`, 'MemFree: 1 kB', `MemAvailable: ${kb(availableMb)}`];
  return { '/proc/meminfo': `${lines.join('\n')}\n` };
}

const V1 = (controllers: string, root = '/') =>
  `35 31 0:32 ${root} /sys/fs/cgroup/${controllers} rw,relatime - cgroup cgroup rw,${controllers}`;
const V2 = (root = '/') =>
  `31 23 0:28 ${root} /sys/fs/cgroup rw,relatime shared:9 - cgroup2 cgroup2 rw`;

/** What tells a process which groups of version 1 it is in. */
export function inGroups1(groups: Readonly<Record<string, string>>, root = '/'): Files {
  const names = Object.keys(groups);
  return {
    '/proc/self/cgroup': names.map((name, at) => `${at + 2}:${name}:${groups[name]}\n`).join(''),
    '/proc/self/mountinfo': names.map((name) => `${V1(name, root)}\n`).join(''),
  };
}

/** And of version 2. */
export function inGroup2(path: string, root = '/'): Files {
  return { '/proc/self/cgroup': `0::${path}\n`, '/proc/self/mountinfo': `${V2(root)}\n` };
}

/** The files of one group. */
export function groupFiles(path: string, files: Readonly<Record<string, string | number>>): Files {
  return Object.fromEntries(
    Object.entries(files).map(([name, text]) => [`/sys/fs/cgroup/${path}/${name}`, `${text}\n`]),
  );
}
