// Owns a server in the test's own process, for tests that must reach into it: its clock, its connections, its listeners.

import assert from 'node:assert/strict';
import type { FastifyInstance } from 'fastify';
import { createServer, type ServerOptions } from '../../src/api/server.ts';
import { openService } from '../../src/service/open-service.ts';
import type { Service } from '../../src/service/service.ts';
import { tempDir } from './temp.ts';

/** A server that listens, with everything in a folder of its own, until it is disposed of. */
export interface ServerHere extends AsyncDisposable {
  readonly url: string;
  readonly app: FastifyInstance;
  readonly service: Service;
}

/**
 * Starts one on a loopback address.
 * @param options what the test says otherwise
 * @param onFailed told where something could not be written; by default that fails the test
 */
export async function serveHere(
  options: Partial<ServerOptions> = {},
  onFailed: (error: unknown) => void = (error) => assert.fail(String(error)),
): Promise<ServerHere> {
  await using stack = new AsyncDisposableStack();
  const dir = stack.use(tempDir());
  const service = stack.use(
    await openService({
      ...{ dataDir: dir.path, corral: {}, patterns: [] },
      onFailed,
    }),
  );
  const limits = { requestsPerMinute: 10_000, bodyBytesMax: 10_000 };
  const app = await createServer({
    ...{ service, isLoopback: true, logger: null, ...limits },
    ...options,
  });
  stack.defer(() => app.close());
  const url = await app.listen({ port: 0, host: '127.0.0.1' });
  const all = stack.move();
  return { url, app, service, [Symbol.asyncDispose]: () => all[Symbol.asyncDispose]() };
}
