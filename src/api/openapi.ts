// Owns what OpenAPI says of a route beyond its schemas: the scope its key needs, a name, its form, and how problems are sent.

import { jsonSchemaTransform } from 'fastify-type-provider-zod';
import { z } from 'zod';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The fields of a `multipart/form-data` body, for the document: what comes is read by the route itself. */
    form?: z.ZodType;
  }
}

type Told = ReturnType<typeof jsonSchemaTransform>;
type Responses = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** A route as OpenAPI has it. */
export const describeRoute: typeof jsonSchemaTransform = (route) => {
  const { schema, url } = jsonSchemaTransform(route);
  const { config: { scope, form } = {}, method } = route.route;
  const security = scope === undefined || scope === 'public' ? [] : [{ key: [scope] }];
  const told = {
    ...schema,
    security,
    ...(schema.hide !== true && { operationId: toName([method].flat()[0] ?? '', url) }),
    ...(form && { consumes: ['multipart/form-data'], body: z.toJSONSchema(form, { io: 'input' }) }),
    ...(schema.response !== undefined && { response: toResponses(schema.response as Responses) }),
  };
  return { schema: told as Told['schema'], url };
};

/** `POST /api/runs/:id/stop` is `postApiRunsIdStop`. */
function toName(method: string, url: string): string {
  const words = url.split(/[^A-Za-z0-9]+/).filter((word) => word !== '');
  const named = words.map((word) => word[0]?.toUpperCase() + word.slice(1));
  return method.toLowerCase() + named.join('');
}

/** Problems have a media type of their own (RFC 9457). */
function toResponses(responses: Responses): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(responses).map(([status, { description, ...schema }]) => [
      status,
      /^[45]/.test(status)
        ? { description: 'A problem', content: { 'application/problem+json': { schema } } }
        : { description: description ?? 'Done', ...schema },
    ]),
  );
}
