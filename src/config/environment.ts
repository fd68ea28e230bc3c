// Owns the variables CORRAL_…: one for each setting, by one rule, and what is said of those that are none.

import { closestName } from '../model/closest-name.ts';
import { safeText } from '../model/safe-text.ts';
import { CONFIG_SETTINGS, type ConfigSetting } from './config-settings.ts';
import type { Origin } from './origin.ts';
import { type ConfigProblem, type Said, sayText } from './said.ts';

/** Names the file to read. */
export const CONFIG_VARIABLE = 'CORRAL_CONFIG';
/** The key for a server: no setting, for it belongs into no file and no output. */
export const KEY_VARIABLE = 'CORRAL_KEY';

/** The variable of a setting: `load.queuePerOwner` is CORRAL_LOAD_QUEUE_PER_OWNER. */
export function variableOf({ names }: Pick<ConfigSetting, 'names'>): string {
  const words = names.map((name) => name.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toUpperCase());
  return ['CORRAL', ...words].join('_');
}

const NO_SETTINGS: readonly string[] = [CONFIG_VARIABLE, KEY_VARIABLE];

const BY_VARIABLE = new Map(CONFIG_SETTINGS.map((setting) => [variableOf(setting), setting]));

/** What the environment says. */
export interface EnvironmentSaid {
  readonly said: readonly Said[];
  readonly problems: readonly ConfigProblem[];
  /** Variables that are none of Corral's: a sentence for each. */
  readonly warnings: readonly string[];
}

/** Reads an environment; a variable that is empty says nothing. */
export function readEnvironment(
  env: Readonly<Record<string, string | undefined>>,
): EnvironmentSaid {
  const said: Said[] = [];
  const problems: ConfigProblem[] = [];
  const warnings: string[] = [];
  for (const [name, text = ''] of Object.entries(env)) {
    if (!name.startsWith('CORRAL_') || NO_SETTINGS.includes(name) || text.trim() === '') continue;
    const setting = BY_VARIABLE.get(name);
    const origin: Origin = { by: 'environment', name };
    if (!setting) {
      warnings.push(unknownVariable(name));
      continue;
    }
    const result = sayText(setting, text, origin);
    if ('said' in result) said.push(result.said);
    else problems.push(result.problem);
  }
  return { said, problems, warnings };
}

function unknownVariable(name: string): string {
  const meant = closestName(name, [...BY_VARIABLE.keys(), CONFIG_VARIABLE]);
  const hint = meant === null ? '`corral config` lists the settings.' : `did you mean ${meant}?`;
  return `The variable ${safeText(name, { charsMax: 100 })} sets nothing; ${hint}`;
}
