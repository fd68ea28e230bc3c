// Owns finding the line of the author's source: from stack text, from stopped frames, from the last risky operation begun.

import { functionAt } from '../analysis/facts/function-at.ts';
import { namesMadeOf } from '../analysis/facts/made-of.ts';
import { Lines } from '../analysis/text/lines.ts';
import { parseMacro } from '../analysis/text/parse.ts';
import type { CommandEvent, MacroError } from '../model/events.ts';
import type { EndReason } from '../model/outcome.ts';
import type { WireFrame } from '../model/wire.ts';
import type { RealmPlan } from './realm-plan.ts';

/** How a place was found. */
export type PlaceSource = 'stack' | 'operation' | 'error' | 'waiting' | 'last-command';

/** A place in the source of one of a run's macros. */
export interface Place {
  readonly file: string;
  /** 1-based. */
  readonly line: number;
  /** 1-based, null where only the line is known. */
  readonly column: number | null;
  readonly source: PlaceSource;
  /** For `operation`: what was begun, e.g. `fill()`. */
  readonly operation: string | null;
}

const STACK_LINES_MAX = 60;
const CALLERS_MAX = 16;
/** In a text that is logged; each is held against the files of all macros of the run. */
const LOGGED_FRAMES_MAX = 500;
/** More of them are not looked for in the tree, one by one. */
const AWAITS_MAX = 500;
const FRAME = /^\s*at /;
/** In a frame: the bridge, isolated-vm, or a file of the machine or of Node. */
const OWN_FILE = /[( ](?:corral:bridge|<isolated-vm|file:\/\/|node:)/;
/** At the end of a frame: the wrapper, left of a macro's first column. */
const WRAPPER = /:1:-\d{1,7}\)?$/;

/** A place in a macro's own source. */
interface At {
  readonly line: number;
  readonly column: number;
}

/** The first place in the macro's own file that a stack text names, null when none does. The text is hostile. */
export function placeInStack(stack: string, realm: RealmPlan): At | null {
  const found = frameInStack(stack, realm);
  return found && { line: found.line, column: found.column };
}

/** The same with the function that stands there, as V8 names it; '' for none. */
function frameInStack(
  stack: string,
  realm: RealmPlan,
): (At & { readonly functionName: string }) | null {
  const mark = `${realm.analysis.file}:`;
  for (const raw of stack.split('\n', STACK_LINES_MAX)) {
    // A message may name places too; only frames count.
    const at = FRAME.test(raw) ? raw.lastIndexOf(mark) : -1;
    if (at < 0) continue;
    const match = /^(\d{1,7}):(\d{1,7})\)?$/.exec(raw.slice(at + mark.length).trim());
    // The wrapper around the macro stands left of its first column.
    if (!match || Number(match[2]) < 1) continue;
    const name = raw
      .slice(0, at)
      .replace(FRAME, '')
      .replace(/ ?\($/, '')
      .replace(/^async( |$)/, '');
    const place = realm.planted.toOriginal(Number(match[1]), Number(match[2]));
    return { ...place, functionName: name.slice(0, 200) };
  }
  return null;
}

