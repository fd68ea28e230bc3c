// Owns the file that says who is told of what: its shape, and what is wrong with one, by line.

import { z } from 'zod';
import { ALERT_KINDS, ALERT_LEVELS, type Alert } from '../model/alert.ts';
import { CorralError } from '../model/errors.ts';
import { isRiskFrom, RISK_LEVELS } from '../model/risk.ts';
import { safeText } from '../model/safe-text.ts';
import { parseDuration } from '../model/units.ts';
import { explain } from '../yaml/explain.ts';
import { readYaml } from '../yaml/read-yaml.ts';
import { CHANNEL_OPTIONS } from './channels.ts';

const names = z.array(z.string().min(1).max(200)).min(1);

const common = {
  name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,40}$/, 'may have small letters, digits and -'),
  /** From this level on. */
  level: z.enum(ALERT_LEVELS).default('warning'),
  kinds: z.array(z.enum(ALERT_KINDS)).min(1).optional(),
  macros: names.optional(),
  owners: names.optional(),
  /** Of macros that have shown themselves so risky, or more. */
  risk: z.enum(RISK_LEVELS).optional(),
  /** The same trouble is told at most so often. */
  cooldown: z
    .string()
    .refine((text) => parseDuration(text) !== null, 'is no duration; write for example 5m')
    .default('5m'),
};

const { console, file, discord, slack, webhook, alertmanager } = CHANNEL_OPTIONS;
const ChannelEntry = z.discriminatedUnion('type', [
  z.strictObject({ ...common, ...console.shape }),
  z.strictObject({ ...common, ...file.shape }),
  z.strictObject({ ...common, ...discord.shape }),
  z.strictObject({ ...common, ...slack.shape }),
  z.strictObject({ ...common, ...webhook.shape }),
  z.strictObject({ ...common, ...alertmanager.shape }),
]);

/** One channel as the file has it: where it leads, and what goes there. */
export type Channel = z.infer<typeof ChannelEntry>;

const AlertsFile = z.strictObject({
  channels: z
    .array(ChannelEntry)
    .min(1)
    .max(50)
    .refine((all) => new Set(all.map(({ name }) => name)).size === all.length, {
      message: 'two channels have the same name',
    }),
});

/** The largest file (bytes). */
export const ALERTS_BYTES_MAX = 256 * 1024;

/**
 * The channels of a file's text. A value such as `$DISCORD_URL` is taken from that variable: secrets need not be in the file.
 * @throws {CorralError} `bad-config` with everything that is wrong
 */
export function parseAlertsFile(
  text: string,
  file: string,
  env: Readonly<Record<string, string | undefined>>,
): readonly Channel[] {
  const yaml = readYaml(text, 'an alerts file');
  if ('faults' in yaml)
    throw toError(
      file,
      yaml.faults.map(({ place, message }) => ({ line: place?.line ?? null, message })),
    );
  const { data, has, placeOf } = yaml.read;
  const filled = withVariables(data, env);
  if ('missing' in filled)
    throw toError(file, [{ line: null, message: `the variable ${filled.missing} is not set` }]);
  const checked = AlertsFile.safeParse(filled.data ?? {});
  if (checked.success) return checked.data.channels;
  throw toError(
    file,
    explain(AlertsFile, checked.error, { has }).map(({ path, message }) => ({
      line: placeOf(path).line,
      message,
    })),
  );
}

/** True for an alert that goes to a channel. */
export function isFor({ level, kinds, macros, owners, risk }: Channel, alert: Alert): boolean {
  if (ALERT_LEVELS.indexOf(alert.level) < ALERT_LEVELS.indexOf(level)) return false;
  if (kinds && !kinds.includes(alert.kind)) return false;
  // What is not known may be high; and what concerns the house concerns everybody.
  if (risk && alert.risk !== null && !isRiskFrom(alert.risk, risk)) return false;
  if (macros && alert.macro !== null && !macros.includes(alert.macro)) return false;
  return !owners || alert.owner === null || owners.includes(alert.owner);
}

/** How long the same trouble is told once (ms). */
export function cooldownMs({ cooldown }: Channel): number {
  return parseDuration(cooldown) ?? 0;
}

function withVariables(
  data: unknown,
  env: Readonly<Record<string, string | undefined>>,
): { readonly data: unknown } | { readonly missing: string } {
  let missing: string | null = null;
  const fill = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(fill);
    if (typeof value === 'object' && value !== null)
      return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, fill(each)]));
    const name = typeof value === 'string' ? /^\$([A-Z][A-Z0-9_]*)$/.exec(value)?.[1] : undefined;
    if (name === undefined) return value;
    if (!env[name]) missing ??= name;
    return env[name] ?? '';
  };
  const filled = fill(data);
  return missing === null ? { data: filled } : { missing };
}

function toError(
  file: string,
  problems: readonly { readonly line: number | null; readonly message: string }[],
): CorralError {
  const lines = problems.map(
    ({ line, message }) => `${safeText(file)}${line === null ? '' : `, line ${line}`}: ${message}`,
  );
  return new CorralError('bad-config', lines.join('\n'));
}
