// Owns an alert in words, and making the words harmless for each kind of reader: no mention, no markup, no link of an author's.

import type { Alert } from '../model/alert.ts';
import { safeText } from '../model/safe-text.ts';

const TITLE_CHARS = 300;
const TEXT_CHARS = 1_000;

/** The alert as plain lines; no control, no invisible mark, bounded. */
export function toPlainText(alert: Alert): string {
  const mark = alert.status === 'resolved' ? 'resolved' : alert.level;
  const times = alert.count > 1 ? ` (${alert.count} times)` : '';
  const about = [
    alert.macro === null ? '' : `macro ${safeText(alert.macro, { charsMax: 100 })}`,
    alert.owner === null ? '' : `owner ${safeText(alert.owner, { charsMax: 100 })}`,
    alert.run === null ? '' : `run ${safeText(alert.run, { charsMax: 20 })}`,
  ].filter((part) => part !== '');
  return [
    `[${mark}] ${safeText(alert.title, { charsMax: TITLE_CHARS })}${times}`,
    ...(alert.text === '' ? [] : [safeText(alert.text, { charsMax: TEXT_CHARS })]),
    ...(about.length === 0 ? [] : [about.join(' · ')]),
  ].join('\n');
}

/** For Discord: what is markup is escaped, and nothing looks like a mention or a link. */
export function toDiscordText(text: string): string {
  return toRelayedText(text.replace(/[\\*_~`|#[\]()-]/g, '\\$&'));
}

/** For Slack: its three letters are escaped, and nothing looks like a mention or a link. */
export function toSlackText(text: string): string {
  return toRelayedText(text).replaceAll('&', '&amp;');
}

/** For whoever hands it on, nobody knows where to and as what: nothing looks like a mention, a tag or a link. */
export function toRelayedText(text: string): string {
  return text
    .replaceAll('@', '@\u200b')
    .replaceAll('<', '‹')
    .replaceAll('>', '›')
    .replaceAll('://', ':\u200b//');
}
