// Owns running a macro again from its crash dump, with everything it was given then, and saying whether it ends the same way.

import { z } from 'zod';
import { shareCode } from '../analysis/loops/share-code.ts';
import { KEEP_DEFAULT } from '../dumps/keep-limits.ts';
import { defineCommand } from '../model/command.ts';
import type { DebugDoor } from '../model/debugging.ts';
import type { CrashDump } from '../model/dump.ts';
import { CorralError } from '../model/errors.ts';
import type { EndEvent } from '../model/events.ts';
import { GUARD_LEVELS, type GuardLevel, toGuard } from '../model/guard.ts';
import { LIMIT_NAMES, type LimitValues } from '../model/limits.ts';
import { toHouse } from '../model/settings.ts';
import { decodeValue, RESULT_BOUNDS } from '../model/value.ts';
import type { LibraryMacro, MacroLibrary } from './library.ts';
import { type Divergence, Recording } from './recording.ts';
import type { Run } from './run.ts';
import { Supervisor } from './supervisor.ts';

/** How the place of the end compares: the same line, another turn of the same loop or call, or elsewhere. */
export type PlaceMatch = 'same' | 'near' | 'different' | 'unknown';

/** What came of a replay. */
export interface Replay {
  /** True when it ended for the same reason, with the same error, at the same place, and asked for nothing else. */
  readonly same: boolean;
  readonly end: EndEvent;
  readonly place: PlaceMatch;
  /** What it asked for that the recording has not. */
  readonly diverged: readonly Divergence[];
  /** Recorded and not asked for again. */
  readonly missing: number;
  /** True where the recording ended before the macro did: nothing can be said of what came after. */
  readonly partial: boolean;
}

/** How a replay is watched. */
export interface ReplayOptions {
  /** Cancels it. */
  readonly signal?: AbortSignal;
  /** Lets a debugger step through it; its limits stand still while it is held. */
  readonly debug?: DebugDoor;
  /** Handed the run as soon as it is started. */
  readonly onStart?: (run: Run) => void;
}

/**
 * Replays a dump: same source, seed, input, limits, clock and answers. No host hears of it, no state is touched, no dump is
 * written. It takes as long as the run did.
 * @throws {CorralError} `bad-dump` for one that cannot be replayed, saying why; `bad-usage` for a debugger at a high level
 */
export async function replayDump(dump: CrashDump, options: ReplayOptions = {}): Promise<Replay> {
  const { journal } = dump;
  if (!journal)
    throw new CorralError(
      'bad-dump',
      'This crash dump has no journal to replay from: it was written by an older Corral, or was too large for it.',
    );
  if (dump.truncated?.some((field) => field === 'source' || field === 'input'))
    throw new CorralError(
      'bad-dump',
      `This crash dump cannot be replayed: its ${dump.truncated.join(', ')} were left out because it was too large.`,
    );
  const recording = new Recording(journal);
  const supervisor = createReplaySupervisor(dump);
  try {
    const run = supervisor.start(dump.source, {
      input: decodeValue(JSON.stringify(dump.input ?? {}), RESULT_BOUNDS, 'input'),
      name: dump.macro.name.slice(0, 200) || 'macro',
      file: dump.macro.file,
      language: dump.macro.language,
      seed: dump.seed,
      lint: false,
      library: libraryOf(dump),
      limits: callerLimits(dump),
      replay: { recording, clockMs: Date.parse(dump.startedAt) || 0 },
      ...(options.signal && { signal: options.signal }),
      ...(options.debug && { debug: options.debug }),
    });
    options.onStart?.(run);
    return compare(dump, await run.result, recording);
  } finally {
    await supervisor.close();
  }
}

