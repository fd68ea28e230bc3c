// Owns where a macro's input comes from: a flag, a file, or stdin.

import { CorralError } from '../../model/errors.ts';
import { readSourceFile } from '../source-file.ts';

/** Where the input may come from. */
interface InputFlags {
  readonly input?: string;
  readonly inputFile?: string;
}

/**
 * Reads what the macro at `path` gets as its input; undefined for none.
 * @throws {CorralError} `bad-usage`, `bad-input`, or what reading a file throws
 */
export async function readInput(path: string, flags: InputFlags): Promise<unknown> {
  if (flags.input !== undefined && flags.inputFile !== undefined)
    throw new CorralError('bad-usage', 'Give either --input or --input-file, not both.');
  if (flags.inputFile === '-' && path === '-')
    throw new CorralError(
      'bad-usage',
      'Stdin cannot be the macro and its input at once; put one of them into a file.',
    );
  if (flags.inputFile !== undefined) {
    const { text, file } = await readSourceFile(flags.inputFile, 'input');
    return parseInput(text, file);
  }
  return flags.input === undefined ? undefined : parseInput(flags.input, '--input');
}

function parseInput(text: string, from: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new CorralError(
      'bad-input',
      `Cannot read the input from ${from}: it is not JSON (${why}); write for example --input '{"rounds":3}'.`,
      { cause: error },
    );
  }
}