/** Where an error was thrown: the first frame below its message that lies in the source; null when none does. */
export function placeOfError(
  { message, stack }: Pick<MacroError, 'message' | 'stack'>,
  realm: RealmPlan,
): ReturnType<typeof placeInStack> {
  // Its causes are told behind its own words, which are all that is in its stack.
  const [own = ''] = message.split(/ \((?:caused by|1\.) /, 1);
  const words = stack.includes(message) ? message : own;
  const at = stack.indexOf(words);
  const place = placeInStack(at < 0 ? stack : stack.slice(at + words.length), realm);
  return place && place.line <= realm.analysis.source.split('\n').length ? place : null;
}

/** Stack text with the author's own columns, Corral's own frames left out, and nothing but frames of the macro. */
export function cleanStack(stack: string, realm: RealmPlan): string {
  const lines = stack.split('\n', STACK_LINES_MAX);
  return lines.flatMap((line) => cleanLine(line, realm) ?? keptLine(line)).join('\n');
}

/** A text that a macro wrote, with the author's own columns in the stacks that are in it, and without Corral's own frames. */
export function cleanText(text: string, realms: ReadonlyMap<number, RealmPlan>): string {
  if (!text.includes('\n    at ')) return text;
  let frames = 0;
  const clean = (line: string): string[] => {
    if (!line.startsWith('    at ')) return [line];
    frames += 1;
    if (frames > LOGGED_FRAMES_MAX) return keptLine(line);
    for (const realm of realms.values()) {
      const cleaned = cleanLine(line, realm);
      if (cleaned) return cleaned;
    }
    return keptLine(line);
  };
  return text.split('\n').flatMap(clean).join('\n');
}

/** A frame in a macro's file as the author knows it, none for the wrapper around the macro; null for what is no such frame. */
function cleanLine(line: string, { analysis, planted }: RealmPlan): string[] | null {
  const mark = `${analysis.file}:`;
  const at = line.lastIndexOf(mark);
  const match =
    at < 0 ? null : /^(\d{1,7}):(-?\d{1,7})(\)?)$/.exec(line.slice(at + mark.length).trim());
  if (!match) return null;
  // The wrapper around the macro stands left of its first column.
  if (Number(match[2]) < 1) return [];
  const place = planted.toOriginal(Number(match[1]), Number(match[2]));
  return [`${line.slice(0, at)}${mark}${place.line}:${place.column}${match[3]}`];
}

function keptLine(line: string): string[] {
  return isOwnFrame(line) ? [] : [line];
}

function isOwnFrame(line: string): boolean {
  return line.startsWith('    at ') && (OWN_FILE.test(line) || WRAPPER.test(line));
}

/** Frames of a stopped macro with the author's own lines and columns. */
export function toSourceFrames(
  frames: readonly WireFrame[],
  realms: ReadonlyMap<number, RealmPlan>,
) {
  return frames.flatMap((frame) => {
    const realm = realms.get(frame.realm);
    if (!realm) return [];
    const place = realm.planted.toOriginal(frame.line, frame.column);
    const functionName = frame.functionName || namelessAt(place, realm);
    const { async: isAsync, locals } = frame;
    return [{ functionName, file: realm.analysis.file, ...place, async: isAsync, locals }];
  });
}

/** Where the macros stand that called this one, the last caller first: each waits at its call. */
export function callersOf(
  realmNumber: number,
  realms: ReadonlyMap<number, RealmPlan>,
): SourceFrame[] {
  const frames: SourceFrame[] = [];
  let called = realms.get(realmNumber)?.calledFrom;
  while (called && frames.length < CALLERS_MAX) {
    const caller = realms.get(called.realm);
    const found = caller && frameInStack(called.stack, caller);
    if (!caller || !found) break;
    const { line, column } = found;
    const functionName = found.functionName || namelessAt(found, caller);
    const { file } = caller.analysis;
    frames.push({ functionName, file, line, column, async: true, locals: [] });
    called = caller.calledFrom;
  }
  return frames;
}

/** What a function without a name is called: the macro's own top level is one too. */
function namelessAt(
  { line, column }: { readonly line: number; readonly column: number },
  { analysis }: RealmPlan,
): string {
  const { around } = readAnew(analysis);
  return around(line, column) ? '(anonymous)' : '(macro)';
}

/** The tree is not kept while a run waits or runs; that of a stopped one is made anew. */
function readAnew({ source, language }: RealmPlan['analysis']) {
  const { ast } = parseMacro(source, language);
  const { starts } = new Lines(source);
  const offsetOf = (line: number, column: number) => (starts[line - 1] ?? 0) + column - 1;
  return {
    /** The function around a place; null for none. */
    around: (line: number, column: number) => ast && functionAt(offsetOf(line, column), ast),
    /** The names that what is at a place goes into. */
    madeOf: (line: number, column: number) => (ast ? namesMadeOf(offsetOf(line, column), ast) : []),
  };
}

