// Owns telling what changed when settings are changed while Corral runs: each number by name, from what to what.

import type { Guard } from '../model/guard.ts';
import { GUARD_SCHEMA } from '../model/guard-schema.ts';
import { HOUSE_SCHEMA } from '../model/house-schema.ts';
import type { LimitValues } from '../model/limits.ts';
import { override } from '../model/overrides.ts';
import type { HouseSettings } from '../model/settings.ts';
import { settingsIn, toTree, valueAt, writtenName } from '../model/settings-tree.ts';

/** What is in force and may be changed while Corral runs. */
export interface InForce {
  readonly guard: Guard;
  /** What replaces the guard level's limits. */
  readonly limits: Partial<LimitValues>;
  readonly house: HouseSettings;
}

/** One setting that has another value than before, both as people write them. */
export interface SettingChange {
  /** `level`, `limits.cpu`, `guard.heapWarn`, `load.active`. */
  readonly setting: string;
  readonly from: string;
  readonly to: string;
}

/** So many are named in a message. */
const NAMED_MAX = 12;

/** What differs; the level first. */
export function settingChanges(before: InForce, after: InForce): SettingChange[] {
  const level = { setting: 'level', from: before.guard.level, to: after.guard.level };
  return [
    ...(level.from === level.to ? [] : [level]),
    ...NUMBERS.flatMap(({ setting, write, read }) => {
      const [from, to] = [write(read(before)), write(read(after))];
      return from === to ? [] : [{ setting, from, to }];
    }),
  ];
}

/** The changes in one line. */
export function changesText(changes: readonly SettingChange[]): string {
  const named = changes
    .slice(0, NAMED_MAX)
    .map(({ setting, from, to }) => `${setting} ${from} → ${to}`);
  const more = changes.length - named.length;
  return [...named, ...(more > 0 ? [`and ${more} more`] : [])].join(', ');
}

interface NumberInForce {
  readonly setting: string;
  readonly write: (value: unknown) => string;
  readonly read: (inForce: InForce) => unknown;
}

const NUMBERS: readonly NumberInForce[] = [
  ...settingsIn(toTree(GUARD_SCHEMA)).map(({ names, setting }) => ({
    setting: [...(names[0] === 'limits' ? [] : ['guard']), ...names.map(writtenName)].join('.'),
    write: (value: unknown) => String(setting.write(value)),
    read: ({ guard, limits }: InForce) => valueAt(override(guard, { limits }), names),
  })),
  ...settingsIn(toTree(HOUSE_SCHEMA)).map(({ names, setting }) => ({
    setting: names.map(writtenName).join('.'),
    write: (value: unknown) => String(setting.write(value)),
    read: ({ house }: InForce) => valueAt(house, names),
  })),
];
