// Owns what a debugger may ask: the shape of a request, and which are refused.

/** What the protocol calls parameters. */
export type Params = Record<string, unknown>;

/** A request as it came; null for what it lacks. */
export interface Request {
  readonly id: number | null;
  readonly method: string | null;
  readonly params: Params;
}

/** Codes of JSON-RPC, as V8 uses them. */
export const INVALID_REQUEST = -32_600;
export const SERVER_ERROR = -32_000;
const METHOD_NOT_FOUND = -32_601;

/** What concerns one isolate; V8 knows no others either. */
const DOMAINS = new Set(['Runtime', 'Debugger', 'Profiler', 'HeapProfiler', 'Console', 'Schema']);

/** Reads a request out of any text. */
export function readRequest(text: string): Request {
  let request: unknown;
  try {
    request = JSON.parse(text);
  } catch {
    request = null;
  }
  const { id, method, params } = isObject(request) ? request : {};
  return {
    id: Number.isSafeInteger(id) ? (id as number) : null,
    method: typeof method === 'string' ? method : null,
    params: isObject(params) ? params : {},
  };
}

/** Code and words against a method; null for one that is carried out. */
export function refusalOf(method: string): [number, string] | null {
  const domain = method.split('.', 1)[0] ?? '';
  if (!DOMAINS.has(domain)) return [METHOD_NOT_FOUND, `'${method.slice(0, 100)}' wasn't found`];
  if (method === 'Debugger.setScriptSource')
    return [SERVER_ERROR, 'a macro runs as it was admitted: change its file and run it again'];
  return null;
}

function isObject(value: unknown): value is Params {
  return typeof value === 'object' && value !== null;
}
