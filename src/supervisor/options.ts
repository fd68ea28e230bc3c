// Owns what a supervisor, and one run, can be started with.

import type { KeepLimits } from '../dumps/keep-limits.ts';
import type { Command } from '../model/command.ts';
import type { DebugDoor } from '../model/debugging.ts';
import type { Guard } from '../model/guard.ts';
import type { MacroLedger } from '../model/ledger.ts';
import type { LimitValues } from '../model/limits.ts';
import type { Pattern } from '../model/pattern.ts';
import type { HouseSettings } from '../model/settings.ts';
import type { SlashParser } from './command-desk.ts';
import type { EmergencyState } from './interventions/emergency-stop.ts';
import type { MacroLibrary } from './library.ts';
import type { Recording } from './recording.ts';

/** When crash dumps are written: on kills, on `failed` runs too, or never. */
export type DumpWhen = 'kill' | 'always' | 'never';

/** What a supervisor is made of; every field is decided by the composition root. */
export interface SupervisorOptions {
  readonly commands: readonly Command[];
  readonly parseSlash: SlashParser;
  readonly guard: Guard;
  readonly limits: Partial<LimitValues>;
  readonly privileged: ReadonlySet<string>;
  readonly dump: DumpWhen;
  readonly dumpDir: string;
  readonly dumpKeep: KeepLimits;
  /** The largest heap snapshot written beside a dump (bytes); null writes none. */
  readonly snapshotBytes: number | null;
  /** Null keeps state in memory. */
  readonly stateDir: string | null;
  /** How somebody lets a macro out of quarantine, as its refusal tells. */
  readonly toRelease: (name: string, owner: string) => string;
  /** What is remembered of macros; null remembers nothing. Whoever made it closes it. */
  readonly ledger: MacroLedger | null;
  readonly house: HouseSettings;
  /** True lets macros that analysis cleared share a process. */
  readonly share: boolean;
  /** An emergency stop that was pulled before, and still holds; null for none. */
  readonly emergency: EmergencyState | null;
  /** What runs are watched for; read when the first one starts. */
  readonly patterns: () => readonly Pattern[];
}

/** What one run is started with. */
export interface StartOptions {
  /** Any JSON-like value; checked against the macro's `@input` lines. Default `{}`. */
  readonly input?: unknown;
  /** The run's id, 12 hexadecimal digits: for one that was announced before it is started. Default: by chance. */
  readonly id?: string;
  /** Whose macro it is: up to 100 characters, by default `local`. Names, queues and quarantine are each owner's own. */
  readonly owner?: string;
  /** Who goes first in the line, -10 to 10; 0 by default. Among equals the owners take turns. */
  readonly priority?: number;
  /** The name it is known by, up to 200 characters. Default: what its header says, else by its file. */
  readonly name?: string;
  /** Where the source came from, shown in stacks and dumps. Default `macro.js`. */
  readonly file?: string;
  /** Default: by the file's name. */
  readonly language?: 'js' | 'ts';
  /** Lower limits for this run (ms, bytes, counts). */
  readonly limits?: Partial<LimitValues>;
  /** Where `random()` starts from. Default: by chance, told in the `admission` event. */
  readonly seed?: number;
  /** True for one that somebody was promised: it waits however full the line is. Default false. */
  readonly isTaken?: boolean;
  /** False runs what lint would refuse (never what does not parse), alone in its process. Default true. */
  readonly lint?: boolean;
  /** The macros `macros.call` finds. Default: none. */
  readonly library?: MacroLibrary;
  /** Runs it as it was run before: with the answers it was given then, on the clock of then (ms since 1970). */
  readonly replay?: { readonly recording: Recording; readonly clockMs: number };
  /**
   * Lets a debugger in, once: the macro waits for it before its first line, and its limits stand still while it holds the
   * macro. Not at guard levels `high` and `maximum`. Default: none. See `openDevtools`.
   */
  readonly debug?: DebugDoor;
  /** Cancels the run when aborted. */
  readonly signal?: AbortSignal;
}
