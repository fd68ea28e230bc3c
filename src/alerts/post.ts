// Owns sending JSON to an address that a person configured: no redirect is followed, no answer is kept beyond a little, and
// addresses within this machine or its network are refused unless the channel says that they are meant.

import { lookup } from 'node:dns';
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { networkInterfaces } from 'node:os';
import { toSystemReason } from '../model/errno.ts';

/** What is sent, and where. */
export interface Post {
  readonly url: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** True where an address of this machine or its network is meant. */
  readonly allowsPrivate: boolean;
  readonly signal: AbortSignal;
}

/** What came of it. */
export type Posted =
  | {
      readonly ok: true;
      /** How long nothing more may be sent (ms), as the other side says. */
      readonly pauseMs: number;
    }
  | {
      readonly ok: false;
      /** One line. */
      readonly error: string;
      /** False where trying again does not help. */
      readonly isWorthRetrying: boolean;
      /** When to try again (ms), as the other side says; null where it does not. */
      readonly retryAfterMs: number | null;
    };

const TIMEOUT_MS = 10_000;
const ANSWER_BYTES_MAX = 16 * 1024;
/** Whatever the other side says, it is asked again after this (ms). */
const PAUSE_MS_MAX = 3_600_000;
/** An interface that claims more of the world than this prefix leaves is in no network of anybody's. */
const WIDEST_BITS = 8;

// Two lists: one of both kinds takes IPv4 addresses for IPv6 ones that begin with `::`.
const PRIVATE = { ipv4: new BlockList(), ipv6: new BlockList() } as const;
for (const [net, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['224.0.0.0', 3],
] as const)
  PRIVATE.ipv4.addSubnet(net, bits, 'ipv4');
for (const [net, bits] of [
  // Unspecified, loopback, and IPv4 in other clothes.
  ['::', 16],
  ['64:ff9b::', 32],
  ['2002::', 16],
  ['fc00::', 7],
  ['fe80::', 9],
  ['ff00::', 8],
] as const)
  PRIVATE.ipv6.addSubnet(net, bits, 'ipv6');

/** True for an address within this machine or its network, by number or because one of its interfaces is in that network. */
export function isPrivateAddress(address: string): boolean {
  const kind = isIP(address) === 6 ? 'ipv6' : 'ipv4';
  return PRIVATE[kind].check(address, kind) || isOfThisNetwork(address, kind);
}

/** Asked each time: an interface may have come since. */
function isOfThisNetwork(address: string, kind: 'ipv4' | 'ipv6'): boolean {
  const own = new BlockList();
  const addresses = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  for (const { family, address: at, cidr } of addresses) {
    if (family.toLowerCase() !== kind) continue;
    own.addAddress(at, kind);
    const bits = Number(cidr?.split('/')[1]);
    if (bits >= WIDEST_BITS) own.addSubnet(at, bits, kind);
  }
  return own.check(address, kind);
}

/** Sends; never rejects. */
export async function post({ url, body, headers, allowsPrivate, signal }: Post): Promise<Posted> {
  const target = new URL(url);
  const host = target.hostname.replace(/^\[|\]$/g, '');
  // A number is not looked up, so it is looked at here.
  if (!allowsPrivate && isIP(host) !== 0 && isPrivateAddress(host)) return refused(host);
  const send = target.protocol === 'https:' ? requestHttps : requestHttp;
  const over = AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]);
  return await new Promise<Posted>((resolve) => {
    const asking = send(target, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
        'user-agent': 'corral',
        ...headers,
      },
      signal: over,
      agent: false,
      ...(!allowsPrivate && { lookup: lookUpPublic }),
    });
    asking.on('error', (error) => {
      if (error instanceof PrivateAddress) resolve(refused(host));
      else resolve({ ok: false, error: reasonOf(error, over), ...WORTH_IT });
    });
    asking.on('response', (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        if (text.length < ANSWER_BYTES_MAX) text += chunk;
        else response.destroy();
      });
      response.on('error', () => undefined);
      response.on('close', () =>
        resolve(toPosted(response.statusCode ?? 0, response.headers, text)),
      );
    });
    asking.end(body);
  });
}

const WORTH_IT = { isWorthRetrying: true, retryAfterMs: null } as const;

class PrivateAddress extends Error {}

function refused(host: string): Posted {
  const error = `${host} is an address of this machine or its network; say allowPrivate: true where that is meant`;
  return { ok: false, error, isWorthRetrying: false, retryAfterMs: null };
}

/** Looks a name up, and refuses it where any of its addresses is a private one: another is not tried in its place. */
const lookUpPublic: LookupFunction = (host, options, done) => {
  lookup(host, { ...options, all: true }, (error, addresses) => {
    if (error) return done(error, '');
    if (addresses.some(({ address }) => isPrivateAddress(address)))
      return done(new PrivateAddress(host), '');
    const [first] = addresses;
    if (options.all || !first) return done(null, addresses);
    return done(null, first.address, first.family);
  });
};

type Headers = Readonly<Record<string, string | string[] | undefined>>;

function toPosted(status: number, headers: Headers, text: string): Posted {
  if (status >= 200 && status < 300) return { ok: true, pauseMs: pauseOf(headers) };
  const isWorthRetrying = status === 408 || status === 429 || status >= 500;
  const error = `answered with status ${status}`;
  return { ok: false, error, isWorthRetrying, retryAfterMs: retryAfter(headers, text) };
}

/** A bucket that is empty now, as Discord's. */
function pauseOf(headers: Headers): number {
  if (headers['x-ratelimit-remaining'] !== '0') return 0;
  return toMs(headers['x-ratelimit-reset-after']) ?? 0;
}

function retryAfter(headers: Headers, text: string): number | null {
  const said = headers['retry-after'];
  const date = typeof said === 'string' && !/^[\d.]+$/.test(said) ? Date.parse(said) : Number.NaN;
  if (Number.isFinite(date)) return bounded(date - Date.now());
  // Discord says it more exactly in the body.
  const inBody = /"retry_after":\s*([\d.]+)/.exec(text)?.[1];
  return toMs(inBody) ?? toMs(said) ?? toMs(headers['x-ratelimit-reset-after']);
}

/** Seconds, as they are written in headers, in ms; null for what is none. */
function toMs(seconds: string | string[] | undefined): number | null {
  const ms = typeof seconds === 'string' && seconds !== '' ? Number(seconds) * 1000 : Number.NaN;
  return Number.isFinite(ms) ? bounded(ms) : null;
}

function bounded(ms: number): number {
  return Math.min(PAUSE_MS_MAX, Math.max(0, Math.ceil(ms)));
}

function reasonOf(error: Error, over: AbortSignal): string {
  return over.aborted ? 'no answer in time' : toSystemReason(error);
}
