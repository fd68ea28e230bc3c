// Owns looking at many files, one after the other; one that cannot be read is no reason to keep quiet about the others.

import { CorralError } from '../../model/errors.ts';
import { readSourceFile, type SourceFile } from '../source-file.ts';
import { findMacros } from './find-macros.ts';
import {
  type Linted,
  type LintMeans,
  type LintResult,
  lintOnServer,
  lintSource,
  type Unread,
} from './linted.ts';
import { Progress } from './progress.ts';

/** The largest text lint reads (bytes): more than a run takes, for scripts that were packed into one. */
const BYTES_MAX = 8 * 1024 * 1024;
/** After so long the process looks whether it was interrupted. */
const BREATH_MS = 50;

/** What is looked at. */
export interface LintTargets {
  readonly paths: readonly string[];
  /** What to call stdin. */
  readonly stdinFilename?: string | undefined;
}

/** Looks at all files meant. */
export async function lintFiles(targets: LintTargets, means: LintMeans): Promise<LintResult> {
  const { files, problems } = await findMacros(targets.paths);
  const linted: Linted[] = [];
  const unread: Unread[] = problems.map((message) => ({ file: '', message }));
  using progress = new Progress(files.length);
  let breathedAt = performance.now();
  for (const [index, file] of files.entries()) {
    progress.at(index, file);
    const source = await readMacro(file, targets.stdinFilename);
    if ('message' in source) unread.push(source);
    else linted.push(await lintOne(source, means));
    if (performance.now() - breathedAt > BREATH_MS) {
      await new Promise((resolve) => setImmediate(resolve));
      breathedAt = performance.now();
    }
  }
  return { linted, unread };
}

async function lintOne(source: SourceFile, means: LintMeans): Promise<Linted> {
  const { server } = means;
  if (!server) return lintSource(source, means);
  return await lintOnServer(source, (text, options) => server.lint(text, options));
}

/** Reads one macro, or says why not. */
export async function readMacro(
  file: string,
  stdinFilename?: string,
): Promise<SourceFile | Unread> {
  if (file === '-' && process.stdin.isTTY)
    process.stderr.write(
      'Reading a macro from the terminal; end it with Ctrl-D on a line of its own.\n',
    );
  try {
    const source = await readSourceFile(file, 'macro', BYTES_MAX);
    if (file !== '-' || stdinFilename === undefined) return source;
    const language = /\.[cm]?ts$/.test(stdinFilename) ? 'ts' : 'js';
    return { ...source, file: stdinFilename, language };
  } catch (error) {
    if (!(error instanceof CorralError)) throw error;
    return { file, message: error.message };
  }
}
