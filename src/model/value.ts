// Owns how a value crosses the border between a macro and Corral: plain JSON with tags for what JSON cannot say.
// Both directions are bounded; what comes from a macro is never trusted to be well formed.

/** The bounds a crossing value is held to. */
export interface ValueBounds {
  /** Nesting of objects and arrays. */
  readonly depthMax: number;
  /** Objects, array slots and properties together. */
  readonly nodesMax: number;
  /** UTF-16 code units of the encoded text. */
  readonly charsMax: number;
}

/** Bounds of a command's input and output, and of `macros.call` values. */
export const CROSSING_BOUNDS: ValueBounds = {
  depthMax: 32,
  nodesMax: 20_000,
  charsMax: 256 * 1024,
};
/** Bounds of a macro's result and of its `input`; the run's `output` limit may be tighter. */
export const RESULT_BOUNDS: ValueBounds = {
  depthMax: 64,
  nodesMax: 200_000,
  charsMax: 4 * 1024 * 1024,
};
/** Bounds of one value in `state`. */
export const STATE_BOUNDS: ValueBounds = { depthMax: 32, nodesMax: 10_000, charsMax: 64 * 1024 };

/** A plain JSON value: what a tagged value looks like on the wire, in `--json` output and in a dump. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/**
 * The key that marks a tagged value: `{"$": "bigint", "v": "12"}`. Tags: `undefined`, `number` (NaN, Infinity, -Infinity,
 * -0), `bigint`, `date` (ms), `map` (pairs), `set` (items), `regexp` (source, flags), `error` (name, message), `bytes`
 * (base64), and `object` (pairs) for a plain object that itself has a key `$`.
 */
export const TAG = '$';

/** A value that cannot cross, and where in it: `result.items[3]`. */
export class ValueError extends Error {
  override readonly name = 'ValueError';
}

interface Walk {
  readonly bounds: ValueBounds;
  nodes: number;
  chars: number;
  readonly open: Set<object>;
}

/**
 * Encodes a trusted value for the wire.
 * @throws {ValueError} for functions, symbols, cycles and anything over the bounds.
 */
export function encodeValue(value: unknown, bounds: ValueBounds, name = 'value'): Json {
  return encode(value, { bounds, nodes: 0, chars: 0, open: new Set() }, 0, name);
}

function count(walk: Walk, depth: number, path: string, chars: number): void {
  walk.nodes += 1;
  walk.chars += chars + 2;
  if (depth > walk.bounds.depthMax)
    throw new ValueError(`${path} is nested deeper than ${walk.bounds.depthMax} levels`);
  if (walk.nodes > walk.bounds.nodesMax)
    throw new ValueError(`${path}: more than ${walk.bounds.nodesMax} values in one`);
  if (walk.chars > walk.bounds.charsMax)
    throw new ValueError(`${path}: more than ${walk.bounds.charsMax} characters in one value`);
}

function encode(value: unknown, walk: Walk, depth: number, path: string): Json {
  count(walk, depth, path, typeof value === 'string' ? value.length : 8);
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value;
    case 'number':
      return Number.isFinite(value) && !Object.is(value, -0)
        ? value
        : { [TAG]: 'number', v: Object.is(value, -0) ? '-0' : String(value) };
    case 'undefined':
      return { [TAG]: 'undefined' };
    case 'bigint': {
      // A BigInt of 2^26 bits takes seconds to print: its size is checked on a cheap upper bound first.
      if (BigInt.asIntN(walk.bounds.charsMax, value) !== value)
        throw new ValueError(`${path} is a BigInt too large to cross`);
      const digits = String(value);
      count(walk, depth, path, digits.length);
      return { [TAG]: 'bigint', v: digits };
    }
    case 'object':
      return value === null ? null : encodeObject(value, walk, depth, path);
    default:
      throw new ValueError(`${path} is a ${typeof value}, which cannot cross`);
  }
}

function encodeObject(value: object, walk: Walk, depth: number, path: string): Json {
  if (walk.open.has(value)) throw new ValueError(`${path} refers back to itself (a cycle)`);
  walk.open.add(value);
  try {
    if (Array.isArray(value))
      return value.map((item, index) => encode(item, walk, depth + 1, `${path}[${index}]`));
    if (value instanceof Date)
      return { [TAG]: 'date', v: Number.isNaN(value.getTime()) ? null : value.getTime() };
    if (value instanceof Map) {
      return {
        [TAG]: 'map',
        v: [...value].map(([key, item]) => [
          encode(key, walk, depth + 1, `${path}.key`),
          encode(item, walk, depth + 1, `${path}.value`),
        ]),
      };
    }
    if (value instanceof Set)
      return {
        [TAG]: 'set',
        v: [...value].map((item) => encode(item, walk, depth + 1, `${path}.item`)),
      };
    if (value instanceof RegExp) return { [TAG]: 'regexp', v: [value.source, value.flags] };
    if (value instanceof Error)
      return { [TAG]: 'error', v: [String(value.name), String(value.message)] };
    if (value instanceof ArrayBuffer || ArrayBuffer.isView(value)) {
      const bytes =
        value instanceof ArrayBuffer
          ? new Uint8Array(value)
          : new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
      count(walk, depth, path, Math.ceil((bytes.length * 4) / 3));
      return { [TAG]: 'bytes', v: Buffer.from(bytes).toString('base64') };
    }
    return encodePlain(value as Record<string, unknown>, walk, depth, path);
  } finally {
    walk.open.delete(value);
  }
}

