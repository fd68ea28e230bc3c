// Owns turning a configuration into what createCorral takes, and into what a running one is changed by.

import type { ConfigSetting, Settings } from '../config/config-settings.ts';
import { type Configuration, isSaid, type PartialOf, treeOf } from '../config/resolve-config.ts';
import type { CorralChange, CorralOptions } from '../corral.ts';

/** What can be changed while Corral runs; the rest applies from the next start on. */
const CHANGEABLE = {
  level: true,
  limits: true,
  guard: true,
  load: true,
  breaker: true,
  brake: true,
  workers: true,
  host: true,
  retry: true,
  watch: true,
} as const satisfies Record<keyof CorralChange, true>;

/** True for a setting that can be changed while Corral runs. */
export function isChangeable({ names }: ConfigSetting): boolean {
  return Object.hasOwn(CHANGEABLE, names[0] ?? '');
}

/** What a corral is created with; the commands are the host's. */
export function toCorralOptions({ settings, said }: Configuration): CorralOptions {
  const { dumps, state, ledger, walls, commands, patterns } = settings;
  return {
    ...roomsOf(said),
    privileged: commands.privileged,
    dump: dumps.when,
    dumpDir: dumps.dir,
    dumpKeep: dumps.keep,
    heapSnapshot: dumps.heapSnapshotBytes ?? false,
    stateDir: state.dir,
    ledgerDir: ledger.dir,
    walls,
    patterns,
  };
}

/** Only what somebody said: the rest is Corral's own to decide. */
function roomsOf(said: PartialOf<Settings>): CorralChange & CorralOptions {
  const rooms = Object.entries(said).filter(([name]) => Object.hasOwn(CHANGEABLE, name));
  return Object.fromEntries(rooms);
}

/** What makes a running corral one of this configuration: what nobody says any more is taken back. */
export function toCorralChange({ entries }: Configuration): CorralChange {
  const changeable = entries.filter(({ setting }) => isChangeable(setting));
  return treeOf(
    changeable.map((entry) => ({ ...entry, value: isSaid(entry) ? entry.value : undefined })),
  );
}
