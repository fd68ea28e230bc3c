// Owns looking at one macro that is to be ended, or is held: its frames with variables, and what profiling has noted.

import { setTimeout as sleep } from 'node:timers/promises';
import type { WireFrame } from '../model/wire.ts';
import { macroThreadsCpuMs, whileWithin } from './cpu-clock.ts';
import { framesOfText, readBlocks, readFrames } from './forensics.ts';
import type { CallFrame } from './inspector.ts';
import type { MacroIsolate } from './isolate.ts';
import type { Noted } from './profiling.ts';
import { type Realm, UNANSWERED } from './realm.ts';

/** How long a stopped isolate may take to be looked at (ms); the supervisor kills after its own grace anyway. */
const EXAMINE_MS = 400;
/** How much CPU (ms) a macro may use while it is asked for its stack. */
const TEXT_CPU_MS = 20;
const TEXT_MS = 250;
/** How long one step may take (ms): where it never comes to its end, the macro has to be ended. */
const STEP_MS = 1_000;
/**
 * And from the time it is told to stop, until it is ended instead; until nobody waits for it any more; while its variables
 * are read, or its profiles made, or one step, if so much is left: as shares of what the supervisor grants before it gives a
 * macro up. All together stay below that.
 */
const END_SHARE = 0.4;
const STOP_SHARE = 0.47;
const LOCALS_SHARE = 0.27;
const STEP_SHARE = 0.12;
const ALL_SHARE = 0.85;
/** What is granted to one that is only looked at (ms of CPU). */
const LOOK_CPU_MS = 150;
/** One that is asleep needs no CPU to be roused; profiles of a stopped one are made within some ms of CPU (ms of wall time). */
const ROUSE_MS = 1_500;
const NOTED_MS = 1_000;
const NEVER = new Promise<never>(() => undefined);

/** What is told of a macro on its way to its end. */
export interface EndWatcher {
  /** It stands still: what is used from now on is used by who looks at it. */
  onStopped(): void;
  /** It is asleep, and will be woken: from then on it no longer waits for all that it did. */
  onAsleep(): void;
}

/**
 * Frames of a macro that is not to go on, top first; `asleep` says that they are where it would have gone on. Never
 * resolves for one that is inside a built-in.
 * @param graceCpuMs CPU that it may use until the supervisor gives it up
 */
export async function framesAtEnd(
  realm: Realm,
  graceCpuMs: number,
  watcher: EndWatcher,
): Promise<{ readonly frames: WireFrame[]; readonly asleep: boolean }> {
  const { isolate } = realm;
  // What comes for it meanwhile would wake it too early, or again where it had just gone to sleep; then it is what wakes it.
  realm.hold();
  const asleep = !isolate.busy;
  const frames = isolate.gone || asleep ? [] : await stopAndRead(realm, graceCpuMs, watcher);
  // What it was doing may have been over before it could be stopped.
  if (frames.length > 0 || isolate.gone || isolate.busy) return { frames, asleep };
  watcher.onAsleep();
  return { frames: await rouseAndRead(realm, graceCpuMs), asleep: true };
}

/** Frames of a macro that is held, top first; none of one that is held asleep. */
export async function framesWhileHeld(realm: Realm): Promise<WireFrame[]> {
  const { inspector } = realm.isolate;
  return realm.isolate.gone || !inspector.paused
    ? []
    : read(realm, inspector.pausedFrames, LOOK_CPU_MS);
}

/** What profiling has noted; one that is not held is ended first, and one that cannot be asked has told its part before. */
export async function notedAtEnd(
  { isolate, profiling }: Realm,
  graceCpuMs: number,
): Promise<Noted> {
  const none = { cpu: null, heap: null };
  if (isolate.gone) return none;
  const late = whileWithin(graceCpuMs * LOCALS_SHARE, NOTED_MS).then(() => none);
  if (isolate.busy && !isolate.inspector.paused) {
    await Promise.race([isolate.end(), late]);
    if (isolate.busy || isolate.gone) return none;
  }
  return Promise.race([profiling.collect(), late]);
}

/**
 * Frames of a busy macro. To show what it stops, the debugger reads the text of every error in sight, and a getter of
 * the macro's may make that last for ever: then the stack as text, taken before, has to do. That text also names the
 * functions that await the stopped one.
 */
