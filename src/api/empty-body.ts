// Owns bodies that are said to be JSON and are empty: none, where a route needs none. Many clients send them.

import type { FastifyInstance, FastifyRequest } from 'fastify';

/** Takes an empty body as none on routes that have no schema for one. Registered before any route. */
export function allowEmptyBodies(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error');
  app.removeContentTypeParser('application/json');
  app.addContentTypeParser<string>(
    'application/json',
    { parseAs: 'string' },
    (request: FastifyRequest, body, done) => {
      if (body === '' && request.routeOptions.schema?.body === undefined) done(null, undefined);
      else void parse(request, body, done);
    },
  );
}
