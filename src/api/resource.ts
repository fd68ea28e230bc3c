// Owns what each part of the API is to the server: routes that are registered with the service they serve.

import type { FastifyInstance } from 'fastify';
import type { Service } from '../service/service.ts';

/** A part of the API. */
export type Resource = (
  app: FastifyInstance,
  options: { readonly service: Service },
) => Promise<void>;
