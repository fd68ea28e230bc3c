// Owns the HTTP server: its rooms, its limits, its headers, and how errors are told. What it serves is each resource's own.

import { randomUUID } from 'node:crypto';
import helmet from '@fastify/helmet';
import multipart from '@fastify/multipart';
import rateLimit from '@fastify/rate-limit';
import swagger from '@fastify/swagger';
import fastify, {
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  LogController,
} from 'fastify';
import { serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod';
import type { Logger } from 'pino';
import { CORRAL_VERSION } from '../model/version.ts';
import type { Service } from '../service/service.ts';
import { guardRoutes, toRateKey } from './access.ts';
import { alertRoutes } from './alerts.ts';
import { auditRoutes } from './audit.ts';
import { allowOrigins } from './cors.ts';
import { docsRoutes } from './docs.ts';
import { dumpRoutes } from './dumps.ts';
import { allowEmptyBodies } from './empty-body.ts';
import { eventRoutes } from './events.ts';
import { houseRoutes } from './guard.ts';
import { healthRoutes } from './health.ts';
import { homeRoutes } from './home.ts';
import { refuseUnknownQuery } from './known-query.ts';
import { lintRoutes } from './lint.ts';
import { macroRoutes } from './macros.ts';
import { Metrics, metricRoutes } from './metrics.ts';
import { answerMissing } from './missing.ts';
import { refuseConnection } from './no-request.ts';
import { describeRoute } from './openapi.ts';
import { patternRoutes } from './patterns.ts';
import { ProblemError } from './problem.ts';
import type { Resource } from './resource.ts';
import { runDetailRoutes } from './run-details.ts';
import { runStepRoutes } from './run-steps.ts';
import { runRoutes } from './runs.ts';
import { safetyRoutes } from './safety.ts';
import { statisticsRoutes } from './statistics.ts';
import { submissionRoutes } from './submissions.ts';
import { toProblemError } from './to-problem.ts';

/** How a server is made. */
export interface ServerOptions {
  readonly service: Service;
  /** True where it listens on a loopback address only. */
  readonly isLoopback: boolean;
  /** Requests a minute of one key, or of one address without. */
  readonly requestsPerMinute: number;
  /** Bytes of a request's body. */
  readonly bodyBytesMax: number;
  /** Connections at once; 12,000 by default. */
  readonly connectionsMax?: number;
  /** The head of a request must be whole after this (ms), 10 s by default; all of it after this, 30 s by default. */
  readonly headersMs?: number;
  readonly requestMs?: number;
  /** Other pages that may use it in a browser, by their origins; none by default. */
  readonly origins?: ReadonlySet<string>;
  /** Where requests are logged; null for nowhere. */
  readonly logger: Logger | null;
}

/** As much as the largest macro, and what goes with it (bytes). */
export const BODY_BYTES_MAX = 8 * 1024 * 1024;
/** A key may ask so often a minute. */
export const REQUESTS_PER_MINUTE = 6_000;
/** By default a request must be whole after this (ms), its head after this; an idle connection is closed after this. */
const REQUEST_MS = 30_000;
const HEADERS_MS = 10_000;
const IDLE_MS = 60_000;
/** So often is looked who is too slow (ms), or more often where heads must be whole sooner. */
const CHECK_MS = 2_000;
const CONNECTIONS_MAX = 12_000;
const NONE: ReadonlySet<string> = new Set();

/** Makes the server; it does not listen yet. */
export async function createServer(options: ServerOptions): Promise<FastifyInstance> {
  const { service, logger, bodyBytesMax } = options;
  const { connectionsMax = CONNECTIONS_MAX, origins = NONE } = options;
  const { headersMs = HEADERS_MS, requestMs = REQUEST_MS } = options;
  const app = fastify({
    ...(logger ? { loggerInstance: logger } : { logger: false }),
    bodyLimit: bodyBytesMax,
    requestTimeout: requestMs,
    keepAliveTimeout: IDLE_MS,
    connectionTimeout: 0,
    http: { headersTimeout: headersMs, connectionsCheckingInterval: Math.min(CHECK_MS, headersMs) },
    routerOptions: { maxParamLength: 200, ignoreTrailingSlash: true },
    genReqId: () => randomUUID(),
    // One line a request is enough; it is written below.
    logController: new LogController({ disableRequestLogging: true }),
    forceCloseConnections: true,
    return503OnClosing: true,
    // What Fastify refuses before any route, such as a path that is none.
    frameworkErrors: tellProblem,
    clientErrorHandler: refuseConnection,
  }) as unknown as FastifyInstance;
  app.server.maxConnections = connectionsMax;
  const metrics = new Metrics(service);
  app.addHook('onResponse', async (request, reply) => {
    metrics.observe(request, reply);
    logResponse(request, reply);
  });
  app.addHook('onClose', async () => metrics[Symbol.dispose]());
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  app.setErrorHandler(tellProblem);
  // A body is JSON, or a form: nothing else is guessed at.
  app.removeContentTypeParser('text/plain');
  allowEmptyBodies(app);
  answerMissing(app);
  refuseUnknownQuery(app);
  await app.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        styleSrc: ["'self'"],
        scriptSrc: ["'self'"],
        imgSrc: ["'self'"],
        connectSrc: ["'self'"],
        formAction: ["'none'"],
        frameAncestors: ["'none'"],
        baseUri: ["'none'"],
      },
    },
    // Behind TLS that is its proxy's to say.
    strictTransportSecurity: false,
  });
  await app.register(rateLimit, {
    max: options.requestsPerMinute,
    timeWindow: 60_000,
    hook: 'onRequest',
    keyGenerator: toRateKey,
    errorResponseBuilder: (_request, { ttl }) =>
      new ProblemError('too-many', 'Too many requests a minute.', { retryAfterMs: ttl }),
  });
  await app.register(multipart, { limits: { fileSize: bodyBytesMax, files: 1, fields: 20 } });
  await allowOrigins(app, origins);
  guardRoutes(app, { keys: service.history.keys, isLoopback: options.isLoopback, origins });
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Corral',
        version: CORRAL_VERSION,
        description:
          "Runs other people's JavaScript macros, contained, and says why it stopped one.",
      },
      components: { securitySchemes: { key: { type: 'http', scheme: 'bearer' } } },
      security: [{ key: [] }],
    },
    transform: describeRoute,
  });
  for (const resource of [...RESOURCES, metricRoutes(metrics)])
    await app.register(resource, { service });
  await app.ready();
  return app;
}

