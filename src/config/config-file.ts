// Owns reading the text of a corral.yaml: what it says, or every problem with its line and column and what to write.

import { dirname } from 'node:path';
import { valueAt } from '../model/settings-tree.ts';
import { explain } from '../yaml/explain.ts';
import { type Place, readYaml } from '../yaml/read-yaml.ts';
import { ConfigFile } from './config-schema.ts';
import { CONFIG_SETTINGS, type ConfigSetting } from './config-settings.ts';
import type { Origin } from './origin.ts';
import { type ConfigProblem, placeOf, type Said, toLocalPath } from './said.ts';

/** The largest file (bytes): a page or two are some kB. */
export const CONFIG_BYTES_MAX = 256 * 1024;

/**
 * Reads a file's text; never throws.
 * @param file as it is shown; paths in it are relative to its folder
 */
export function parseConfigFile(
  text: string,
  { file, cwd }: { readonly file: string; readonly cwd: string },
): { readonly said: readonly Said[] } | { readonly problems: readonly ConfigProblem[] } {
  const at = (place: Place | null): Origin => ({ by: 'file', file, place });
  const yaml = readYaml(text, 'a configuration');
  if ('faults' in yaml)
    return { problems: yaml.faults.map(({ place, message }) => ({ origin: at(place), message })) };
  const { data, has, placeOf: placeIn } = yaml.read;
  const checked = ConfigFile.safeParse(data ?? {});
  if (!checked.success) {
    const elsewhere = (key: string) => {
      const path = placeOf(key);
      if (path === null) return null;
      return path.includes('.')
        ? `did you mean \`${path}\`?`
        : `\`${path}\` stands at the top of the file, in nothing else`;
    };
    const told = explain(ConfigFile, checked.error, { has, elsewhere })
      .map(({ path, message }) => ({ place: placeIn(path), message }))
      .sort((a, b) => a.place.line - b.place.line || a.place.column - b.place.column);
    return { problems: told.map(({ place, message }) => ({ origin: at(place), message })) };
  }
  return {
    said: CONFIG_SETTINGS.flatMap((setting) => {
      const value = valueAt(checked.data, setting.names);
      if (value === undefined) return [];
      const origin = at(placeIn(setting.names));
      return [{ setting, value: localized(setting, value, { file, cwd }), origin }];
    }),
  };
}

/** Paths are meant from the file's folder; everything else is itself. */
function localized(
  { isPath }: ConfigSetting,
  value: unknown,
  { file, cwd }: { readonly file: string; readonly cwd: string },
): unknown {
  if (!isPath) return value;
  const local = (path: string) => toLocalPath(path, dirname(file), cwd);
  if (typeof value === 'string') return local(value);
  return Array.isArray(value) ? value.map(local) : value;
}
