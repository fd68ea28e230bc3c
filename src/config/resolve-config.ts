// Owns deciding between those who said something: the later source wins, what nobody said has its default, and what
// contradicts itself is refused.

import { isOutOfOrder, ORDER_RULES, type OrderRule } from '../model/order-rules.ts';
import { writtenName } from '../model/settings-tree.ts';
import { CONFIG_SETTINGS, type ConfigSetting, type Settings } from './config-settings.ts';
import { type Origin, originText, weightOf } from './origin.ts';
import type { ConfigProblem, Said } from './said.ts';

/** A setting as it is in force, and who decided it. */
export interface Entry {
  readonly setting: ConfigSetting;
  readonly value: unknown;
  readonly origin: Origin;
}

/** Everything that can be configured, as it is in force. */
export interface Configuration {
  readonly settings: Settings;
  /** What of it somebody said; the rest is default. */
  readonly said: PartialOf<Settings>;
  /** One for each setting, in the order they are shown. */
  readonly entries: readonly Entry[];
}

/** Some of a tree's values. */
export type PartialOf<Tree> = {
  readonly [Name in keyof Tree]?: NonNullable<Tree[Name]> extends readonly unknown[]
    ? Tree[Name]
    : NonNullable<Tree[Name]> extends object
      ? PartialOf<NonNullable<Tree[Name]>>
      : Tree[Name];
};

/** True for a value that is more than a default, or a level's. */
export function isSaid({ origin }: Entry): boolean {
  return origin.by !== 'default' && origin.by !== 'level';
}

/**
 * Puts together what was said; of two who said the same setting the later one counts.
 * @param said what the sources said, the weakest source first
 */
export function resolveConfig(
  said: readonly Said[],
): { readonly config: Configuration } | { readonly problems: readonly ConfigProblem[] } {
  const words = new Map(said.map((each) => [each.setting.path, each]));
  const entries = givenWay(toEntries(words));
  const problems = disorderIn(entries).map(toProblem);
  if (problems.length > 0) return { problems };
  // A limit that nobody said stays out: it goes with the level.
  const inForce = entries.filter(({ origin }) => origin.by !== 'level');
  return {
    config: {
      entries,
      settings: { limits: {}, ...treeOf(inForce) } as unknown as Settings,
      said: treeOf(entries.filter(isSaid)) as PartialOf<Settings>,
    },
  };
}

/** Every setting with its value; limits that nobody said come from the level that is in force. */
function toEntries(words: ReadonlyMap<string, Said>): Entry[] {
  const inForce = (setting: ConfigSetting): Entry =>
    words.get(setting.path) ?? { setting, value: setting.preset, origin: { by: 'default' } };
  const settings = new Map(CONFIG_SETTINGS.map((setting) => [setting.path, inForce(setting)]));
  const level = (settings.get('level') as Entry).value as Settings['level'];
  return [...settings.values()].map((entry) => {
    if (entry.value !== undefined) return entry;
    const { value, origin } = settings.get(`guard.${level}.${entry.setting.path}`) as Entry;
    return { ...entry, value, origin: { by: 'level', level, from: origin } };
  });
}

/** Values as a tree, by the names that {@link Settings} has for them. */
export function treeOf(
  entries: readonly Pick<Entry, 'setting' | 'value'>[],
): Record<string, unknown> {
  const tree: Record<string, unknown> = {};
  for (const { setting, value } of entries) {
    let room = tree;
    for (const name of setting.target.slice(0, -1)) {
      room[name] ??= {};
      room = room[name] as Record<string, unknown>;
    }
    room[setting.target.at(-1) as string] = value;
  }
  return tree;
}

/** Pairs that are in the wrong order, the smaller one said by somebody. */
function disorderIn(entries: readonly Entry[]): Disorder[] {
  const byPath = new Map(entries.map((entry) => [entry.setting.path, entry]));
  const entryOf = (target: string) =>
    byPath.get(target.split('.').map(writtenName).join('.')) as Entry;
  return ORDER_RULES.flatMap((rule) => {
    const [low, high] = [entryOf(rule.low), entryOf(rule.high)];
    return isSaid(low) && isOutOfOrder(rule, low.value, high.value) ? [{ rule, low, high }] : [];
  });
}

interface Disorder {
  readonly rule: OrderRule;
  readonly low: Entry;
  readonly high: Entry;
}

/** A limit that was said for good gives way to another that was said for this time, or to a level that was. */
function givenWay(entries: readonly Entry[]): Entry[] {
  const level = entries.find(({ setting }) => setting.path === 'level') as Entry;
  const giving = disorderIn(entries).filter(({ rule, low, high }) => {
    const decided = high.origin.by === 'level' ? level : high;
    return rule.low.startsWith('limits.') && weightOf(low.origin) < weightOf(decided.origin);
  });
  return entries.map((entry) => {
    const high = giving.find(({ low }) => low === entry)?.high;
    return high ? { ...entry, value: high.value } : entry;
  });
}

function toProblem({ rule, low, high }: Disorder): ConfigProblem {
  const shown = ({ setting, value }: Entry) => setting.setting.write(value);
  const how = rule.isStrict ? 'not below' : 'above';
  const whence = originText(high.origin);
  const message = `\`${low.setting.path}\` is ${shown(low)}, ${how} \`${high.setting.path}\`, ${shown(high)} (${whence}): ${rule.else}`;
  return { origin: low.origin, message };
}
