// Owns the shape of an alert on its way to a person, and of the place where it waits until it is delivered.

import { z } from 'zod';

/** How much an alert matters, the least first. */
export const ALERT_LEVELS = ['info', 'warning', 'error', 'critical'] as const;
export type AlertLevel = (typeof ALERT_LEVELS)[number];

/** What alerts are about. */
export const ALERT_KINDS = [
  'kill',
  'intervention',
  'quarantine',
  'pressure',
  'brake',
  'breaker',
  'load',
  'emergency',
  'test',
] as const;
export type AlertKind = (typeof ALERT_KINDS)[number];

/** An alert. Its texts hold what authors chose: each channel makes them harmless in its own way. */
export const Alert = z.object({
  /** The same for the same trouble. */
  fingerprint: z.string(),
  kind: z.enum(ALERT_KINDS),
  level: z.enum(ALERT_LEVELS),
  /** `resolved` when the trouble is over. */
  status: z.enum(['firing', 'resolved']),
  /** One line. */
  title: z.string(),
  text: z.string(),
  macro: z.string().nullable(),
  owner: z.string().nullable(),
  run: z.string().nullable(),
  /** How risky the macro has shown itself (0..1); null where the alert is about none, or that is not known. */
  risk: z.number().nullable().default(null),
  /** How often it came since it was last told. */
  count: z.int(),
  /** ms since 1970. */
  time: z.int(),
});
export type Alert = z.infer<typeof Alert>;

/** How far an alert has come on its way to one channel. */
export const DELIVERY_STATES = ['waiting', 'delivered', 'given-up'] as const;
export type DeliveryState = (typeof DELIVERY_STATES)[number];

/** An alert on its way to one channel, as it is shown. */
export const Delivery = z.object({
  channel: z.string(),
  state: z.enum(DELIVERY_STATES),
  /** How often the other side did not take it. */
  failures: z.int(),
  /** Why it was not taken the last time. */
  error: z.string().nullable(),
  /** Alerts that were told as one. */
  count: z.int(),
  /** When it was delivered or given up (ms since 1970). */
  endedAt: z.int().nullable(),
});
export type Delivery = z.infer<typeof Delivery>;

/** An alert with its number, and what became of it. */
export const KeptAlert = Alert.extend({
  /** That of the event it comes from. */
  id: z.int(),
  /** Empty where it is for no channel, or the same trouble was told to it just before. */
  deliveries: z.array(Delivery),
});
export type KeptAlert = z.infer<typeof KeptAlert>;

/** An alert that waits for one channel. */
export interface WaitingAlert {
  readonly id: number;
  readonly alert: Alert;
  /** Times it was tried. */
  readonly attempts: number;
  /** ms since 1970. */
  readonly createdAt: number;
  /** Not before this (ms since 1970). */
  readonly nextAt: number;
}

/** Where alerts wait until they are delivered; what is in it outlives the process. */
export interface Outbox {
  /** Keeps an alert, whoever it is for. @param id that of the event it comes from */
  note(id: number, alert: Alert): void;
  /** @param at ms since 1970 @param id the number it was noted under; null for one that was not */
  add(channel: string, alert: Alert, at: number, id: number | null): void;
  /** The one that is due first; null for none. */
  first(channel: string): WaitingAlert | null;
  /** It could not be delivered; to be tried again (ms since 1970). */
  later(id: number, nextAt: number, error: string): void;
  /** It is delivered, or given up for the reason that is told. @param at ms since 1970 */
  ended(id: number, at: number, error: string | null): void;
  /** How many wait. */
  count(channel: string): number;
}
