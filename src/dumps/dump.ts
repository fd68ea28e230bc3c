// Owns a crash dump's files: writes each atomically, reads the JSON of any version back and names what is wrong with it.

import { randomBytes } from 'node:crypto';
import { open, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { CrashDump, DUMP_SCHEMA_VERSION } from '../model/dump.ts';
import { toSystemReason } from '../model/errno.ts';
import { CorralError, toMessage } from '../model/errors.ts';
import { makeFolder } from '../model/folder.ts';
import { isHandedOver } from '../model/handed-over.ts';
import { fitDump } from './fit.ts';
import { dumpSummary } from './summary.ts';
import { toCurrentVersion } from './versions.ts';

/** Where a dump was written. */
export interface DumpFiles {
  readonly jsonPath: string;
  /** Null where the summary could not be written. */
  readonly textPath: string | null;
  /** What of the files beside the dump could not be written, and why. */
  readonly problem: string | null;
}

/** The largest dump read (bytes). */
export const DUMP_BYTES_MAX = 256 * 1024 * 1024;
/** A syntax tree longer than this (characters of JSON) is left out: it can be made again from the source. */
const AST_CHARS_MAX = 16 * 1024 * 1024;

/**
 * Writes `corral-crash-dump-YYYYMMDD-HHMMSS-<run>.json` and `corral-crash-summary-….txt` (UTC), and beside the dump what
 * was profiled as `.cpuprofile` and `.heapprofile`; each whole or not at all, readable by their owner only. All but the
 * dump can be made again from it, so failing to write them is no error.
 * @throws {CorralError} `unwritable-file`
 */
export async function writeDump(
  dump: CrashDump,
  options: { readonly dir: string },
): Promise<DumpFiles> {
  const stamp = dump.endedAt.slice(0, 19).replace(/[-:]/g, '').replace('T', '-');
  const name = `${stamp}-${dump.runId.replace(/[^A-Za-z0-9_-]/g, '').slice(0, 64)}`;
  const base = join(options.dir, `corral-crash-dump-${name}`);
  const jsonPath = `${base}.json`;
  const textPath = join(options.dir, `corral-crash-summary-${name}.txt`);
  try {
    makeFolder(options.dir);
    await writeWhole(jsonPath, fitDump(dump, toJson));
    const problem = await beside('summary', textPath, () => dumpSummary(dump));
    const { profile, allocations } = dump;
    const others = [
      profile && (await beside('CPU profile', `${base}.cpuprofile`, () => JSON.stringify(profile))),
      allocations &&
        (await beside('heap profile', `${base}.heapprofile`, () => JSON.stringify(allocations))),
    ];
    await syncFolder(options.dir);
    return {
      jsonPath,
      textPath: problem === null ? textPath : null,
      problem: problem ?? others.find((each) => each) ?? null,
    };
  } catch (error) {
    throw new CorralError(
      'unwritable-file',
      `Cannot write the crash dump into ${options.dir}: ${toSystemReason(error)}; name another folder with --dump-dir.`,
      { cause: error },
    );
  }
}

/** Writes what can be made again from the dump; gives what kept it from that, null when nothing did. */
async function beside(what: string, path: string, text: () => string): Promise<string | null> {
  try {
    await writeWhole(path, text());
    return null;
  } catch (error) {
    return `The crash dump is written, but its ${what} ${path} cannot be: ${toSystemReason(error)}.`;
  }
}

function toJson(dump: CrashDump): string {
  const ast = JSON.stringify(dump.ast, astValue) ?? 'null';
  const rest =
    ast.length > AST_CHARS_MAX
      ? { ...dump, ast: null, astOmitted: `the tree takes ${ast.length} characters` }
      : { ...dump, ast: JSON.parse(ast) as unknown };
  return `${JSON.stringify(rest, null, 1)}\n`;
}

/** A literal's RegExp or BigInt has no JSON form; the tree keeps its source beside it anyway. */
function astValue(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' || value instanceof RegExp ? null : value;
}

async function writeWhole(path: string, text: string): Promise<void> {
  const draft = `${path}.${randomBytes(4).toString('hex')}.tmp`;
  try {
    await using handle = await open(draft, 'wx', 0o600);
    await handle.writeFile(text);
    await handle.sync();
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}

/** Makes the new names last through a power cut; a system that cannot sync a folder does not keep us from the dump. */
async function syncFolder(dir: string): Promise<void> {
  if (process.platform === 'win32') return;
  await using handle = await open(dir, 'r');
  await handle.sync();
}

/**
 * Reads a crash dump of any version: an earlier one is brought to the shape of today, of a newer one what is unknown is kept.
 * @throws {CorralError} `unreadable-file`, or `bad-dump` naming what is wrong and where
 */
export async function readDump(path: string): Promise<CrashDump> {
  const text = await readText(path);
  const bad = (what: string, cause?: unknown) =>
    new CorralError('bad-dump', `Cannot open crash dump ${path}: ${what}.`, { cause });
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw bad(whereItBreaks(text, error), error);
  }
  const format = (json as { format?: unknown } | null)?.format;
  if (format !== 'corral-crash-dump') throw bad('it is JSON, but no crash dump of Corral');
  const result = CrashDump.safeParse(toCurrentVersion(json as Record<string, unknown>));
  if (result.success) return result.data;
  const { path: field, message } = result.error.issues[0] ?? { path: [], message: 'it is damaged' };
  const name = field.map(String).join('.') || '(top)';
  const { schemaVersion } = json as { schemaVersion?: unknown };
  if (typeof schemaVersion === 'number' && schemaVersion > DUMP_SCHEMA_VERSION)
    throw bad(
      `it was written by a newer Corral (dumps of version ${schemaVersion}; this one knows up to ${DUMP_SCHEMA_VERSION}), and its field ${name} is not what it was: ${message}; open it with that Corral`,
      result.error,
    );
  throw bad(`its field ${name} is damaged: ${message}`, result.error);
}

async function readText(path: string): Promise<string> {
  const unreadable = (what: string, cause?: unknown) =>
    new CorralError('unreadable-file', `Cannot open crash dump ${path}: ${what}.`, { cause });
  try {
    const about = await stat(path);
    if (about.isDirectory()) throw unreadable('it is a folder; name a file in it');
    // A pipe that nobody writes into would hold us for good.
    if (!about.isFile() && !isHandedOver(path)) throw unreadable('it is no regular file');
    if (about.size > DUMP_BYTES_MAX)
      throw unreadable(`it is larger than ${DUMP_BYTES_MAX / 1024 / 1024} MB`);
    await using handle = await open(path, 'r');
    return new TextDecoder('utf-8', { fatal: true }).decode(await handle.readFile());
  } catch (error) {
    if (error instanceof CorralError) throw error;
    if (error instanceof TypeError)
      throw new CorralError('bad-dump', `Cannot open crash dump ${path}: it is not UTF-8 text.`, {
        cause: error,
      });
    throw unreadable(toSystemReason(error), error);
  }
}

function whereItBreaks(text: string, error: unknown): string {
  if (text.trim() === '') return 'it is empty';
  const at = breakOf(toMessage(error), text.length) ?? firstBadToken(text);
  const line = text.slice(0, at).split('\n').length;
  return at >= text.trimEnd().length
    ? `it ends too early, in line ${line} (cut off while it was written or copied?)`
    : `it is not JSON from line ${line} on`;
}

/** Where JSON.parse says that it stopped; null for a token it did not expect, of which it names no place. */
function breakOf(message: string, length: number): number | null {
  const position = /position (\d+)/.exec(message)?.[1];
  if (position !== undefined) return Number(position);
  return message.startsWith('Unexpected end') ? length : null;
}

/** The place of the token that JSON.parse did not expect: the longest beginning that merely ends too early. */
function firstBadToken(text: string): number {
  let low = 0;
  let high = text.length;
  while (low + 1 < high) {
    const middle = Math.floor((low + high) / 2);
    try {
      JSON.parse(text.slice(0, middle));
      low = middle;
    } catch (error) {
      const at = breakOf(toMessage(error), middle);
      if (at !== null && at >= middle) low = middle;
      else high = middle;
    }
  }
  return low;
}
