// Owns SIGHUP: reads the configuration again and puts it in force, or keeps the old one and says why. It ends nothing but
// what a closed terminal would end.

import { closeSync, constants, openSync } from 'node:fs';
import type { SettingChange } from '../corral.ts';
import { toMessage } from '../model/errors.ts';
import type { LoadedConfig } from './configuration.ts';
import { isChangeable } from './corral-options.ts';

/** What a reload does. */
export interface ReloadOptions {
  /** The configuration at the start. */
  readonly config: LoadedConfig;
  /** Reads it again. */
  readonly read: () => Promise<LoadedConfig>;
  /** Puts another one in force, all of it or nothing, and says what changed. */
  readonly apply: (config: LoadedConfig) => readonly SettingChange[];
  /** Tells a person one line. */
  readonly tell: (line: string, kind: 'note' | 'warning') => void;
  /** The signal came because the terminal was closed. */
  readonly hangUp: () => void;
}

/** So many changes are named. */
const NAMED_MAX = 12;

/** Reloads at each SIGHUP, one after the other, until it is disposed of. */
export function watchReload(options: ReloadOptions): Disposable {
  const hadTerminal = hasTerminal();
  let work = Promise.resolve();
  let isOver = false;
  const reload = async () => {
    if (isOver) return;
    try {
      const next = await options.read();
      if (isOver) return;
      const changes = options.apply(next);
      options.tell(toldOf(changes, fixedChanges(options.config, next), next), 'note');
    } catch (error) {
      options.tell(`The settings stay as they were. ${toMessage(error)}`, 'warning');
    }
  };
  const onSignal = () => {
    // A terminal that is closed sends the same signal; what it showed is to end with it.
    if (hadTerminal && !hasTerminal()) options.hangUp();
    else work = work.then(reload);
  };
  process.on('SIGHUP', onSignal);
  return {
    [Symbol.dispose]() {
      isOver = true;
      process.off('SIGHUP', onSignal);
    },
  };
}

/** Settings that differ and apply from the next start on. */
function fixedChanges(before: LoadedConfig, after: LoadedConfig): string[] {
  return after.entries.flatMap(({ setting, value }, at) => {
    const isSame = JSON.stringify(before.entries[at]?.value) === JSON.stringify(value);
    return isSame || isChangeable(setting) ? [] : [setting.path];
  });
}

function toldOf(
  changes: readonly SettingChange[],
  fixed: readonly string[],
  { file }: LoadedConfig,
): string {
  const whence = file === null ? 'There is no configuration file' : `Read ${file} again`;
  const texts = changes
    .slice(0, NAMED_MAX)
    .map(({ setting, from, to }) => `${setting} ${from} → ${to}`);
  const more = changes.length - texts.length;
  const list = [...texts, ...(more > 0 ? [`and ${more} more`] : [])].join(', ');
  const what = list === '' ? 'nothing changes' : `what starts from now on has ${list}`;
  const later = fixed.length === 0 ? '' : `; ${fixed.join(', ')} will change with the next start`;
  return `${whence}: ${what}${later}.`;
}

/** True while this process has a terminal that it was started from. */
function hasTerminal(): boolean {
  try {
    closeSync(openSync('/dev/tty', constants.O_RDONLY | (constants.O_NOCTTY ?? 0)));
    return true;
  } catch {
    return false;
  }
}
