// Owns `corral types`: writes the editor's types for a host's commands.

import { writeFile } from 'node:fs/promises';
import { Command } from 'commander';
import type { HostName } from '../hosts/builtin-hosts.ts';
import { editorTypes } from '../model/editor-types.ts';
import { toSystemReason } from '../model/errno.ts';
import { CorralError } from '../model/errors.ts';
import { catalogueOf, hostOption } from './commands.ts';

/** `corral types`. */
export function typesCommand(): Command {
  return new Command('types')
    .description('Write the types of everything a macro sees (.d.ts), for editors.')
    .addOption(hostOption())
    .option('--out <file>', 'write to this file instead of stdout')
    .exitOverride()
    .action(async ({ host, out }: { host: HostName; out?: string }) => {
      const text = editorTypes(catalogueOf(host));
      if (out === undefined) process.stdout.write(text);
      else await writeTypes(out, text);
    });
}

async function writeTypes(path: string, text: string): Promise<void> {
  try {
    await writeFile(path, text);
  } catch (error) {
    throw new CorralError(
      'unwritable-file',
      `Cannot write types ${path}: ${toSystemReason(error)}.`,
      {
        cause: error,
      },
    );
  }
  process.stderr.write(`Wrote ${path}.\n`);
}
