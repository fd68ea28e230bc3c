// Owns how the configuration in force looks: a table by room for people, with who decided each value, and JSON for programs.

import { roomAbout } from '../../config/config-settings.ts';
import { originText } from '../../config/origin.ts';
import { type Entry, isSaid } from '../../config/resolve-config.ts';
import { safeText } from '../../model/safe-text.ts';
import type { Written } from '../../model/setting.ts';
import type { LoadedConfig } from '../configuration.ts';
import type { Paint } from '../style.ts';

/** How it is shown. */
export interface ConfigView {
  readonly paint: Paint;
  /** True shows the numbers of guard levels that are not in force, too. */
  readonly showsAllLevels: boolean;
}

/** A block for each room; what somebody said stands out. */
export function configTable(config: LoadedConfig, view: ConfigView): string {
  const { level } = config.settings;
  const shown = config.entries.filter(
    (entry) =>
      entry.setting.names[0] !== 'guard' ||
      view.showsAllLevels ||
      entry.setting.names[1] === level ||
      isSaid(entry),
  );
  const rows = shown.map((entry) => toRow(entry));
  const widths = {
    name: Math.max(...rows.map(({ name }) => name.length)),
    value: Math.min(24, Math.max(...rows.map(({ value }) => value.length))),
  };
  const blocks = [...Map.groupBy(rows, ({ room }) => room)].map(([room, inRoom]) => {
    const lines = inRoom.map((row) => rowText(row, widths, view.paint));
    return `${roomText(room, view.paint)}${lines.join('\n')}`;
  });
  return `${fileText(config, view.paint)}\n${blocks.join('\n\n')}\n`;
}

/** For programs: every setting by its path, in Corral's units (ms, bytes, counts, shares) and as it is written. */
export function configJson({ file, entries }: LoadedConfig): Record<string, unknown> {
  const settings = entries.map(({ setting, value, origin }) => [
    setting.path,
    { value, written: setting.setting.write(value), from: originText(origin) },
  ]);
  return { file, settings: Object.fromEntries(settings) };
}

interface Row {
  /** '' for what stands in no room. */
  readonly room: string;
  readonly name: string;
  readonly value: string;
  readonly from: string;
  readonly isSaid: boolean;
}

function toRow(entry: Entry): Row {
  const { names, setting } = entry.setting;
  const depth = names[0] === 'guard' ? 2 : Math.min(1, names.length - 1);
  return {
    room: names.slice(0, depth).join('.'),
    name: names.slice(depth).join('.'),
    value: valueText(setting.write(entry.value)),
    from: originText(entry.origin),
    isSaid: isSaid(entry),
  };
}

function valueText(value: Written): string {
  if (typeof value !== 'object') return safeText(String(value), { charsMax: 200 });
  return value.length === 0 ? '(nothing)' : safeText(value.join(', '), { charsMax: 200 });
}

function rowText(
  { name, value, from, isSaid: stands, room }: Row,
  widths: { readonly name: number; readonly value: number },
  paint: Paint,
): string {
  const label = `${room === '' ? '' : '  '}${name}`.padEnd(widths.name + 2);
  const shown = value.padEnd(widths.value);
  return stands
    ? `${label}  ${paint('bold', shown)}  ${paint('cyan', from)}`
    : `${label}  ${shown}  ${paint('dim', from)}`;
}

function roomText(room: string, paint: Paint): string {
  if (room === '') return '';
  return `${paint(['cyan', 'bold'], room)}  ${paint('dim', roomAbout(room))}\n`;
}

function fileText({ file }: LoadedConfig, paint: Paint): string {
  const text = file === null ? 'no corral.yaml' : safeText(file, { charsMax: 300 });
  return `${paint('dim', 'file')}  ${text}\n`;
}
