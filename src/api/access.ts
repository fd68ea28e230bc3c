// Owns who may do what: the key that comes with a request, the scope that a route asks for, and on a loopback server without
// keys the one who sits at the machine. Every route declares its scope; one that does not is not served at all.

import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type KeyInfo, SCOPES, type Scope } from '../model/history.ts';
import { isLoopbackAddress } from '../model/loopback.ts';
import type { KeyHistory } from '../store/history/keys.ts';
import { ProblemError } from './problem.ts';

/** What a route asks for; `public` is for those that tell nothing of anybody. */
export type RouteScope = Scope | 'public';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Who may use the route. */
    scope?: RouteScope;
  }
  interface FastifyRequest {
    /** Who asks; set for every route but public ones. */
    caller: Caller;
    /** What is wrong with the key it came with, or that there was none; null where nothing is. */
    keyFault: keyof typeof FAULTS | null;
  }
}

/** Who asks. */
export interface Caller {
  readonly owner: string;
  /** A key's id, or `local`. */
  readonly by: string;
  readonly scopes: readonly Scope[];
}

/** What each scope includes: an admin may do everything. */
const INCLUDES: Readonly<Record<Scope, readonly Scope[]>> = {
  read: ['read'],
  author: ['read', 'author'],
  operator: ['read', 'author', 'operator'],
  admin: [...SCOPES],
};

/** Who sits at the machine of a loopback server without keys. */
const LOCAL: Caller = { owner: 'local', by: 'local', scopes: SCOPES };
const NOBODY: Caller = { owner: '', by: '', scopes: [] };
const KEY_CHARS_MAX = 200;

/** True when a caller may do what a scope stands for. */
export function may(caller: Caller, scope: Scope): boolean {
  return caller.scopes.some((own) => INCLUDES[own].includes(scope));
}

/** Whose things a caller sees: an operator everybody's (null), others their own. */
export function ownerSeen(caller: Caller): string | null {
  return may(caller, 'operator') ? null : caller.owner;
}

/** Lets in who may come in. Registered before any route. */
export function guardRoutes(
  app: FastifyInstance,
  {
    keys,
    isLoopback,
    origins,
  }: {
    readonly keys: KeyHistory;
    readonly isLoopback: boolean;
    /** Other pages that may send requests here. */
    readonly origins: ReadonlySet<string>;
  },
): void {
  app.decorateRequest('caller', null as never);
  app.decorateRequest('keyFault', null);
  app.addHook('onRoute', ({ config, url, method }) => {
    if (config?.scope === undefined)
      throw new Error(`route ${String(method)} ${url} declares no scope`);
  });
  app.addHook('onRequest', async (request) => {
    request.caller = NOBODY;
    if (isLoopback) assertOwnHost(request, origins);
    const found = identify(request, keys, isLoopback);
    if (typeof found !== 'string') request.caller = found;
    else request.keyFault = found;
  });
  // After the routes' own `onRequest`, which count requests: a wrong key is counted too, by its address.
  app.addHook('preParsing', async ({ caller, keyFault, routeOptions }) => {
    const { scope } = routeOptions.config;
    // A path that does not exist says so to anybody.
    if (scope === undefined || scope === 'public') return;
    if (keyFault !== null) throw new ProblemError('unauthenticated', FAULTS[keyFault]);
    if (!may(caller, scope))
      throw new ProblemError(
        'forbidden',
        `This needs the scope ${scope}; the key has ${caller.scopes.join(', ')}.`,
      );
  });
}

/** How long a stream trusts what it knows of its key (ms). */
const KEY_EVERY_MS = 1_000;

/** For a stream: asked before each thing that it tells, whether the key it was opened with still opens anything. */
export function keyWatch(keys: KeyHistory, { by }: Caller): () => boolean {
  let askedAt = Date.now();
  let opens = true;
  return () => {
    const now = Date.now();
    if (!opens || Math.abs(now - askedAt) < KEY_EVERY_MS) return opens;
    askedAt = now;
    opens = by === LOCAL.by ? !keys.some : keys.opens(by, now);
    return opens;
  };
}

/** Whose requests are counted together: those of one key, or of one address where there is none. */
export function toRateKey({ caller, ip }: FastifyRequest): string {
  return caller.by === '' ? `address ${ip}` : `key ${caller.by}`;
}

function identify(
  { headers: { authorization } }: FastifyRequest,
  keys: KeyHistory,
  isLoopback: boolean,
): Caller | keyof typeof FAULTS {
  if (authorization === undefined) return isLoopback && !keys.some ? LOCAL : 'missing';
  const [scheme = '', key = ''] = authorization.slice(0, KEY_CHARS_MAX).split(' ', 2);
  const found = scheme.toLowerCase() === 'bearer' ? keys.find(key, Date.now()) : 'unknown';
  return typeof found === 'string' ? found : toCaller(found);
}

const FAULTS = {
  missing: 'Send your key: `Authorization: Bearer corral_…`.',
  unknown: 'This key is not known here.',
  revoked: 'This key was revoked.',
  expired: 'This key has expired.',
} as const;

function toCaller({ id, owner, scopes }: KeyInfo): Caller {
  return { owner, by: id, scopes };
}

/**
 * A page in a browser can send requests to this machine's own ports, under a name that it made lead here. So on a loopback
 * address only its own names are answered, and no request that another page sent, unless its origin was named.
 */
function assertOwnHost({ headers, host }: FastifyRequest, origins: ReadonlySet<string>): void {
  const name = host.replace(/:\d+$/, '').toLowerCase();
  if (!isLoopbackAddress(name.replace(/^\[(.*)\]$/, '$1')))
    throw new ProblemError('forbidden', `This server does not answer for ${name.slice(0, 100)}.`);
  const { origin, 'sec-fetch-site': site, 'sec-fetch-mode': mode } = headers;
  // A link that somebody follows is theirs; what a page asks for without saying who it is, as for an image, is not.
  const isHidden = origin === undefined && site === 'cross-site' && mode !== 'navigate';
  const isOther = origin !== undefined && origin !== `http://${host}` && !origins.has(origin);
  if (isHidden || isOther)
    throw new ProblemError('forbidden', 'Requests of other pages are not answered.');
}
