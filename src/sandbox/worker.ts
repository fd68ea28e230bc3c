// The worker process: takes orders on descriptor 3, runs macros in isolates, keeps the next isolate ready. Started by
// path, never imported; its main thread runs no macro code, so it stays able to measure and to answer.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Socket } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { FrameReader, toFrame } from '../model/frames.ts';
import { RECYCLED_EXIT_CODE } from '../model/recycled.ts';
import type { FromWorker, RealmStart, ToWorker } from '../model/wire.ts';
import { MacroIsolate } from './isolate.ts';
import { reclaimFrom } from './reclaim.ts';
import { SandboxRun } from './run.ts';
import { Watchdog } from './watchdog.ts';

// Compiles whole files at once, so that the bridge's cached code holds all of it: half of a short run's time. From here on
// only, as a flag of the process it costs a start some 30 ms: for all of Node's own files too.
setFlagsFromString('--no-lazy');

const channel = new Socket({ fd: 3, readable: true, writable: true });
const runs = new Map<string, SandboxRun>();
const watchdog = new Watchdog(runs, send);
const ports = {
  send,
  wake: () => watchdog.wake(),
  settleCpu: () => watchdog.settleCpu(),
  fail: fatal,
};

/** The heap (bytes) the next isolate is prepared for: what the last run asked for. */
let nextHeapBytes = Number(process.argv[2]);
let ready: MacroIsolate | null = null;
let preparing = false;
/** Set once this process is to end: it prepares nothing more. */
let isLeaving = false;
/** A disposed isolate is torn down by another thread; it takes about 0.3 ms. */
const PREPARE_AFTER_MS = 1;
/** Leaving while an isolate is being torn down crashed one process in 30; with 50 ms in between none in 120. */
const TORN_DOWN_MS = 100;

/**
 * The next isolate is made once the result is out, so that a run never waits for the one after it, and before the old
 * one is disposed of: V8 can deadlock when one isolate is made while another is torn down.
 */
function send(message: FromWorker): void {
  channel.write(toFrame(message));
  if (message.type === 'done' && message.realm === 0) prepareSoon(0);
}

function prepareSoon(inMs: number): void {
  if (ready || preparing || isLeaving) return;
  preparing = true;
  if (inMs === 0) setImmediate(prepare);
  else setTimeout(prepare, inMs);
}

function prepare(): void {
  preparing = false;
  if (isLeaving) return;
  ready ??= new MacroIsolate(nextHeapBytes, catastrophe);
}

function takeIsolate(heapBytes: number): MacroIsolate {
  const fits =
    ready !== null && ready.heapBytesMax >= heapBytes && ready.heapBytesMax <= heapBytes * 4;
  const taken = fits && ready ? ready : new MacroIsolate(heapBytes, catastrophe);
  if (taken === ready) ready = null;
  else nextHeapBytes = heapBytes;
  return taken;
}

function start(order: RealmStart): void {
  let run = runs.get(order.run);
  if (!run) {
    run = new SandboxRun(order, ports);
    runs.set(order.run, run);
    watchdog.begin();
  }
  run.add(order, takeIsolate(order.heapBytes));
}

/** V8 gave up on an isolate: its thread never returns, so every run here says what it knows before the kill. */
function catastrophe(): void {
  for (const run of runs.values()) {
    const realm = run.top;
    if (realm?.isolate.busy)
      run.limit(realm, 'heap', Math.max(realm.heapUsed + realm.external, realm.heapBytes));
  }
}

async function dispose(run: SandboxRun): Promise<void> {
  await run.dispose();
  runs.delete(run.id);
  leaveIfEmpty();
  // Only where the run did not come to its own end, which has prepared for the next.
  prepareSoon(PREPARE_AFTER_MS);
}

/** Ends the process once it holds no run. What was written before still gets out: it is in the pipe by then. */
function leaveIfEmpty(): void {
  if (!isLeaving || runs.size > 0) return;
  if (channel.writableLength > 0) channel.once('drain', leaveIfEmpty);
  else leave().catch(fatal);
}

async function leave(): Promise<void> {
  const kept = ready;
  ready = null;
  // It may have been made this very moment.
  await kept?.quiet();
  kept?.dispose();
  setTimeout(() => process.exit(RECYCLED_EXIT_CODE), TORN_DOWN_MS);
}

function obey(order: ToWorker): void {
  switch (order.type) {
    case 'start':
      start(order);
      return;
    case 'reclaim':
      // The isolate kept ready stays: it holds next to nothing, and the next run would meet it being torn down.
      reclaimFrom(runs.values()).catch(fatal);
      return;
    case 'recycle':
      isLeaving = true;
      leaveIfEmpty();
      return;
    default:
      obeyFor(order);
  }
}

/** What is said of one run. */
function obeyFor(order: Extract<ToWorker, { readonly run: string }>): void {
  const run = runs.get(order.run);
  if (!run) return;
  switch (order.type) {
    case 'answer':
      run.realms
        .get(order.realm)
        ?.deliver({ id: order.id, value: order.value, error: order.error });
      break;
    case 'cancel':
      run.cancel(order.message);
      break;
    case 'debug':
      run.debug(order.message);
      break;
    case 'examine':
      run.examine(order.graceCpuMs).catch(fatal);
      break;
    case 'snapshot':
      run.snapshot().catch(fatal);
      break;
    case 'collect':
      watchdog.collect(run).catch(ignoreGone);
      break;
    case 'pause':
      run.pause().catch(fatal);
      break;
    case 'look':
      run.look().catch(fatal);
      break;
    case 'resume':
      run.resume();
      break;
    case 'dispose':
      dispose(run).catch(fatal);
      break;
  }
}

/** An isolate that is gone meanwhile has nothing more to tell; its end is reported elsewhere. */
function ignoreGone(): void {
  // Deliberately empty.
}

function fatal(error: unknown): void {
  process.stderr.write(`corral worker: ${error instanceof Error ? error.stack : String(error)}\n`);
  process.kill(process.pid, 'SIGKILL');
}

// A promise that nobody awaited and that failed comes here too.
process.on('uncaughtException', fatal);

// V8's profiler looks by SIGPROF. One that arrives just after the last profile has ended would kill a process that does
// not listen for it.
process.on('SIGPROF', () => undefined);

const reader = new FrameReader();
channel.on('data', (chunk: Buffer) => {
  try {
    for (const message of reader.push(chunk)) obey(message as ToWorker);
  } catch (error) {
    fatal(error);
  }
});
// The supervisor is gone: nothing here may outlive it, and a busy isolate would keep `process.exit` from returning.
channel.on('close', () => process.kill(process.pid, 'SIGKILL'));
channel.on('error', () => process.kill(process.pid, 'SIGKILL'));

const require = createRequire(import.meta.url);
const isolatedVm = JSON.parse(
  readFileSync(require.resolve('isolated-vm/package.json'), 'utf8'),
) as { version: string };
prepare();
send({ type: 'ready', isolatedVm: isolatedVm.version });
