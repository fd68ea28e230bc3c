// Owns the list of everything that can be configured: where each setting stands in a file, what it is by default, and the
// typed whole that they make. A setting that is new in the model is in it by itself.

import { KEEP_DEFAULT, type KeepLimits } from '../dumps/keep-limits.ts';
import { HOST_NAMES, type HostName } from '../hosts/builtin-hosts.ts';
import { GUARD_LEVELS, GUARD_TABLE, type GuardLevel, type GuardNumbers } from '../model/guard.ts';
import { GUARD_ABOUT, GUARD_SCHEMA, LIMIT_SCHEMA } from '../model/guard-schema.ts';
import { HOUSE_ABOUT, HOUSE_SCHEMA } from '../model/house-schema.ts';
import type { LimitValues } from '../model/limits.ts';
import {
  choice,
  count,
  duration,
  folder,
  list,
  orNone,
  type Setting,
  size,
} from '../model/setting.ts';
import { HOUSE_DEFAULTS, type HouseSettings } from '../model/settings.ts';
import {
  type SettingsOf,
  type SettingsTree,
  settingsIn,
  toTree,
  valueAt,
  writtenName,
} from '../model/settings-tree.ts';
import { WALL_MODES, type WallMode } from '../model/wall.ts';

/** When crash dumps are written. */
export const DUMP_WHENS = ['kill', 'always', 'never'] as const;

/** Where dumps go and how long they stay. */
export interface DumpSettings {
  readonly dir: string;
  readonly when: (typeof DUMP_WHENS)[number];
  readonly keep: KeepLimits;
  /** The largest heap snapshot beside a dump (bytes); null writes none. */
  readonly heapSnapshotBytes: number | null;
}

/** What only the command line and the service decide; the house and the guard are the model's. */
interface OwnSettings {
  readonly dumps: DumpSettings;
  /** Null keeps it in memory. */
  readonly state: { readonly dir: string | null };
  /** Null keeps it in memory. */
  readonly ledger: { readonly dir: string | null };
  /** Folders of patterns besides the built-in ones. */
  readonly patterns: readonly string[];
  readonly walls: WallMode;
  readonly commands: {
    readonly host: HostName;
    /** Privileged commands that macros may use. */
    readonly privileged: readonly string[];
  };
}

/** Everything that can be configured, as it is in force. */
export interface Settings extends HouseSettings, OwnSettings {
  readonly level: GuardLevel;
  /** What replaces the limits of whatever level is in force. */
  readonly limits: Partial<LimitValues>;
  readonly guard: Readonly<Record<GuardLevel, GuardNumbers>>;
}

const DAY = 24 * 60 * 60_000;

const OWN_SCHEMA: SettingsOf<OwnSettings> = {
  dumps: {
    dir: folder('Where crash dumps go.'),
    when: choice('Write one for kills, for failed runs too, or never.', DUMP_WHENS),
    keep: {
      count: count('Keep so many dumps.', { least: 1 }),
      ageMs: duration('Keep them for so long.', { least: 0, most: 3650 * DAY }),
      bytes: size('Keep up to so much.', { least: 0 }),
    },
    heapSnapshotBytes: orNone(
      size("Write the heap of a stopped macro, for Chrome's DevTools, up to so much."),
    ),
  },
  state: { dir: orNone(folder('Where macros keep their state; none keeps it in memory.')) },
  ledger: {
    dir: orNone(folder('Where is kept what is known of macros; none keeps it in memory.')),
  },
  patterns: list('Patterns of your own, besides the built-in ones.', 'folders or files'),
  walls: choice('Walls around the workers: those this machine has, or all.', WALL_MODES),
  commands: {
    host: choice('Where commands go.', HOST_NAMES),
    privileged: list('Privileged commands that macros may use.', 'names of commands'),
  },
};

const OWN_DEFAULTS: OwnSettings = {
  dumps: { dir: '.corral/dumps', when: 'kill', keep: KEEP_DEFAULT, heapSnapshotBytes: null },
  state: { dir: '.corral/state' },
  ledger: { dir: '.corral/ledger' },
  patterns: [],
  walls: 'available',
  commands: { host: 'training-ground', privileged: [] },
};

/** What is in force when nobody says anything; the limits are then the level's. */
export const SETTINGS_DEFAULT: Settings = {
  level: 'medium',
  limits: {},
  guard: GUARD_TABLE,
  ...HOUSE_DEFAULTS,
  ...OWN_DEFAULTS,
};

const SCHEMA: SettingsTree = {
  level: choice('The guard level: how strict Corral is.', GUARD_LEVELS) as Setting<unknown>,
  limits: toTree(LIMIT_SCHEMA),
  guard: Object.fromEntries(GUARD_LEVELS.map((level) => [level, toTree(GUARD_SCHEMA)])),
  ...toTree(HOUSE_SCHEMA),
  ...toTree(OWN_SCHEMA),
};

/** One thing that can be configured. */
export interface ConfigSetting {
  /** Its names in a file, and those of its rooms: `load`, `warnEvery`. */
  readonly names: readonly string[];
  /** The same as one: `load.warnEvery`. */
  readonly path: string;
  /** Its names in {@link Settings}, which end in units: `load`, `warnEveryMs`. */
  readonly target: readonly string[];
  readonly setting: Setting<unknown>;
  /** Undefined for a limit: the level has it. */
  readonly preset: unknown;
  /** True for paths that are relative to where they are written. */
  readonly isPath: boolean;
}

const PATHS: readonly string[] = ['dumps.dir', 'state.dir', 'ledger.dir', 'patterns'];

/** Everything that can be configured, in the order it is shown. */
export const CONFIG_SETTINGS: readonly ConfigSetting[] = settingsIn(SCHEMA).map(
  ({ names: target, setting }) => {
    const names = target.map(writtenName);
    const path = names.join('.');
    const preset = valueAt(SETTINGS_DEFAULT, target);
    return { names, path, target, setting, preset, isPath: PATHS.includes(path) };
  },
);

const BY_PATH = new Map(CONFIG_SETTINGS.map((each) => [each.path, each]));

/** The setting of a path, or undefined. */
export function settingAt(path: string): ConfigSetting | undefined {
  return BY_PATH.get(path);
}

/** What a room is about: a sentence. */
export function roomAbout(path: string): string {
  const about: Readonly<Record<string, string>> = {
    ...HOUSE_ABOUT,
    limits: "What a run may use, whatever the level: in the place of the level's limits.",
    guard: 'Other numbers for the guard levels than those of the table.',
    dumps: 'Crash dumps.',
    'dumps.keep': 'What goes beyond any of these is removed, the oldest first.',
    state: 'What macros keep from run to run.',
    ledger: 'What is known of macros: their risk, and which are held.',
    commands: 'What macros may tell the host.',
  };
  const [first, level, ...rest] = path.split('.');
  if (first !== 'guard' || level === undefined) return about[path] ?? '';
  const room = rest.join('.');
  return room === ''
    ? `Numbers of guard level ${level}.`
    : GUARD_ABOUT[room as keyof typeof GUARD_ABOUT];
}
