// Owns what a macro on a server can call by name: the macros of its owner's library that are enabled, in their newest text.

import type { LibraryMacro, MacroLibrary } from '../corral.ts';
import type { MacroHistory } from '../store/history/macros.ts';

/** As many names are told of where there is no such macro. */
const NAMES_MAX = 100;

/** The library of one owner, read when asked so that a new version counts at once. */
export function ownerLibrary(macros: MacroHistory, owner: string): MacroLibrary {
  return {
    find: async (name) => {
      const entry = macros.get(owner, name);
      return entry?.enabled ? toMacro(macros, owner, name, entry.version) : null;
    },
    names: async () =>
      macros
        .list({ owner, limit: NAMES_MAX })
        .filter(({ enabled }) => enabled)
        .map(({ name }) => name),
  };
}

function toMacro(
  macros: MacroHistory,
  owner: string,
  name: string,
  version: number,
): LibraryMacro | null {
  const text = macros.text(owner, name, version);
  if (!text) return null;
  const { language, source } = text;
  return { name, file: fileOf(name, language), language, source };
}

/** What a macro of a library is called in stacks and dumps. */
export function fileOf(name: string, language: 'js' | 'ts'): string {
  return `${name}.${language}`;
}
