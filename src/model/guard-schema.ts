// Owns what may be set of a guard level: for each number of the table what it does and where it may go.

import { type GuardNumbers, INTERVENTIONS, type Intervention } from './guard.ts';
import {
  LIMIT_MEANING,
  LIMIT_NAMES,
  LIMIT_UNITS,
  LIMIT_VALUE_MAX,
  type LimitName,
  type LimitValues,
  leastOf,
} from './limits.ts';
import { FindingLevel } from './report.ts';
import { RISK_LEVELS } from './risk.ts';
import { choice, count, duration, orNone, type Setting, share, size, toggle } from './setting.ts';
import type { SettingsOf } from './settings-tree.ts';

/** The limits, each in the unit it is counted in. */
export const LIMIT_SCHEMA: SettingsOf<LimitValues> = Object.fromEntries(
  LIMIT_NAMES.map((name) => [name, limitSetting(name)]),
) as Record<LimitName, Setting<number>>;

function limitSetting(name: LimitName): Setting<number> {
  const meaning = LIMIT_MEANING[name];
  const about = `Limit on ${meaning}.`;
  const range = { least: leastOf(name), most: LIMIT_VALUE_MAX };
  return { ms: duration, bytes: size, count }[LIMIT_UNITS[name]](about, range);
}

/** The settings of one level. */
export const GUARD_SCHEMA: SettingsOf<GuardNumbers> = {
  limits: LIMIT_SCHEMA,
  heapWarnBytes: size('The heap at which a run is warned, once.'),
  compiles: toggle('Let V8 compile macros; without, they are slower and have less to attack.'),
  admission: {
    refuse: choice('Refuse a macro with findings of this level or above.', FindingLevel.options),
    refuseRisk: orNone(choice('Refuse a macro of this risk or above.', RISK_LEVELS)),
    shareRisk: orNone(
      choice(
        'Let calm macros up to this risk share a process; none gives each its own.',
        RISK_LEVELS,
      ),
    ),
  },
  commandsPerMinute: count('Commands that all runs of one macro together may give in a minute.'),
  host: {
    memory: share("Start nothing more while so much of the machine's memory is in use."),
    cpu: share("Start nothing more while so much of the machine's CPU is in use."),
  },
  becomes: Object.fromEntries(
    INTERVENTIONS.map((each) => [
      each,
      choice(`What is done where a pattern asks for ${each}.`, INTERVENTIONS),
    ]),
  ) as Record<Intervention, Setting<Intervention>>,
};

/** What each room of a level is about: a sentence. */
export const GUARD_ABOUT: Readonly<Record<'limits' | 'admission' | 'host' | 'becomes', string>> = {
  limits: 'What a run may use.',
  admission: 'What becomes of what lint says of a macro.',
  host: 'How much of the machine may be in use, by whomever.',
  becomes: 'What is done instead of what a pattern asks for.',
};
