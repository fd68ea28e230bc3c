// Owns writing a corral.yaml: the configuration in force, with who decided each value, and one to start from.

import { resolve } from 'node:path';
import { GUARD_TABLE } from '../model/guard.ts';
import type { Written } from '../model/setting.ts';
import { valueAt } from '../model/settings-tree.ts';
import {
  CONFIG_SETTINGS,
  type ConfigSetting,
  roomAbout,
  SETTINGS_DEFAULT,
} from './config-settings.ts';
import { originText } from './origin.ts';
import { type Configuration, type Entry, isSaid } from './resolve-config.ts';

/** Where editors find what a corral.yaml may hold. */
const SCHEMA_LINE =
  '# yaml-language-server: $schema=node_modules/corral/schemas/config.schema.json';

/** One line of a file: a setting, its value, and what is said of it. */
interface Line {
  readonly setting: ConfigSetting;
  readonly value: unknown;
  /** True for a line that says what is so anyhow. */
  readonly isComment: boolean;
  readonly note: string;
}

/**
 * The configuration in force as a file that, read anywhere, makes the same one: each value with who decided it. What nobody
 * said is a comment, so that a limit goes with its level and no default contradicts what is said later. Of guard levels not
 * in force there is only what somebody said.
 */
export function toConfigText({ entries, settings }: Configuration, cwd: string): string {
  const lines = entries
    .filter((entry) => isWorthWriting(entry, settings.level))
    .map((entry) => ({
      setting: entry.setting,
      value: wherever(entry, cwd),
      isComment: !isSaid(entry),
      note: originText(entry.origin),
    }));
  return `${SCHEMA_LINE}\n# What is in force, and who decided it.\n${linesText(lines, { spaced: false })}`;
}

/** True unless it is the default of a guard level that is not in force. */
function isWorthWriting({ setting, origin }: Entry, level: string): boolean {
  return setting.names[0] !== 'guard' || setting.names[1] === level || origin.by !== 'default';
}

/** Paths are whole, so that they mean the same from wherever the file lies. */
function wherever({ setting, value }: Entry, cwd: string): unknown {
  if (!setting.isPath) return value;
  if (typeof value === 'string') return resolve(cwd, value);
  return Array.isArray(value) ? value.map((path: string) => resolve(cwd, path)) : value;
}

/** A file to start from: everything there is, as comments. */
export function toStarterText(): string {
  const { level } = SETTINGS_DEFAULT;
  const lines = CONFIG_SETTINGS.filter(
    ({ names }) => names[0] !== 'guard' || names[1] === level,
  ).map((setting) => ({
    setting,
    value:
      setting.preset === undefined ? valueAt(GUARD_TABLE[level], setting.target) : setting.preset,
    isComment: true,
    note: setting.setting.about.replace(/\.$/, ''),
  }));
  return `${SCHEMA_LINE}
# Corral's configuration. Everything here is as it is anyhow: take the # away from what you want otherwise.
# Variables (CORRAL_LOAD_ACTIVE=50) count more than this file, flags (--set load.active=50) more than those.
# \`corral config\` shows what is in force and why, \`corral config check\` says what is wrong with a file.

${linesText(lines, { spaced: true })}`;
}

/** The lines under their rooms. */
function linesText(lines: readonly Line[], { spaced }: { readonly spaced: boolean }): string {
  const texts: string[] = [];
  let rooms: readonly string[] = [];
  for (const line of lines) {
    const own = line.setting.names.slice(0, -1);
    const shared = own.findIndex((name, at) => name !== rooms[at]);
    for (let at = shared < 0 ? own.length : shared; at < own.length; at++) {
      const about = roomAbout(own.slice(0, at + 1).join('.'));
      if (spaced && at === 0) texts.push('');
      texts.push(aligned(`${'  '.repeat(at)}${own[at]}:`, spaced ? about.replace(/\.$/, '') : ''));
    }
    if (spaced && own.length === 0 && rooms.length > 0) texts.push('');
    rooms = own;
    texts.push(lineText(line));
  }
  return `${texts.join('\n').trimStart()}\n`;
}

function lineText({ setting, value, isComment, note }: Line): string {
  const { names, setting: kind } = setting;
  const text = `${names.at(-1)}: ${toScalar(kind.write(value))}`;
  return aligned(`${'  '.repeat(names.length - 1)}${isComment ? '# ' : ''}${text}`, note);
}

/** Notes stand under each other (columns). */
const NOTE_COLUMN = 34;

function aligned(text: string, note: string): string {
  return note === '' ? text : `${text.padEnd(NOTE_COLUMN - 1)} # ${note}`;
}

/** A word, or a number with its unit, that YAML takes for nothing but text. */
const PLAIN = /^(?:\.{0,2}[A-Za-z/][\w./-]*|\d+(?:\.\d+)?[a-z%]+)$/;
const SPECIAL = /^(?:true|false|null|yes|no|on|off|[yn]|\.inf|\.nan)$/i;

function toScalar(value: Written): string {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (typeof value === 'string')
    return PLAIN.test(value) && !SPECIAL.test(value) ? value : JSON.stringify(value);
  return `[${value.map(toScalar).join(', ')}]`;
}
