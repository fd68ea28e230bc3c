// Owns one value as somebody said it, and what is wrong with one that is none.

import { isAbsolute, relative, resolve } from 'node:path';
import { closestName } from '../model/closest-name.ts';
import { GUARD_TABLE } from '../model/guard.ts';
import { safeText } from '../model/safe-text.ts';
import { valueAt } from '../model/settings-tree.ts';
import { CONFIG_SETTINGS, type ConfigSetting, settingAt } from './config-settings.ts';
import { type Origin, originText } from './origin.ts';

/** A value that somebody said. */
export interface Said {
  readonly setting: ConfigSetting;
  readonly value: unknown;
  readonly origin: Origin;
}

/** Something that was said and cannot be. */
export interface ConfigProblem {
  readonly origin: Origin;
  /** What is wrong with which value, and what to write instead; without a full stop. */
  readonly message: string;
}

/** A problem as one line: `corral.yaml:3:5: what is wrong.` */
export function problemText({ origin, message }: ConfigProblem): string {
  return `${originText(origin)}: ${message}${/[?.]$/.test(message) ? '' : '.'}`;
}

/** Checks a value that is text, as shells give it. */
export function sayText(
  setting: ConfigSetting,
  text: string,
  origin: Origin,
): { readonly said: Said } | { readonly problem: ConfigProblem } {
  const { written, fromText } = setting.setting;
  const result = written.safeParse(fromText(text));
  if (result.success) return { said: { setting, value: result.data, origin } };
  return { problem: { origin, message: result.error.issues[0]?.message ?? 'is no such value' } };
}

/**
 * Checks one `path=value`, as `--set` takes it.
 * @param flag how the flag is written
 */
export function sayAssignment(
  text: string,
  flag: string,
): { readonly said: Said } | { readonly problem: ConfigProblem } {
  const cut = text.indexOf('=');
  const path = (cut < 0 ? text : text.slice(0, cut)).trim();
  const origin: Origin = { by: 'flag', name: `${flag} ${safeText(path, { charsMax: 80 })}` };
  const setting = settingAt(path);
  if (!setting) {
    const hint = hintFor(path);
    return { problem: { origin, message: `there is no such setting${hint}` } };
  }
  if (cut < 0)
    return { problem: { origin, message: `has no value; write ${path}=${example(setting)}` } };
  return sayText(setting, text.slice(cut + 1), origin);
}

function example({ setting, preset, target }: ConfigSetting): string {
  return String(setting.write(preset ?? valueAt(GUARD_TABLE.medium, target) ?? null));
}

function hintFor(path: string): string {
  const meant =
    closestName(
      path,
      CONFIG_SETTINGS.map((each) => each.path),
    ) ?? placeOf(path.split('.').at(-1) ?? '');
  return meant === null ? '; `corral config` lists them' : `; did you mean \`${meant}\`?`;
}

/** Where a setting of this last name stands: the shortest path, or null. */
export function placeOf(name: string): string | null {
  const [first] = CONFIG_SETTINGS.filter(({ names }) => names.at(-1) === name).sort(
    (a, b) => a.path.length - b.path.length,
  );
  return first?.path ?? null;
}

/**
 * A path as it was written in a file, seen from the working directory: inside it relative, elsewhere absolute.
 * @param folder the file's
 */
export function toLocalPath(path: string, folder: string, cwd: string): string {
  const whole = resolve(cwd, folder, path);
  const local = relative(cwd, whole);
  return local === '' || local.startsWith('..') || isAbsolute(local) ? whole : local;
}
