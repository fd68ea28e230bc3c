// Owns getting a service's server onto its address, and refusing addresses where anybody could come in without a key.

import type { Log } from '../../api/log.ts';
import { BODY_BYTES_MAX, createServer } from '../../api/server.ts';
import { toSystemReason } from '../../model/errno.ts';
import { CorralError } from '../../model/errors.ts';
import { isLoopbackAddress } from '../../model/loopback.ts';
import { safeText } from '../../model/safe-text.ts';
import type { Service } from '../../service/service.ts';

/** Where and how a server listens. */
export interface ListenOptions {
  readonly address: string;
  readonly port: number;
  /** Requests a minute of one key. */
  readonly rate: number;
  /** Origins of other pages that may use it in a browser. */
  readonly cors: readonly string[];
  readonly log: Log;
}

/** A server that listens; disposing of it closes its connections. */
export interface Listening extends AsyncDisposable {
  readonly url: string;
}

/** Connections that the kernel keeps until they are looked at; of those beyond it a burst loses some without a word. */
const BACKLOG = 4_096;

/**
 * Lets a service listen.
 * @throws {CorralError} `bad-usage` where it must not, or cannot, listen there
 */
export async function listen(service: Service, options: ListenOptions): Promise<Listening> {
  const { address, port, rate, cors, log } = options;
  const isLoopback = isLoopbackAddress(address);
  if (!isLoopback && !service.history.keys.some)
    throw new CorralError(
      'bad-usage',
      `There is no API key, and on ${safeText(address)} anybody could come in: make one with \`corral keys create\`, or listen on 127.0.0.1.`,
    );
  const app = await createServer({
    service,
    isLoopback,
    requestsPerMinute: rate,
    bodyBytesMax: BODY_BYTES_MAX,
    origins: new Set(cors),
    logger: log,
  });
  try {
    const url = await app.listen({
      host: address,
      port,
      backlog: BACKLOG,
      listenTextResolver: (at) => `listening on ${at}`,
    });
    return { url, [Symbol.asyncDispose]: () => app.close() };
  } catch (error) {
    await app.close();
    throw new CorralError('bad-usage', whyNot(error, options), { cause: error });
  }
}

function whyNot(error: unknown, { address, port }: ListenOptions): string {
  const where = `port ${port} of ${safeText(address)}`;
  switch ((error as NodeJS.ErrnoException).code) {
    case 'EADDRINUSE':
      return `Cannot listen on ${where}: another program does already; choose another with --port.`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return `Cannot listen on ${where}: this machine has no such address.`;
    default:
      return `Cannot listen on ${where}: ${toSystemReason(error)}.`;
  }
}
