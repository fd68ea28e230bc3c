// Owns finding this process's control groups: the folders whose limits hold for it, its own and those above, in version 1 and 2.

import { posix } from 'node:path';
import type { KernelFiles } from './kernel-files.ts';

/** Mounts are many where containers are. */
const MOUNTS_BYTES_MAX = 1024 * 1024;
/** How often to look where this process belongs (ms): somebody may move it. */
const FOUND_FOR_MS = 60_000;
/** No machine nests deeper. */
const DEPTH_MAX = 32;

/** A group's folder. */
export interface GroupFolder {
  readonly version: 1 | 2;
  readonly path: string;
}

interface Mount {
  readonly version: 1 | 2;
  /** Which part of the hierarchy is mounted, and where. */
  readonly root: string;
  readonly point: string;
  /** Version 1: what it controls. */
  readonly controllers: readonly string[];
}

/** The control groups of this process. */
export class ControlGroups {
  readonly #files: KernelFiles;
  readonly #found = new Map<string, readonly GroupFolder[]>();
  #foundAt = Number.NEGATIVE_INFINITY;

  constructor(files: KernelFiles) {
    this.#files = files;
  }

  /** The folders that may limit something (`memory`, `cpu`, `cpuacct`, `pids`), this process's own first, then those above it. */
  of(controller: string): readonly GroupFolder[] {
    const now = performance.now();
    if (now - this.#foundAt > FOUND_FOR_MS) {
      this.#found.clear();
      this.#foundAt = now;
    }
    let folders = this.#found.get(controller);
    if (!folders) {
      folders = this.#find(controller);
      this.#found.set(controller, folders);
    }
    return folders;
  }

  #find(controller: string): readonly GroupFolder[] {
    const own = (this.#files.text('/proc/self/cgroup') ?? '').split('\n').map(toMembership);
    const mounts = (this.#files.text('/proc/self/mountinfo', MOUNTS_BYTES_MAX) ?? '')
      .split('\n')
      .flatMap(toMount);
    return own.flatMap((membership) => {
      if (!membership) return [];
      const { controllers, path } = membership;
      const version = controllers.length === 0 ? 2 : 1;
      if (version === 1 && !controllers.includes(controller)) return [];
      const mount = mounts.find(
        (each) =>
          each.version === version && (version === 2 || each.controllers.includes(controller)),
      );
      return mount ? this.#climb(mount, path) : [];
    });
  }

  /** From the process's own folder up to where the hierarchy is mounted. */
  #climb({ version, root, point }: Mount, path: string): GroupFolder[] {
    const within = root === '/' ? path : path.slice(root.length);
    const isWithin = root === '/' || path === root || path.startsWith(`${root}/`);
    const wanted = posix.join(point, isWithin ? within : '/');
    // In a container the path may be the machine's, which is not to be seen from here: what is mounted then is its own.
    const isThere = !within.split('/').includes('..') && this.#files.has(wanted);
    const folders: GroupFolder[] = [];
    for (let at = isThere ? wanted : point; folders.length < DEPTH_MAX; at = posix.dirname(at)) {
      folders.push({ version, path: at.replace(/\/$/, '') });
      if (at.replace(/\/$/, '') === point || at.length <= point.length) break;
    }
    return folders;
  }
}

/** `4:memory:/some/group`, and `0::/some/group` for version 2. */
function toMembership(
  line: string,
): { readonly controllers: readonly string[]; readonly path: string } | null {
  const parts = /^\d+:([^:]*):(\/.*)$/.exec(line);
  if (!parts) return null;
  const [, controllers = '', path = '/'] = parts;
  return { controllers: controllers === '' ? [] : controllers.split(','), path };
}

/** A line of mountinfo: `31 23 0:28 ROOT POINT options … - TYPE source superoptions`. */
function toMount(line: string): Mount[] {
  const [before = '', after = ''] = line.split(' - ');
  const [, , , root = '', point = ''] = before.split(' ');
  const [type, , options = ''] = after.split(' ');
  if (!root.startsWith('/') || !point.startsWith('/')) return [];
  const where = { root: plain(root), point: plain(point) };
  if (type === 'cgroup2') return [{ version: 2, controllers: [], ...where }];
  return type === 'cgroup' ? [{ version: 1, controllers: options.split(','), ...where }] : [];
}

/** Spaces and the like stand there as `\040`. */
function plain(path: string): string {
  return path.replace(/\\(\d{3})/g, (_, octal: string) =>
    String.fromCharCode(Number.parseInt(octal, 8)),
  );
}
