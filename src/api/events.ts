// Owns the live events: server-sent, numbered, with what a listener missed first. One that reads too slowly is let go.

import type { FastifyReply } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { FeedEvent, FeedPayload } from '../corral.ts';
import { keyWatch, ownerSeen } from './access.ts';
import { Problem, ProblemError } from './problem.ts';
import type { Resource } from './resource.ts';
import { streamed } from './shown/as.ts';
import { ShownFeedEvent } from './shown/feed.ts';

/** The kinds of events, by the contract of the feed. */
const TYPES = [
  'run',
  'intervention',
  'quarantine',
  'pressure',
  'brake',
  'worker',
  'breaker',
  'load',
  'emergency',
  'settings',
  'dump',
  'ledger',
  'operator',
] as const satisfies readonly FeedPayload['type'][];

const HEARTBEAT_MS = 15_000;
/** What a listener has not read yet may not be more than this (bytes). */
const BACKLOG_BYTES_MAX = 1024 * 1024;
const LISTENERS_MAX = 2_000;
/** What was missed is read from the store in pieces of so many. */
const PIECE = 500;
/** And beyond so many the listener begins anew. */
const MISSED_MAX = 50_000;

const Filter = z.object({
  type: z.union([z.enum(TYPES), z.array(z.enum(TYPES))]).optional(),
  run: z.string().max(64).optional(),
  macro: z.string().max(200).optional(),
  owner: z.string().max(100).optional(),
});

/** The routes of events. */
export const eventRoutes: Resource = async (instance, { service }) => {
  const app = instance.withTypeProvider<ZodTypeProvider>();
  const { events, writes } = service.history;

  app.route({
    method: 'GET',
    url: '/api/events',
    // Its head is not all there is to say, and it never ends.
    exposeHeadRoute: false,
    config: { scope: 'read' },
    schema: {
      summary: 'Live events (text/event-stream)',
      description:
        'Each has an id; send the last one as Last-Event-ID and what was missed comes first. `: beat` every 15 s.',
      querystring: Filter,
      headers: z.object({
        'last-event-id': z
          .string()
          .regex(/^\d{1,15}$/)
          .optional(),
      }),
      response: {
        200: {
          description: 'The events: each as `data`.',
          content: { 'text/event-stream': { schema: streamed(ShownFeedEvent) } },
        },
        '4xx': Problem,
      },
    },
    handler: async ({ query, headers, caller, raw }, reply) => {
      if (service.listeners >= LISTENERS_MAX)
        throw new ProblemError('unavailable', 'Too many listen already.', { retryAfterMs: 5_000 });
      const seen = ownerSeen(caller);
      const isMeant = toFilter({ ...query, owner: seen ?? query.owner });
      const stream = new EventStream(reply, keyWatch(service.history.keys, caller));
      await writes.settled();
      // Whatever comes while the missed ones are read is held back, and told once if it was among those.
      const held: FeedEvent[] = [];
      let isLive = false;
      const leave = service.onEvent((event) => {
        if (isLive) stream.tell(event, isMeant);
        else held.push(event);
      });
      raw.once('close', () => {
        leave();
        stream.close();
      });
      const lastId = headers['last-event-id'];
      let at = lastId === undefined ? events.last : Number(lastId);
      const from = at;
      while (lastId !== undefined && !stream.closed && at - from < MISSED_MAX) {
        const piece = events.list({ after: at, limit: PIECE });
        for (const event of piece) stream.tell(event, isMeant);
        at = piece.at(-1)?.id ?? at;
        if (piece.length < PIECE) break;
        await stream.drained();
      }
      isLive = true;
      for (const event of held) if (event.id > at) stream.tell(event, isMeant);
    },
  });

  app.route({
    method: 'GET',
    url: '/api/events/list',
    config: { scope: 'read' },
    schema: {
      summary: 'Events that were kept',
      querystring: Filter.extend({
        after: z.coerce.number().int().min(0).optional(),
        limit: z.coerce.number().int().min(1).max(1000).default(100),
      }),
      response: { 200: z.object({ events: z.array(ShownFeedEvent) }), '4xx': Problem },
    },
    handler: async ({ query, caller }) => {
      const { type, owner, ...rest } = query;
      await writes.settled();
      const types = type === undefined ? undefined : [type].flat();
      return { events: events.list({ ...rest, types, owner: ownerSeen(caller) ?? owner }) };
    },
  });
};

type Meant = (event: FeedEvent) => boolean;

function toFilter({ type, run, macro, owner }: z.infer<typeof Filter>): Meant {
  const types = type === undefined ? null : new Set<string>([type].flat());
  return (event) =>
    (types === null || types.has(event.type)) &&
    (run === undefined || ('runId' in event && event.runId === run)) &&
    (macro === undefined || ('macro' in event && event.macro === macro)) &&
    (owner === undefined || concerns(event, owner));
}

/** What concerns the house concerns everybody; what concerns a run only its owner. */
function concerns(event: FeedEvent, owner: string): boolean {
  if ('owner' in event && event.owner !== undefined) return event.owner === owner;
  return !('runId' in event);
}

/** One listener's stream. */
class EventStream {
  readonly #raw: FastifyReply['raw'];
  readonly #beat: NodeJS.Timeout;

  readonly #isOpen: () => boolean;

  /** @param isOpen whether the key that it was opened with still opens anything */
  constructor(reply: FastifyReply, isOpen: () => boolean) {
    this.#isOpen = isOpen;
    reply.hijack();
    this.#raw = reply.raw;
    // Headers that the other routes get from hooks were set on the reply, not on the socket.
    const headers = reply.getHeaders() as Record<string, string>;
    this.#raw.writeHead(200, {
      ...headers,
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    });
    this.#raw.write(': welcome\nretry: 2000\n\n');
    this.#raw.on('error', () => this.close());
    this.#beat = setInterval(() => this.#write(': beat\n\n'), HEARTBEAT_MS).unref();
  }

  get closed(): boolean {
    return this.#raw.destroyed || this.#raw.writableEnded;
  }

  tell(event: FeedEvent, isMeant: Meant): void {
    // JSON has no line breaks of its own: nothing in an event can end it early.
    if (isMeant(event))
      this.#write(`id: ${event.id}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
  }

  /** Resolves once the listener has read what was sent, or is gone. */
  async drained(): Promise<void> {
    if (this.closed || !this.#raw.writableNeedDrain) return;
    await new Promise<void>((resolve) => {
      this.#raw.once('drain', resolve);
      this.#raw.once('close', resolve);
    });
  }

  close(): void {
    clearInterval(this.#beat);
    if (!this.closed) this.#raw.destroy();
  }

  #write(text: string): void {
    if (!this.#isOpen()) this.close();
    if (this.closed) return;
    this.#raw.write(text);
    // It comes back with its last id, and misses nothing.
    if (this.#raw.writableLength > BACKLOG_BYTES_MAX) this.close();
  }
}
