// Owns finding the corral.yaml that is meant when none is named. It reads none.

import { lstatSync, realpathSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { CorralError } from '../model/errors.ts';
import { safeText } from '../model/safe-text.ts';

/** What a configuration may be called. */
const NAMES = ['corral.yaml', 'corral.yml'] as const;

/** From where to look, and who is asking. */
export interface FindOptions {
  /** Default: the working directory. */
  readonly cwd?: string;
  /** Default: the user's. */
  readonly home?: string;
  /** Default: the user's id; undefined where there are none, as on Windows. */
  readonly uid?: number | undefined;
}

/**
 * The nearest corral.yaml: in the working directory, then in the folders above it up to the root of the repository, or up
 * to the home directory where there is no repository. Nowhere else: what lies in /tmp or / is nobody's configuration.
 * @returns its path, seen from the working directory where it is inside; null where there is none
 * @throws {CorralError} `bad-config` for two in one folder, or one of another user: whoever can write it decides what a macro may do
 */
export function findConfig(options: FindOptions = {}): string | null {
  const { cwd = process.cwd(), home = homedir(), uid = process.getuid?.() } = options;
  for (const folder of foldersFrom(cwd, realPath(home))) {
    const found = NAMES.map((name) => ({
      path: join(folder, name),
      owner: ownerOf(join(folder, name)),
    })).filter(({ owner }) => owner !== null);
    const [first, second] = found;
    if (!first) continue;
    if (second)
      throw new CorralError(
        'bad-config',
        `There are two configurations, ${shown(first.path)} and ${shown(second.path)}; keep one of them.`,
      );
    if (uid !== undefined && first.owner !== uid && first.owner !== 0)
      throw new CorralError(
        'bad-config',
        `${shown(first.path)} belongs to another user; name it with --config to use it, or give --no-config.`,
      );
    return folder === cwd ? relative(cwd, first.path) : first.path;
  }
  return null;
}

/** The working directory and the folders above it that may hold a configuration, the nearest first. */
function foldersFrom(cwd: string, home: string): string[] {
  const above: string[] = [];
  for (let folder = cwd; ; folder = dirname(folder)) {
    above.push(folder);
    if (ownerOf(join(folder, '.git')) !== null) return above;
    if (dirname(folder) === folder) break;
  }
  const homeAt = above.indexOf(home);
  return homeAt < 0 ? above.slice(0, 1) : above.slice(0, homeAt + 1);
}

/** A working directory is told with its links followed. */
function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

/** The user id of whoever owns what lies there; null for nothing, or where nobody lets us look. */
function ownerOf(path: string): number | null {
  try {
    return lstatSync(path).uid;
  } catch {
    return null;
  }
}

function shown(path: string): string {
  return safeText(path, { charsMax: 300 });
}