async function stopAndRead(
  realm: Realm,
  graceCpuMs: number,
  watcher: EndWatcher,
): Promise<WireFrame[]> {
  const { isolate } = realm;
  const from = macroThreadsCpuMs();
  const asText = textOf(isolate).catch(() => '');
  const late = async () => {
    const text = await asText;
    if (text === '') return NEVER;
    await whileWithin(graceCpuMs * STOP_SHARE, Number.POSITIVE_INFINITY);
    return text;
  };
  // Asked for at once, and answered after the text.
  const stopped = await Promise.race([isolate.stop(graceCpuMs * END_SHARE), late()]);
  // One that was ended instead has no frames, and the text is there by now if it ever will be.
  const text = await Promise.race([asText, Promise.resolve('')]);
  if (typeof stopped === 'string' || stopped.length === 0)
    return framesOfText(text || (await soon(asText)), realm);
  watcher.onStopped();
  const frames = await read(realm, stopped, graceCpuMs);
  const left = graceCpuMs * ALL_SHARE - (macroThreadsCpuMs() - from);
  await addLoopVariables(realm, frames, Math.min(graceCpuMs * STEP_SHARE, left));
  return [...frames, ...framesOfText(text, realm).filter(({ async }) => async)];
}

/** The stack as text; at the very end of it there is no room to make one, which the next moment may be over. */
async function textOf({ inspector }: MacroIsolate): Promise<string> {
  return (
    (await inspector.stackText()) || (await inspector.stackText()) || (await inspector.stackText())
  );
}

/** What is there within little more CPU; '' where nothing is. */
async function soon(text: Promise<string>): Promise<string> {
  return (await Promise.race([text, whileWithin(TEXT_CPU_MS, TEXT_MS)])) ?? '';
}

/**
 * A `for` loop with nothing in it that can be stopped is stopped where one turn ends and the next begins: outside of the
 * block that its variables are declared in. One step on they are seen; the place stays where it was.
 */
async function addLoopVariables(
  realm: Realm,
  [top]: readonly WireFrame[],
  cpuMs: number,
): Promise<void> {
  const declares = top && /^for\s*\(\s*(?:let|const)\b/.test(realm.textAt(top.line, top.column));
  if (!declares || cpuMs <= 0) return;
  const { inspector } = realm.isolate;
  const late = whileWithin(cpuMs, STEP_MS).then(() => null);
  const stepped = await Promise.race([inspector.step(), late]);
  const frame = stepped?.find((each) => inspector.url(each) === realm.file);
  // Out of the loop, or into another function: those variables are none of this place.
  if (!frame || frame.functionName !== top.functionName) return;
  const read = readBlocks(inspector, frame).catch(() => null);
  const found = (await Promise.race([read, late])) ?? [];
  const known = new Set(top.locals.map(({ name }) => name));
  top.locals.unshift(...found.filter(({ name }) => !known.has(name)));
}

/**
 * Frames of a macro that is asleep, and its variables: it is woken, and held at the first thing it does. Else nobody
 * could say what a macro holds that grows a little between two sleeps.
 */
async function rouseAndRead(realm: Realm, graceCpuMs: number): Promise<WireFrame[]> {
  const { inspector } = realm.isolate;
  const late = sleep(ROUSE_MS, null, { ref: false });
  const armed = await Promise.race([inspector.breakIn(realm.file).catch(() => null), late]);
  const over = armed && realm.rouse();
  if (!over) return [];
  const stopped = await Promise.race([armed.stopped, over.then(() => null), late]);
  const frames = stopped ? await read(realm, stopped, graceCpuMs) : [];
  return frames.map((frame) => ({ ...frame, locals: frame.locals.map(asUnanswered) }));
}

/** What it was woken with is no value of its own. */
function asUnanswered(local: WireFrame['locals'][number]): WireFrame['locals'][number] {
  if (!local.preview.includes(UNANSWERED)) return local;
  const preview = local.preview.replaceAll(JSON.stringify(UNANSWERED), '(not answered)');
  return { ...local, preview, ...(local.type === 'string' ? { type: 'unknown', size: null } : {}) };
}

async function read(
  realm: Realm,
  stopped: readonly CallFrame[],
  graceCpuMs: number,
): Promise<WireFrame[]> {
  const { frames, done } = readFrames(realm.isolate.inspector, stopped, realm);
  // Nobody waits for what comes too late.
  const late = whileWithin(graceCpuMs * LOCALS_SHARE, EXAMINE_MS);
  await Promise.race([done.catch(() => undefined), late]);
  return frames.map((frame) => ({ ...frame, locals: [...frame.locals] }));
}
