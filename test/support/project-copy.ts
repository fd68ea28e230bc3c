// Owns a copy of this project as a newcomer has it: what is kept in version control, nothing that was built or installed.

import { cpSync } from 'node:fs';
import { basename } from 'node:path';
import { ROOT } from './cli.ts';

const LEFT_OUT = new Set(['node_modules', '.git', 'dist', '.corral']);

/** Copies the project into an empty folder. */
export function copyProject(to: string): void {
  cpSync(ROOT, to, {
    recursive: true,
    filter: (source) => !LEFT_OUT.has(basename(source)) && !source.endsWith('.tgz'),
  });
}