function createReplaySupervisor(dump: CrashDump): Supervisor {
  const commands = Object.entries(dump.catalogue ?? {}).flatMap(([category, verbs]) =>
    verbs.map((verb) =>
      defineCommand({
        name: `${category}.${verb}`,
        description: 'Answers as it did.',
        input: z.looseObject({}),
        output: z.unknown(),
        // Never called: what a replayed macro asks for is answered from the recording.
        run: () => null,
      }),
    ),
  );
  const level = GUARD_LEVELS.find((each) => each === dump.level) ?? ('medium' satisfies GuardLevel);
  const guard = toGuard(level);
  return new Supervisor({
    commands,
    parseSlash: () => {
      throw new Error('a replay parses no slash line');
    },
    guard,
    limits: hostLimits(dump, guard.limits),
    privileged: new Set(commands.map(({ name }) => name)),
    dump: 'never',
    dumpDir: '',
    dumpKeep: KEEP_DEFAULT,
    snapshotBytes: null,
    // Nothing is held there.
    toRelease: () => '',
    stateDir: null,
    // What is run again says nothing new of its macro, and one in quarantine may be looked into.
    ledger: null,
    house: toHouse({ workers: { max: 1, warm: 1 } }),
    share: false,
    emergency: null,
    // What it did then is not judged again, and nobody is to remember it twice.
    patterns: () => [],
  });
}

/**
 * Every limit as it was, and set by whom it was set by: a level that has the same value says it itself, and whoever lowers
 * one lowers it again, from just above.
 */
function hostLimits({ limits }: CrashDump, base: LimitValues): Partial<LimitValues> {
  return Object.fromEntries(
    LIMIT_NAMES.flatMap((name) => {
      const limit = limits[name];
      if (!limit) return [];
      const { value, setBy } = limit;
      if (setBy === 'guard level' && value === base[name]) return [];
      return [[name, setBy === 'header' || setBy === 'caller' ? value + 1 : value]];
    }),
  );
}

function callerLimits({ limits }: CrashDump): Partial<LimitValues> {
  return Object.fromEntries(
    LIMIT_NAMES.flatMap((name) => {
      const limit = limits[name];
      return limit?.setBy === 'caller' ? [[name, limit.value]] : [];
    }),
  );
}

/** The macros that were called then, as they were. */
function libraryOf({ called = [] }: CrashDump): MacroLibrary {
  const macros = new Map<string, LibraryMacro>(called.map((each) => [each.name, each]));
  return {
    find: async (name) => macros.get(name) ?? null,
    names: async () => [...macros.keys()].sort(),
  };
}

function compare(dump: CrashDump, end: EndEvent, recording: Recording): Replay {
  const place = matchPlace(dump, end);
  const sameError =
    dump.error?.name === end.error?.name && dump.error?.message === end.error?.message;
  const { diverged, exhausted: partial } = recording;
  // What was never answered, or not reached because the end came a moment earlier, is no difference.
  const missing = recording.left.filter(({ afterMs }) => afterMs !== null).length;
  const same =
    dump.reason === end.reason &&
    sameError &&
    diverged.length === 0 &&
    !partial &&
    (place === 'same' || place === 'near' || isWhereItWaited(dump));
  return { same, end, place, diverged, missing, partial };
}

/** Of a macro that was stopped between two things it did only the one before is known: it may be stopped in the next. */
function isWhereItWaited({ place, stack }: CrashDump): boolean {
  if (place?.source === 'last-command' || place?.source === 'waiting') return true;
  return place?.source === 'operation' && place.operation === 'await' && stack.length === 0;
}

function matchPlace({ place, source, macro, stack }: CrashDump, end: EndEvent): PlaceMatch {
  if (!place || end.line === null) return place || end.line !== null ? 'unknown' : 'same';
  if (place.file !== end.file) return 'different';
  const { line } = end;
  if (place.line === line) return 'same';
  if (place.file !== macro.file) return 'unknown';
  // Where a loop is found when it is stopped is chance: in it, or in whatever it has called.
  const lines = [place, ...stack].flatMap((each) => (each.file === macro.file ? [each.line] : []));
  const isNear = lines.some((each) => shareCode(source, macro.language, [each, line]));
  return isNear ? 'near' : 'different';
}
