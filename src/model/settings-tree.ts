// Owns rooms of settings: a tree whose leaves are settings, typed after the values it describes, and the walk through it.

import { z } from 'zod';
import type { Setting } from './setting.ts';

/** For each value of a shape its setting, so that a value without one does not compile. */
export type SettingsOf<Shape> = {
  readonly [Name in keyof Shape]: Shape[Name] extends string | number | boolean | null
    ? Setting<Shape[Name]>
    : Shape[Name] extends readonly string[]
      ? Setting<readonly string[]>
      : SettingsOf<Shape[Name]>;
};

/** A tree of settings of whatever values. */
export interface SettingsTree {
  readonly [name: string]: Setting<unknown> | SettingsTree;
}

/** A typed tree as a tree of whatever values. */
export function toTree<Shape>(settings: SettingsOf<Shape>): SettingsTree {
  return settings as unknown as SettingsTree;
}

/** True for a leaf. */
export function isSetting(node: Setting<unknown> | SettingsTree): node is Setting<unknown> {
  return 'written' in node && 'given' in node;
}

/** A setting and where it is found. */
export interface PlacedSetting {
  /** Its names from the root. */
  readonly names: readonly string[];
  readonly setting: Setting<unknown>;
}

/** Every setting of a tree, in order. */
export function settingsIn(tree: SettingsTree, names: readonly string[] = []): PlacedSetting[] {
  return Object.entries(tree).flatMap(([name, node]) => {
    const path = [...names, name];
    return isSetting(node) ? [{ names: path, setting: node }] : settingsIn(node, path);
  });
}

/** A value's name as people write it: its unit stands with the value. */
export function writtenName(name: string): string {
  return name.replace(/(?:Ms|Bytes)$/, '');
}

/** The schema of what a program gives: any of the tree's values, and nothing else. */
export function givenSchema(tree: SettingsTree): z.ZodObject<Record<string, z.ZodType>> {
  const fields = Object.entries(tree).map(([name, node]) => {
    const schema: z.ZodType = isSetting(node) ? node.given : givenSchema(node);
    return [name, schema.optional()] as const;
  });
  return z.strictObject(Object.fromEntries(fields));
}

/** The value at a path, or undefined. */
export function valueAt(tree: unknown, names: readonly string[]): unknown {
  let value = tree;
  for (const name of names) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name))
      return undefined;
    value = (value as Record<string, unknown>)[name];
  }
  return value;
}
