// Owns the shape of corral.yaml, and its published JSON Schema, by which editors complete one. To write that anew:
// node src/config/config-schema.ts > schemas/config.schema.json

import { z } from 'zod';
import { CONFIG_SETTINGS, type ConfigSetting, roomAbout } from './config-settings.ts';

/** What a file holds. A room that is empty may be left open, as all lines of it may be comments. */
export const ConfigFile = roomSchema('', CONFIG_SETTINGS);

function roomSchema(
  path: string,
  settings: readonly ConfigSetting[],
): z.ZodObject<Record<string, z.ZodType>> {
  const depth = path === '' ? 0 : path.split('.').length;
  const fields = [...Map.groupBy(settings, ({ names }) => names[depth] ?? '')].map(
    ([name, group]) => {
      const [only] = group;
      if (only && group.length === 1 && only.names.length === depth + 1)
        return [name, only.setting.written.optional()] as const;
      const inner = path === '' ? name : `${path}.${name}`;
      const room = roomSchema(inner, group).nullable().optional().describe(roomAbout(inner));
      return [name, room] as const;
    },
  );
  return z.strictObject(Object.fromEntries(fields));
}

/** The JSON Schema of corral.yaml; what only Corral can check (ranges of durations, contradictions) is not in it. */
export function configJsonSchema(): Record<string, unknown> {
  const { $schema, ...schema } = z.toJSONSchema(ConfigFile, { io: 'input' });
  return {
    $schema,
    title: 'Corral configuration (corral.yaml)',
    description: 'How strict Corral is, and what the house may use. Everything has a default.',
    ...schema,
  };
}

if (import.meta.main) process.stdout.write(`${JSON.stringify(configJsonSchema(), null, 2)}\n`);
