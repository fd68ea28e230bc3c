// Owns the table of channels: what each needs to be told, and how it tells an alert. A new one is a new entry.

import { createHash, createHmac } from 'node:crypto';
import { appendFile, rename, stat } from 'node:fs/promises';
import { z } from 'zod';
import type { Alert } from '../model/alert.ts';
import { toSystemReason } from '../model/errno.ts';
import { safeText } from '../model/safe-text.ts';
import { toDiscordText, toPlainText, toRelayedText, toSlackText } from './alert-text.ts';
import { type Posted, post } from './post.ts';

const url = z
  .string()
  .max(2_000)
  .refine((text) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol), {
    message: 'is no http or https address',
  });
const remote = { url, allowPrivate: z.boolean().default(false) };

/** Options of each type of channel. */
export const CHANNEL_OPTIONS = {
  console: z.object({ type: z.literal('console') }),
  file: z.object({ type: z.literal('file'), path: z.string().min(1) }),
  discord: z.object({ type: z.literal('discord'), ...remote }),
  slack: z.object({ type: z.literal('slack'), ...remote }),
  webhook: z.object({
    type: z.literal('webhook'),
    ...remote,
    secret: z.string().regex(/^whsec_[A-Za-z0-9+/]{20,}={0,2}$/, 'is no secret: whsec_ and base64'),
  }),
  alertmanager: z.object({ type: z.literal('alertmanager'), ...remote }),
} as const;

type ChannelType = keyof typeof CHANNEL_OPTIONS;
type OptionsOf<Type extends ChannelType> = z.infer<(typeof CHANNEL_OPTIONS)[Type]>;

/** What any channel is told by. */
export type ChannelOptions = { [Type in ChannelType]: OptionsOf<Type> }[ChannelType];

/** One alert on its way. */
export interface Sending {
  readonly alert: Alert;
  /** The same each time this alert is tried. */
  readonly id: string;
  readonly signal: AbortSignal;
}

type Send<Type extends ChannelType> = (
  options: OptionsOf<Type>,
  sending: Sending,
) => Promise<Posted>;

const DISCORD_CHARS_MAX = 1_900;
const SLACK_CHARS_MAX = 2_900;
const LABEL_CHARS_MAX = 200;
/** A log is begun anew at this size (bytes); so many old ones are kept. */
const FILE_BYTES_MAX = 10 * 1024 * 1024;
const FILES_KEPT = 5;

const CHANNELS: { readonly [Type in ChannelType]: Send<Type> } = {
  console: async (_options, { alert }) => {
    process.stderr.write(`${toPlainText(alert)}\n`);
    return DONE;
  },

  file: async ({ path }, { alert }) => {
    try {
      await rotate(path);
      await appendFile(path, `${JSON.stringify(alert)}\n`, { mode: 0o600 });
      return DONE;
    } catch (error) {
      const reason = toSystemReason(error);
      return { ok: false, error: reason, isWorthRetrying: true, retryAfterMs: null };
    }
  },

  discord: async (options, { alert, signal }) =>
    await send(options, signal, {
      content: toDiscordText(toPlainText(alert)).slice(0, DISCORD_CHARS_MAX),
      allowed_mentions: { parse: [] },
    }),

  slack: async (options, { alert, signal }) => {
    const text = toPlainText(alert).slice(0, SLACK_CHARS_MAX);
    return await send(options, signal, {
      text: toSlackText(text),
      mrkdwn: false,
      blocks: [
        {
          type: 'section',
          text: { type: 'plain_text', text: toRelayedText(text), emoji: false },
        },
      ],
    });
  },

  webhook: async (options, { alert, id, signal }) => {
    const body = JSON.stringify({ type: `corral.${alert.kind}`, data: alert });
    const timestamp = String(Math.floor(Date.now() / 1000));
    const secret = Buffer.from(options.secret.slice('whsec_'.length), 'base64');
    const signature = createHmac('sha256', secret).update(`${id}.${timestamp}.${body}`);
    return await post({
      ...{ url: options.url, allowsPrivate: options.allowPrivate, body, signal },
      headers: {
        'webhook-id': id,
        'webhook-timestamp': timestamp,
        'webhook-signature': `v1,${signature.digest('base64')}`,
      },
    });
  },

  alertmanager: async (options, { alert, signal }) => {
    const url = `${options.url.replace(/\/+$/, '')}/api/v2/alerts`;
    const digest = createHash('sha256').update(alert.fingerprint).digest('hex').slice(0, 16);
    const [summary = '', ...description] = toRelayedText(toPlainText(alert)).split('\n');
    const at = new Date(alert.time).toISOString();
    return await send({ ...options, url }, signal, [
      {
        labels: {
          alertname: `Corral_${alert.kind}`,
          severity: alert.level,
          fingerprint: digest,
          ...(alert.macro !== null && { macro: toLabel(alert.macro) }),
          ...(alert.owner !== null && { owner: toLabel(alert.owner) }),
        },
        annotations: { summary, description: description.join('\n') },
        ...(alert.status === 'resolved' ? { endsAt: at } : { startsAt: at }),
      },
    ]);
  },
};

/** Tells an alert to a channel; never rejects. */
export async function sendTo(options: ChannelOptions, sending: Sending): Promise<Posted> {
  // The entry of a type takes that type's options.
  return await (CHANNELS[options.type] as Send<ChannelType>)(options, sending);
}

function toLabel(name: string): string {
  return toRelayedText(safeText(name, { charsMax: LABEL_CHARS_MAX }));
}

const DONE: Posted = { ok: true, pauseMs: 0 };

async function send(
  { url, allowPrivate }: { readonly url: string; readonly allowPrivate: boolean },
  signal: AbortSignal,
  body: unknown,
): Promise<Posted> {
  return await post({ url, allowsPrivate: allowPrivate, body: JSON.stringify(body), signal });
}

/** Puts a log that is full aside; what is older goes one further, and the oldest goes. */
async function rotate(path: string): Promise<void> {
  const { size } = await stat(path).catch(() => ({ size: 0 }));
  if (size < FILE_BYTES_MAX) return;
  for (let n = FILES_KEPT - 1; n >= 1; n--)
    await rename(`${path}.${n}`, `${path}.${n + 1}`).catch(() => undefined);
  await rename(path, `${path}.1`);
}