function encodePlain(
  value: Record<string, unknown>,
  walk: Walk,
  depth: number,
  path: string,
): Json {
  const pairs: [string, Json][] = [];
  for (const key of Object.keys(value)) {
    count(walk, depth, path, key.length);
    pairs.push([key, encode(value[key], walk, depth + 1, `${path}.${key}`)]);
  }
  if (Object.hasOwn(value, TAG)) return { [TAG]: 'object', v: pairs };
  return toRecord(pairs) as Json;
}

/** Defines each key as an own property, so that `__proto__` is data and never a prototype. */
function toRecord(pairs: Iterable<readonly [string, unknown]>): Record<string, unknown> {
  const record: Record<string, unknown> = {};
  for (const [key, item] of pairs) {
    Object.defineProperty(record, key, {
      value: item,
      enumerable: true,
      configurable: true,
      writable: true,
    });
  }
  return record;
}

/**
 * Decodes a wire text that a macro's side made. Gives plain data only.
 * @throws {ValueError} when it is not JSON, has an unknown or malformed tag, or is over the bounds.
 */
export function decodeValue(text: string, bounds: ValueBounds, name = 'value'): unknown {
  if (text.length > bounds.charsMax)
    throw new ValueError(`${name}: more than ${bounds.charsMax} characters in one value`);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new ValueError(`${name} is not well-formed`);
  }
  return decode(json, { bounds, nodes: 0, chars: 0, open: new Set() }, 0, name);
}

function decode(json: unknown, walk: Walk, depth: number, path: string): unknown {
  count(walk, depth, path, 0);
  if (json === null || typeof json !== 'object') return json;
  if (Array.isArray(json)) return json.map((item) => decode(item, walk, depth + 1, path));
  const record = json as Record<string, unknown>;
  if (Object.hasOwn(record, TAG)) return decodeTagged(record[TAG], record.v, walk, depth, path);
  return toRecord(
    Object.keys(record).map((key) => [key, decode(record[key], walk, depth + 1, path)] as const),
  );
}

function decodeTagged(tag: unknown, v: unknown, walk: Walk, depth: number, path: string): unknown {
  const inner = (item: unknown) => decode(item, walk, depth + 1, path);
  const malformed = () => new ValueError(`${path} has a malformed ${String(tag).slice(0, 20)} tag`);
  const pairs = (): [unknown, unknown][] => {
    if (!Array.isArray(v)) throw malformed();
    return v.map((pair) => {
      if (!Array.isArray(pair) || pair.length !== 2) throw malformed();
      return [inner(pair[0]), inner(pair[1])];
    });
  };
  switch (tag) {
    case 'undefined':
      return undefined;
    case 'number':
      if (v !== 'NaN' && v !== 'Infinity' && v !== '-Infinity' && v !== '-0') throw malformed();
      return Number(v);
    case 'bigint':
      if (typeof v !== 'string' || !/^-?\d{1,100000}$/.test(v)) throw malformed();
      return BigInt(v);
    case 'date':
      if (v !== null && typeof v !== 'number') throw malformed();
      return new Date(v === null ? Number.NaN : v);
    case 'map':
      return new Map(pairs());
    case 'set':
      if (!Array.isArray(v)) throw malformed();
      return new Set(v.map(inner));
    case 'regexp':
    case 'error': {
      if (!Array.isArray(v) || typeof v[0] !== 'string' || typeof v[1] !== 'string')
        throw malformed();
      // Never compiled and never constructed: a hostile pattern or name stays text.
      return tag === 'regexp' ? { source: v[0], flags: v[1] } : { name: v[0], message: v[1] };
    }
    case 'bytes':
      if (typeof v !== 'string') throw malformed();
      return new Uint8Array(Buffer.from(v, 'base64'));
    case 'object':
      return toRecord(pairs().map(([key, item]) => [String(key), item] as const));
    default:
      throw malformed();
  }
}