/** The `await` at which a function waits that would have gone on at a frame; null where it may be one of several. */
function waitOf(top: SourceFrame, begun: Place | null, realm: RealmPlan): Place | null {
  const { file } = realm.analysis;
  const { around } = readAnew(realm.analysis);
  const within = around(top.line, top.column);
  const isWithin = (at: At) => around(at.line, at.column) === within;
  if (begun?.operation === 'await' && begun.column !== null && isWithin(begun as At)) return begun;
  const awaits = realm.planted.beacons.filter(({ operation }) => operation === 'await');
  if (awaits.length > AWAITS_MAX) return null;
  const [only, another] = awaits.filter(isWithin);
  return only && !another ? { file, ...only, source: 'waiting' } : null;
}

/**
 * Frames whose first says where a macro that waited would have gone on: told as where it waits, where that is known, and
 * without what it made there of an answer that never came.
 */
export function atItsWait(
  frames: readonly SourceFrame[],
  place: Place | null,
  realm: RealmPlan | undefined,
) {
  const [top, ...callers] = frames;
  if (!top || place?.operation !== 'await' || place.column === null) return frames;
  const { line, column } = place;
  const made = realm && new Set(readAnew(realm.analysis).madeOf(line, column));
  const locals = top.locals.map((local) =>
    made?.has(local.name)
      ? { ...local, preview: '(not answered)', type: 'unknown', size: null }
      : local,
  );
  return [{ ...top, line, column, locals }, ...callers];
}

/** A frame in the author's own file. */
export type SourceFrame = ReturnType<typeof toSourceFrames>[number];

/** The place of a beacon, null for none; the number comes from the macro's side and may be anything. */
export function placeOfBeacon(beacon: number, realm: RealmPlan | undefined): Place | null {
  const found = realm?.planted.beacons[beacon];
  if (!realm || !found) return null;
  const { line, column, operation } = found;
  return { file: realm.analysis.file, line, column, source: 'operation', operation };
}

/** What is known of where a run was stopped. */
export interface StopTraces {
  readonly frames: readonly SourceFrame[];
  /** True for one that waited: its frames are where it would have gone on. */
  readonly asleep: boolean;
  /** The realm of the frames. */
  readonly waitingRealm: number;
  readonly reason: EndReason;
  /** The stack of what passed the limit by itself; '' where nothing did. */
  readonly writing: { readonly realm: number; readonly stack: string } | null;
  /** The command that ended it, where one did. */
  readonly command: { readonly file: string; readonly line: number } | null;
  /** The last risky operation begun, by realm and number. */
  readonly beacon: { readonly realm: number; readonly id: number } | null;
  readonly commands: readonly CommandEvent[];
}

/**
 * Where a run was stopped: where it wrote too much; at the command that was one too many; on the stack; else in the last
 * risky operation, or where it waits; else where it would have gone on; else after its last command.
 */
export function placeOfStop(
  { frames, asleep, waitingRealm, reason, writing, command, beacon, commands }: StopTraces,
  realms: ReadonlyMap<number, RealmPlan>,
): Place | null {
  const realm = realms.get(writing?.realm ?? -1);
  const wrote = realm && placeOfError({ message: '', stack: writing?.stack ?? '' }, realm);
  if (wrote) return { file: realm.analysis.file, ...wrote, source: 'stack', operation: null };
  if (command) return { ...command, column: null, source: 'last-command', operation: null };
  const [top] = frames;
  if (top && !asleep) {
    const { file, line, column } = top;
    return { file, line, column, source: 'stack', operation: null };
  }
  const line = commands.findLast((command) => command.line !== null)?.line;
  const file = realms.get(0)?.analysis.file;
  const given: Place | null =
    line == null || file === undefined
      ? null
      : { file, line, column: null, source: 'last-command', operation: null };
  // What passed the command limit was a command, whatever else was begun.
  if (reason === 'command-limit' && given) return given;
  const operation = beacon && placeOfBeacon(beacon.id, realms.get(beacon.realm));
  const waiting = realms.get(waitingRealm);
  const wait = top && waiting ? waitOf(top, operation, waiting) : null;
  if (wait) return wait;
  if (operation && reason !== 'command-limit') return operation;
  if (top) {
    const { file, line, column } = top;
    return { file, line, column, source: 'waiting', operation: null };
  }
  return given;
}
