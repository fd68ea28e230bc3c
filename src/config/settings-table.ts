// Owns the tables of docs/configuration.md, made from the settings themselves. To print them anew:
// node src/config/settings-table.ts

import { GUARD_LEVELS, GUARD_TABLE } from '../model/guard.ts';
import { valueAt } from '../model/settings-tree.ts';
import { CONFIG_SETTINGS, type ConfigSetting, roomAbout } from './config-settings.ts';

/** Every setting by room, in Markdown. */
export function settingsTables(): string {
  const plain = CONFIG_SETTINGS.filter(({ names }) => names[0] !== 'guard');
  const rooms = [...Map.groupBy(plain, ({ names }) => (names.length > 1 ? names[0] : ''))];
  const blocks = rooms.map(([room = '', settings]) =>
    block(room === '' ? 'At the top' : `\`${room}\``, roomAbout(room), [
      '| setting | by default | takes | what it does |',
      '| --- | --- | --- | --- |',
      ...settings.map(plainRow),
    ]),
  );
  return `${[...blocks, guardBlock()].join('\n\n')}\n`;
}

function guardBlock(): string {
  const [first] = GUARD_LEVELS;
  const settings = CONFIG_SETTINGS.filter(
    ({ names }) => names[0] === 'guard' && names[1] === first,
  );
  return block('`guard.<level>`', roomAbout('guard'), [
    `| setting | ${GUARD_LEVELS.join(' | ')} | what it does |`,
    `| --- |${' --- |'.repeat(GUARD_LEVELS.length + 1)}`,
    ...settings.map((setting) => {
      const values = GUARD_LEVELS.map((level) =>
        setting.setting.write(valueAt(GUARD_TABLE[level], setting.target.slice(2))),
      );
      const name = setting.names.slice(2).join('.');
      return `| \`${name}\` | ${values.join(' | ')} | ${setting.setting.about} |`;
    }),
  ]);
}

function block(title: string, about: string, rows: readonly string[]): string {
  return [`### ${title}`, ...(about === '' ? [] : [about]), rows.join('\n')].join('\n\n');
}

function plainRow({ path, setting, preset }: ConfigSetting): string {
  const value = preset === undefined ? "the level's" : String(setting.write(preset)) || '(nothing)';
  return `| \`${path}\` | ${value} | ${setting.takes} | ${setting.about} |`;
}

if (import.meta.main) process.stdout.write(settingsTables());
