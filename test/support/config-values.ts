// Owns values to try settings with: some of every kind, of which a setting takes its own.

import type { ConfigSetting } from '../../src/config/config-settings.ts';

const MB = 2 ** 20;
const VALUES: readonly unknown[] = [
  ...[
    0,
    1,
    2,
    3,
    7,
    250,
    1_000,
    1_500,
    30_000,
    16 * MB,
    48 * MB,
    64 * MB,
    2 ** 30,
    0.25,
    0.5,
    0.999,
  ],
  ...[true, false, null],
  ...['low', 'medium', 'high', 'maximum', 'critical', 'safe', 'info', 'warning', 'error'],
  ...['warn', 'pause', 'stop', 'emergency', 'kill', 'always', 'never', 'strict', 'available'],
  ...['print', 'training-ground', '/srv/one', '/srv/two words'],
  ...[[], ['/srv/a'], ['/srv/a', '/srv/b']],
];

/** Values that a setting takes, the default left out. */
export function valuesOf({ setting, preset }: ConfigSetting): readonly unknown[] {
  const isPreset = (value: unknown) => JSON.stringify(value) === JSON.stringify(preset);
  return VALUES.filter(
    (value) => setting.given.safeParse(value).success && !isPreset(value),
  ).filter(
    // Any text would do for a folder: those that are plainly paths are enough.
    (value) => typeof preset !== 'string' || !preset.includes('/') || String(value).includes('/'),
  );
}

/** A value as a shell gives it. */
export function toShellText({ setting }: ConfigSetting, value: unknown): string {
  const written = setting.write(value);
  return Array.isArray(written) ? written.join(',') : String(written);
}

/** A value as a corral.yaml of its own. */
export function toFileText({ names, setting }: ConfigSetting, value: unknown): string {
  const [last = '', ...rooms] = [...names].reverse();
  return JSON.stringify(
    rooms.reduce<object>((tree, name) => ({ [name]: tree }), { [last]: setting.write(value) }),
  );
}
