// Owns finding worker processes whose Corral is gone, with what was to start them, and ending them. Only what is surely a
// worker of Corral's, of this very user, and surely nobody's any more is ever touched: in doubt it is left alone.

import { readFileSync } from 'node:fs';
import { uptime } from 'node:os';
import { basename, dirname, isAbsolute, join } from 'node:path';
import { isStill, listPids, type ProcessFacts, readProcess } from './process-table.ts';

/** A worker whose Corral is gone. */
export type StrayWorker = Pick<ProcessFacts, 'pid' | 'startedAtTick' | 'residentBytes'>;

/** Flags that every worker is started with, and hardly anything else. */
const WORKER_FLAGS = ['--permission', '--allow-addons', '--no-node-snapshot', '--no-turboshaft'];
const WORKER_FILES = ['worker.ts', 'worker.js'];
/** Where somebody kills a Corral the very moment that it starts a worker, this may wait for ever for what to do. */
const WRAPPER = 'bwrap';
/** A worker notices by itself that its Corral is gone; one this young may be about to (ms). */
const AGE_MS_MIN = 10_000;
const TICKS_PER_SECOND = 100;
const WRAPPERS_MAX = 8;
/** How long the kernel may take to end a process (ms). */
const GONE_MS = 3_000;

/** The workers of this user whose Corral is gone. */
export function listStrayWorkers(ageMsMin = AGE_MS_MIN): readonly StrayWorker[] {
  return listPids().flatMap((pid) => {
    const facts = readProcess(pid);
    return facts && isStray(facts, ageMsMin) ? [facts] : [];
  });
}

/**
 * Ends a stray worker; true once it is gone, false when it is another process by now, or will not go.
 * @throws the system's own error where that is not permitted
 */
export async function endStrayWorker(worker: StrayWorker): Promise<boolean> {
  if (!isStill(worker)) return true;
  process.kill(worker.pid, 'SIGKILL');
  const until = performance.now() + GONE_MS;
  while (isStill(worker) && performance.now() < until)
    await new Promise((resolve) => setTimeout(resolve, 5));
  return !isStill(worker);
}

function isStray(facts: ProcessFacts, ageMsMin: number): boolean {
  if (facts.uid === null || facts.uid !== process.getuid?.()) return false;
  if (facts.program === null || !isWorkerOrWrapper(facts.args, facts.program)) return false;
  const ageMs = (uptime() - facts.startedAtTick / TICKS_PER_SECOND) * 1000;
  return ageMs >= ageMsMin && isOrphan(facts);
}

function isWorkerOrWrapper(args: readonly string[], program: string): boolean {
  if (basename(program) !== WRAPPER) return isWorkerCommand(args);
  return args.some((arg, at) => at > 0 && isAbsolute(arg) && isWorkerCommand(args.slice(at)));
}

/** Started as workers are, from a file that is Corral's. */
function isWorkerCommand(args: readonly string[]): boolean {
  const at = args.findIndex((arg, index) => index > 0 && !arg.startsWith('-'));
  const file = args[at] ?? '';
  const flags = args.slice(1, at);
  return (
    WORKER_FLAGS.every((flag) => flags.includes(flag)) &&
    isAbsolute(file) &&
    WORKER_FILES.includes(basename(file)) &&
    basename(dirname(file)) === 'sandbox' &&
    /^\d+$/.test(args[at + 1] ?? '') &&
    isOfCorral(file)
  );
}

/** `<package>/src/sandbox/worker.ts` or `<package>/dist/sandbox/worker.js`. */
function isOfCorral(file: string): boolean {
  try {
    const manifest = join(dirname(dirname(dirname(file))), 'package.json');
    const { name } = JSON.parse(readFileSync(manifest, 'utf8')) as { readonly name?: unknown };
    return name === 'corral';
  } catch {
    return false;
  }
}

/**
 * Whoever starts a worker starts it with the program it runs itself. So a parent that runs another program has only inherited
 * it from one that died, as has one of another user; one of this user whose program cannot be known may be its Corral. What
 * was to start a worker knows the program by a name that may be another, so there only the file's name counts.
 */
function isOrphan(worker: ProcessFacts): boolean {
  let parent = readProcess(worker.parentPid);
  let wrappers = 0;
  for (; parent !== null && isWrapperOf(parent, worker); wrappers++) {
    if (wrappers === WRAPPERS_MAX) return false;
    parent = readProcess(parent.parentPid);
  }
  if (parent === null || parent.uid === null) return false;
  if (parent.uid !== worker.uid) return true;
  const isWrapper = basename(worker.program ?? '') === WRAPPER;
  // What a wrapper makes in a namespace of its own has no other parent than that wrapper.
  if (isWrapper && worker.isInit && wrappers === 0) return true;
  if (parent.program === null) return false;
  return isWrapper
    ? !worker.args.map((arg) => basename(arg)).includes(basename(parent.program))
    : parent.program !== worker.program;
}

/** What stands between a worker and who started it, such as bubblewrap, has the worker's whole command line at its end. */
function isWrapperOf({ args }: ProcessFacts, worker: ProcessFacts): boolean {
  const tail = args.slice(-worker.args.length);
  const isSame = tail.every((arg, index) => arg === worker.args[index]);
  // Of two that start the same worker, one is inside of what the other has made.
  return isSame && (args.length > tail.length || basename(worker.program ?? '') === WRAPPER);
}
