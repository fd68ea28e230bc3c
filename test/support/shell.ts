// Owns running a command line as a user pastes it.

import { execFile } from 'node:child_process';
import { delimiter, dirname, join } from 'node:path';

/** What a command line came to. */
export interface ShellResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Whose Node the line finds first: the machine's own, or the one that runs the tests (24). */
export type WhichNode = 'machine' | 'tests';

/** Runs a line in a shell; npm takes from its cache what this machine has already fetched. */
export function shell(line: string, cwd: string, node: WhichNode): Promise<ShellResult> {
  // npm hands its own settings on to what it runs, such as this test: a user's shell has none of them.
  const env = Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) =>
        !/^npm_(?!config_(cafile|registry|cache|userconfig))/i.test(name) &&
        !name.startsWith('NODE_TEST'),
    ),
  );
  // npm puts this project's own tools in front; a newcomer has only what the machine has.
  const own = (process.env.PATH ?? '')
    .split(delimiter)
    .filter((dir) => !dir.includes('node_modules'));
  const path = node === 'tests' ? [dirname(process.execPath), ...own] : own;
  return new Promise((resolve) => {
    execFile(
      'sh',
      ['-c', line],
      {
        cwd,
        env: {
          ...env,
          PATH: path.join(delimiter),
          // What Corral keeps for itself is gone with the folder.
          XDG_CACHE_HOME: join(cwd, '.cache'),
          NO_COLOR: '1',
          npm_config_prefer_offline: 'true',
        },
        maxBuffer: 64 * 1024 * 1024,
        // npm may have to fetch and build.
        timeout: 280_000,
        killSignal: 'SIGKILL',
      },
      (error, stdout, stderr) => {
        resolve({ code: error ? Number(error.code ?? 1) : 0, stdout, stderr });
      },
    );
  });
}
