// Owns refusing what a route does not know in its query: a misspelt filter would otherwise choose everything.

import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { safeText } from '../model/safe-text.ts';
import { ProblemError } from './problem.ts';

const NAME_CHARS_MAX = 50;
/** Who watches over a server, or was written against another one, may send what nobody here asked for. */
const TOLERANT = /^(?!\/api\/)|^\/api\/safety\//;

/** Refuses parameters that a route does not name. Registered before any route. */
export function refuseUnknownQuery(app: FastifyInstance): void {
  app.addHook('preValidation', async ({ query, routeOptions: { url, schema } }) => {
    if (url === undefined || TOLERANT.test(url)) return;
    const asked = schema?.querystring;
    const known = asked instanceof z.ZodObject ? Object.keys(asked.shape) : [];
    const unknown = Object.keys(query as object).find((name) => !known.includes(name));
    if (unknown === undefined) return;
    const name = safeText(unknown.slice(0, NAME_CHARS_MAX));
    const what = known.length === 0 ? 'it has none' : `it has ${known.join(', ')}`;
    throw new ProblemError(
      'bad-request',
      `This route has no parameter ${name} in its query; ${what}.`,
    );
  });
}
