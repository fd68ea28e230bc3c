// Owns the answer to what is no request: Node refuses that before there is one for Fastify to answer.

import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { type ProblemCode, ProblemError } from './problem.ts';

/** By the code of Node's own error. */
const KNOWN: Readonly<Record<string, readonly [code: ProblemCode, detail: string]>> = {
  HPE_HEADER_OVERFLOW: ['head-too-large', 'Address and headers together are too long.'],
  ERR_HTTP_REQUEST_TIMEOUT: ['too-slow', 'The request did not come in time.'],
};
const UNKNOWN = ['bad-request', 'This is no HTTP request.'] as const;

/** Tells whoever is connected what is wrong, as a problem, and closes the connection. */
export function refuseConnection(error: Error & { readonly code?: string }, socket: Duplex): void {
  // Nobody is there any more to be told.
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const [code, detail] = KNOWN[error.code ?? ''] ?? UNKNOWN;
  const problem = new ProblemError(code, detail);
  const { instance: _none, ...told } = problem.toProblem('');
  const body = JSON.stringify(told);
  socket.end(
    `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}\r\n` +
      `content-type: application/problem+json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n` +
      `connection: close\r\n\r\n${body}`,
  );
}
