// Owns how a value crosses the border between a macro and Corral: plain JSON with tags for what JSON cannot say.
// Both directions are bounded; what comes from a macro is never trusted to be well formed.

/** The bounds a crossing value is held to. */
export interface ValueBounds {
  /** Nesting of objects and arrays. */
  readonly depthMax: number;
  /** Every value, however deep: a property or array slot counts as the value it holds. */
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

/** A BigInt of this many bits has just under 100,000 digits, the most that are read back. */
const BIGINT_BITS_MAX = 332_000;

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

/** Enters one more value. */
function count(walk: Walk, depth: number, path: string): void {
  walk.nodes += 1;
  if (depth > walk.bounds.depthMax)
    throw new ValueError(`${path} is nested deeper than ${walk.bounds.depthMax} levels`);
  if (walk.nodes > walk.bounds.nodesMax)
    throw new ValueError(`${path}: more than ${walk.bounds.nodesMax} values in one`);
}

/** Takes what the value adds to the text, to the character: what was encoded within bounds must decode within them. */
function charge(walk: Walk, path: string, chars: number): void {
  walk.chars += chars;
  if (walk.chars > walk.bounds.charsMax)
    throw new ValueError(`${path}: more than ${walk.bounds.charsMax} characters in one value`);
}

/** A text in quotes; first as if nothing in it needed an escape, because that costs nothing to know. */
function chargeText(walk: Walk, path: string, text: string): void {
  charge(walk, path, text.length);
  charge(walk, path, JSON.stringify(text).length - text.length);
}

/** Brackets and commas around `length` items. */
function chargeList(walk: Walk, path: string, length: number): void {
  charge(walk, path, 1 + Math.max(1, length));
}

/** `{"$":"tag","v":}` around what has been, or will be, charged. */
function chargeTag(walk: Walk, path: string, tag: string): void {
  charge(walk, path, '{"$":"","v":}'.length + tag.length);
}

function encode(value: unknown, walk: Walk, depth: number, path: string): Json {
  count(walk, depth, path);
  switch (typeof value) {
    case 'string':
      chargeText(walk, path, value);
      return value;
    case 'boolean':
      charge(walk, path, String(value).length);
      return value;
    case 'number':
      return encodeNumber(value, walk, path);
    case 'undefined':
      charge(walk, path, '{"$":"undefined"}'.length);
      return { [TAG]: 'undefined' };
    case 'bigint': {
      // A BigInt of 2^26 bits takes seconds to print: its size is checked on a cheap upper bound first.
      const bits = Math.min(walk.bounds.charsMax * 4, BIGINT_BITS_MAX);
      if (BigInt.asIntN(bits, value) !== value)
        throw new ValueError(`${path} is a BigInt too large to cross`);
      const digits = String(value);
      chargeTag(walk, path, 'bigint');
      chargeText(walk, path, digits);
      return { [TAG]: 'bigint', v: digits };
    }
    case 'object':
      if (value !== null) return encodeObject(value, walk, depth, path);
      charge(walk, path, 'null'.length);
      return null;
    default:
      throw new ValueError(`${path} is a ${typeof value}, which cannot cross`);
  }
}

function encodeNumber(value: number, walk: Walk, path: string): Json {
  const text = Object.is(value, -0) ? '-0' : String(value);
  if (Number.isFinite(value) && text !== '-0') {
    charge(walk, path, text.length);
    return value;
  }
  chargeTag(walk, path, 'number');
  chargeText(walk, path, text);
  return { [TAG]: 'number', v: text };
}

function encodeObject(value: object, walk: Walk, depth: number, path: string): Json {
  if (walk.open.has(value)) throw new ValueError(`${path} refers back to itself (a cycle)`);
  walk.open.add(value);
  try {
    if (Array.isArray(value)) {
      chargeList(walk, path, value.length);
      // Not `map`, which leaves holes as they are: JSON has no word for them.
      return Array.from(value, (item, index) => encode(item, walk, depth + 1, `${path}[${index}]`));
    }
    if (value instanceof Date) {
      const time = Number.isNaN(value.getTime()) ? null : value.getTime();
      chargeTag(walk, path, 'date');
      charge(walk, path, String(time).length);
      return { [TAG]: 'date', v: time };
    }
    if (value instanceof Map || value instanceof Set)
      return encodeCollection(value, walk, depth, path);
    if (value instanceof RegExp)
      return encodeTexts('regexp', [value.source, value.flags], walk, path);
    if (value instanceof Error)
      return encodeTexts('error', [String(value.name), String(value.message)], walk, path);
    if (value instanceof ArrayBuffer || ArrayBuffer.isView(value))
      return encodeBytes(value, walk, path);
    return encodePlain(value as Record<string, unknown>, walk, depth, path);
  } finally {
    walk.open.delete(value);
  }
}

function encodeCollection(
  value: Map<unknown, unknown> | Set<unknown>,
  walk: Walk,
  depth: number,
  path: string,
): Json {
  const inner = (item: unknown, name: string) => encode(item, walk, depth + 1, `${path}.${name}`);
  chargeList(walk, path, value.size);
  if (value instanceof Set) {
    chargeTag(walk, path, 'set');
    return { [TAG]: 'set', v: [...value].map((item) => inner(item, 'item')) };
  }
  chargeTag(walk, path, 'map');
  const pairs = [...value].map(([key, item]) => {
    chargeList(walk, path, 2);
    return [inner(key, 'key'), inner(item, 'value')];
  });
  return { [TAG]: 'map', v: pairs };
}

function encodeTexts(tag: string, texts: readonly string[], walk: Walk, path: string): Json {
  chargeTag(walk, path, tag);
  chargeList(walk, path, texts.length);
  for (const text of texts) chargeText(walk, path, text);
  return { [TAG]: tag, v: [...texts] };
}

function encodeBytes(value: ArrayBuffer | ArrayBufferView, walk: Walk, path: string): Json {
  const buffer = ArrayBuffer.isView(value)
    ? Buffer.from(value.buffer, value.byteOffset, value.byteLength)
    : Buffer.from(value);
  chargeTag(walk, path, 'bytes');
  charge(walk, path, 2 + 4 * Math.ceil(buffer.length / 3));
  return { [TAG]: 'bytes', v: buffer.toString('base64') };
}

function encodePlain(
  value: Record<string, unknown>,
  walk: Walk,
  depth: number,
  path: string,
): Json {
  const isTagged = Object.hasOwn(value, TAG);
  const keys = Object.keys(value);
  chargeList(walk, path, keys.length);
  if (isTagged) chargeTag(walk, path, 'object');
  const pairs = keys.map((key) => {
    // `["key",value]` in a tagged object, where a key is a value of its own; `"key":value` in any other.
    if (isTagged) count(walk, depth + 1, path);
    charge(walk, path, isTagged ? 3 : 1);
    chargeText(walk, path, key);
    return [key, encode(value[key], walk, depth + 1, `${path}.${key}`)] as [string, Json];
  });
  return isTagged ? { [TAG]: 'object', v: pairs } : (toRecord(pairs) as Json);
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
  count(walk, depth, path);
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
  // The tag may be anything: an object that cannot even be made a string.
  const word = typeof tag === 'string' ? tag.slice(0, 20) : typeof tag;
  const malformed = () => new ValueError(`${path} has a malformed ${word} tag`);
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
      return toRecord(
        pairs().map(([key, item]) => {
          if (typeof key !== 'string') throw malformed();
          return [key, item] as const;
        }),
      );
    default:
      throw malformed();
  }
}