/** Tells what went wrong as a problem. */
function tellProblem(error: FastifyError, request: FastifyRequest, reply: FastifyReply): void {
  const problem = toProblemError(error);
  if (problem.code === 'internal') request.log.error({ err: error }, 'broken');
  else if (problem.status >= 500) request.log.warn({ code: problem.code }, problem.message);
  if (problem.retryAfterMs !== null)
    reply.header('retry-after', Math.max(1, Math.ceil(problem.retryAfterMs / 1000)));
  if (problem.status === 401) reply.header('www-authenticate', 'Bearer realm="corral"');
  void reply
    .status(problem.status)
    .type('application/problem+json')
    .serializer((body: unknown) => JSON.stringify(body))
    .send(problem.toProblem(request.url));
}

/** What was asked, by whom, and what came of it: no header, no body, nothing of the query, where secrets may be. */
function logResponse(request: FastifyRequest, reply: FastifyReply): void {
  const { method, url, caller } = request;
  const [path = ''] = url.split('?', 1);
  request.log.info(
    {
      method,
      path: path.slice(0, 200),
      status: reply.statusCode,
      ms: Math.round(reply.elapsedTime),
      // A preflight is answered before anybody looks who asks.
      by: caller?.by ?? '',
    },
    'request',
  );
}

const RESOURCES: readonly Resource[] = [
  homeRoutes,
  docsRoutes,
  healthRoutes,
  submissionRoutes,
  runRoutes,
  runStepRoutes,
  runDetailRoutes,
  lintRoutes,
  macroRoutes,
  patternRoutes,
  dumpRoutes,
  houseRoutes,
  statisticsRoutes,
  eventRoutes,
  alertRoutes,
  safetyRoutes,
  auditRoutes,
];
