// Owns the lock that keeps two Corrals from working on one batch: a file that names its process, void once that is gone.

import { randomBytes } from 'node:crypto';
import { linkSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { readProcess } from '../../control/process-table.ts';
import { toSystemReason } from '../../model/errno.ts';
import { CorralError } from '../../model/errors.ts';

const Holder = z.object({ pid: z.int().min(1), startedAtTick: z.number().nullable() });
type Holder = z.output<typeof Holder>;

/** How often a lock that is found void is tried to be taken over; who loses that many races waits for somebody. */
const TRIES = 5;
/** One that says nothing is being written, if it is younger than this (ms). */
const UNSAID_MS = 10_000;

/** What a lock's file is called, by what it locks. */
export function lockPath(path: string): string {
  return `${path}.lock`;
}

/**
 * Takes the lock of a file; disposing of it gives it back.
 * @throws {CorralError} `bad-usage` while another process has it, `unwritable-file`
 */
export function takeLock(path: string): Disposable {
  const file = lockPath(path);
  for (let attempt = 1; attempt <= TRIES; attempt++) {
    if (create(file)) return { [Symbol.dispose]: () => rmSync(file, { force: true }) };
    const holder = readHolder(file);
    if (!isVoid(file, holder)) throw taken(holder?.pid ?? null);
    setAside(file);
  }
  throw taken(null);
}

/** True for the lock of a process that is gone. */
export function isLockStale(file: string): boolean {
  return isVoid(file, readHolder(file));
}

function isVoid(file: string, holder: Holder | null): boolean {
  if (holder !== null) return !isAlive(holder);
  const about = statSync(file, { throwIfNoEntry: false });
  return about === undefined || Date.now() - about.mtimeMs > UNSAID_MS;
}

/** Takes a void lock away. Of several who do, one gets it; who gets a new one instead puts it back. */
function setAside(file: string): void {
  const aside = `${file}.${randomBytes(4).toString('hex')}`;
  try {
    renameSync(file, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  const holder = readHolder(aside);
  try {
    if (holder !== null && isAlive(holder)) linkSync(aside, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(aside, { force: true });
  }
}

function create(file: string): boolean {
  const holder: Holder = {
    pid: process.pid,
    startedAtTick: readProcess(process.pid)?.startedAtTick ?? null,
  };
  try {
    writeFileSync(file, JSON.stringify(holder), { flag: 'wx', mode: 0o600 });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw new CorralError('unwritable-file', `Cannot write ${file}: ${toSystemReason(error)}.`, {
      cause: error,
    });
  }
}

/** Null where there is none, or none that says who holds it. */
function readHolder(file: string): Holder | null {
  try {
    return Holder.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return null;
  }
}

function isAlive({ pid, startedAtTick }: Holder): boolean {
  const facts = readProcess(pid);
  if (facts !== null) return startedAtTick === null || facts.startedAtTick === startedAtTick;
  // Where the kernel tells nothing of processes, it still says whether there is one.
  if (process.platform === 'linux') return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function taken(pid: number | null): CorralError {
  const who = pid === null ? 'another Corral' : `another Corral (process ${pid})`;
  return new CorralError(
    'bad-usage',
    `This batch is being run by ${who}; wait for it, or stop it.`,
  );
}
