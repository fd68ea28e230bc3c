// Owns `corral types`: writes the editor's types for a host's commands.

import { writeFile } from 'node:fs/promises';
import { Command } from 'commander';
import { editorTypes } from '../model/editor-types.ts';
import { toSystemReason } from '../model/errno.ts';
import { CorralError } from '../model/errors.ts';
import { catalogueOf, type HostFlags, hostOf, hostOptions } from './commands.ts';

/** `corral types`. */
export function typesCommand(): Command {
  const command = new Command('types')
    .description('Write the types of everything a macro sees (.d.ts), for editors.')
    .option('--out <file>', 'write to this file instead of stdout')
    .exitOverride();
  return hostOptions(command).action(async (flags: HostFlags & { readonly out?: string }) => {
    const text = editorTypes(catalogueOf(await hostOf(flags)));
    if (flags.out === undefined) process.stdout.write(text);
    else await writeTypes(flags.out, text);
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
