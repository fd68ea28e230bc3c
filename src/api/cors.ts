// Owns which other pages a browser may let at the API: those of origins that were named, and of no other.

import cors from '@fastify/cors';
import type { FastifyInstance } from 'fastify';

/** A browser asks again after this (s). */
const PREFLIGHT_SECONDS = 600;

/** Lets pages of these origins in. Registered before the routes are guarded: a browser's preflight carries no key. */
export async function allowOrigins(
  app: FastifyInstance,
  origins: ReadonlySet<string>,
): Promise<void> {
  // Without any there are no preflights, and no header tells of this.
  if (origins.size === 0) return;
  await app.register(cors, {
    origin: async (origin: string | undefined) =>
      origin !== undefined && origins.has(origin) ? origin : false,
    methods: ['GET', 'POST', 'PUT', 'DELETE'],
    allowedHeaders: [
      'authorization',
      'content-type',
      'idempotency-key',
      'last-event-id',
      'traceparent',
      'tracestate',
    ],
    exposedHeaders: [
      'location',
      'retry-after',
      'content-disposition',
      'x-ratelimit-limit',
      'x-ratelimit-remaining',
      'x-ratelimit-reset',
    ],
    // A key is sent by the page itself, never by the browser on its behalf.
    credentials: false,
    maxAge: PREFLIGHT_SECONDS,
    // An OPTIONS that is no preflight gets the same empty answer, not an error of another shape.
    strictPreflight: false,
  });
}
