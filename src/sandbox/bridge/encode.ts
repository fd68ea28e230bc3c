// Owns the way out: a value of the macro becomes bounded, tagged JSON text (model/value.ts has the tags), or a clear error.

import type { Base64 } from './base64.ts';
import type { OwnCopies } from './own-copies.ts';
import type { OwnMethods } from './own-methods.ts';
import type { Texts } from './texts.ts';

/** What {@link encoder} gives. */
export type Encoder = ReturnType<typeof encoder>;

/** One value on its way out: what it has come to, and what it may come to. */
interface Walk {
  nodes: number;
  chars: number;
  readonly nodesMax: number;
  readonly charsMax: number;
  readonly depthMax: number;
  readonly open: Set<unknown>;
}

/** Makes the functions that encode arguments and results. */
export function encoder(own: OwnCopies, methods: OwnMethods, texts: Texts, { toBase64 }: Base64) {
  const { brand, call, freeze, getPrototypeOf, isArray, isError, isView, keys, record } = own;
  const { isFiniteNumber, isNaNNumber, asIntN, NativeBytes, NativeSet, NativeTypeError } = own;
  const { cut, describeError, quote } = texts;
  const TOO_LONG = freeze(record());
  const CROSSING_CHARS = 262_144;

  const fail = (path: string, what: string): never => {
    throw new NativeTypeError(`${cut(path, 200)} ${what}`);
  };
  const enter = (walk: Walk, depth: number, path: string): void => {
    walk.nodes++;
    if (depth > walk.depthMax)
      fail(path, `is nested deeper than ${walk.depthMax} levels, which cannot cross`);
    if (walk.nodes > walk.nodesMax)
      fail(path, `: more than ${walk.nodesMax} values at once cannot cross`);
    take(walk, 2);
  };
  const take = (walk: Walk, chars: number): void => {
    walk.chars += chars;
    if (walk.chars > walk.charsMax) throw TOO_LONG;
  };
  const written = (walk: Walk, text: string): string => {
    take(walk, text.length);
    return text;
  };
  /** Escapes can make a text six times as long: it is counted as it is before it is written, and as written after. */
  const encodeText = (walk: Walk, text: string): string => {
    take(walk, text.length);
    const quoted = quote(text);
    take(walk, quoted.length - text.length);
    return quoted;
  };

  const encode = (value: unknown, walk: Walk, depth: number, path: string): string => {
    enter(walk, depth, path);
    switch (typeof value) {
      case 'string':
        return encodeText(walk, value);
      case 'boolean':
        return written(walk, value ? 'true' : 'false');
      case 'number':
        if (value === 0 && 1 / value < 0) return written(walk, '{"$":"number","v":"-0"}');
        return written(walk, isFiniteNumber(value) ? `${value}` : `{"$":"number","v":"${value}"}`);
      case 'undefined':
        return written(walk, '{"$":"undefined"}');
      case 'bigint':
        // A BigInt of 2^26 bits takes seconds to print: its size is checked first.
        if (asIntN(65_536, value) !== value) return fail(path, 'is a BigInt too large to cross');
        return written(walk, `{"$":"bigint","v":"${call(methods.bigintText, value)}"}`);
      case 'object':
        return value === null ? written(walk, 'null') : encodeObject(value, walk, depth, path);
      default:
        return fail(path, `is a ${typeof value}, which cannot cross`);
    }
  };
  const encodeObject = (value: object, walk: Walk, depth: number, path: string): string => {
    if (call(methods.setHas, walk.open, value))
      fail(path, 'refers back to itself (a cycle), which cannot cross');
    call(methods.setAdd, walk.open, value);
    const text = isArray(value)
      ? encodeArray(value, walk, depth, path)
      : getPrototypeOf(value) === own.ObjectPrototype
        ? encodePlain(value as Record<string, unknown>, walk, depth, path)
        : encodeOther(value, walk, depth, path);
    call(methods.setDelete, walk.open, value);
    return text;
  };
  const encodeArray = (value: unknown[], walk: Walk, depth: number, path: string): string => {
    const length: unknown = value.length;
    // A proxy of an array may say anything.
    if (typeof length !== 'number') return fail(path, 'has no length, which cannot cross');
    if (length > walk.nodesMax)
      fail(path, `has ${length} items, and at most ${walk.nodesMax} values at once can cross`);
    let text = '[';
    for (let index = 0; index < length; index++) {
      text += (index > 0 ? ',' : '') + encode(value[index], walk, depth + 1, `${path}[${index}]`);
    }
    return `${text}]`;
  };
  const encodePlain = (
    value: Record<string, unknown>,
    walk: Walk,
    depth: number,
    path: string,
  ): string => {
    const names = keys(value);
    let plain = '';
    let pairs = '';
    let tagged = false;
    for (let index = 0; index < names.length; index++) {
      const name = names[index] as string;
      if (name === '$') tagged = true;
      const quoted = encodeText(walk, name);
      const item = encode(value[name], walk, depth + 1, `${path}.${cut(name, 40)}`);
      const comma = index > 0 ? ',' : '';
      plain += `${comma}${quoted}:${item}`;
      pairs += `${comma}[${quoted},${item}]`;
    }
    return tagged ? `{"$":"object","v":[${pairs}]}` : `{${plain}}`;
  };
  const encodeOther = (value: object, walk: Walk, depth: number, path: string): string => {
    const time = brand(methods.getTime, value);
    if (time !== undefined)
      return written(walk, `{"$":"date","v":${isNaNNumber(time as number) ? 'null' : `${time}`}}`);
    if (brand(methods.mapSize, value) !== undefined) return encodeMap(value, walk, depth, path);
    if (brand(methods.setSize, value) !== undefined) return encodeSet(value, walk, depth, path);
    if (isView(value) || brand(methods.bufferLength, value) !== undefined)
      return encodeBytes(value, walk, path);
    if (isError(value)) {
      const { name, message } = describeError(value);
      return `{"$":"error","v":[${encodeText(walk, name)},${encodeText(walk, message)}]}`;
    }
    const source = brand(methods.regexpSource, value);
    // Its prototype answers too, but has no flags.
    const flags = source === undefined ? undefined : flagsOf(value);
    if (flags !== undefined)
      return `{"$":"regexp","v":[${encodeText(walk, source as string)},"${flags}"]}`;
    return encodePlain(value as Record<string, unknown>, walk, depth, path);
  };
  const encodeMap = (value: object, walk: Walk, depth: number, path: string): string => {
    let items = '';
    call(methods.mapForEach, value, (item: unknown, key: unknown) => {
      const pair = `${encode(key, walk, depth + 1, `${path}.key`)},${encode(item, walk, depth + 1, `${path}.value`)}`;
      items += `${items === '' ? '' : ','}[${pair}]`;
    });
    return `{"$":"map","v":[${items}]}`;
  };
  const encodeSet = (value: object, walk: Walk, depth: number, path: string): string => {
    let items = '';
    call(methods.setForEach, value, (item: unknown) => {
      items += (items === '' ? '' : ',') + encode(item, walk, depth + 1, `${path}.item`);
    });
    return `{"$":"set","v":[${items}]}`;
  };
  const encodeBytes = (value: object, walk: Walk, path: string): string => {
    const { viewBuffer, dataBuffer, viewOffset, dataOffset, viewLength, dataLength } = methods;
    const buffer = brand(viewBuffer, value) ?? brand(dataBuffer, value) ?? value;
    const offset = (brand(viewOffset, value) ?? brand(dataOffset, value) ?? 0) as number;
    const length = (brand(viewLength, value) ??
      brand(dataLength, value) ??
      brand(methods.bufferLength, value)) as number | undefined;
    // A view of a buffer that was given away has none.
    if (length === undefined) return fail(path, 'has no bytes any more, which cannot cross');
    take(walk, (length * 4) / 3 + 16);
    const bytes = new NativeBytes(buffer as ArrayBuffer, offset, length);
    return `{"$":"bytes","v":"${toBase64(bytes, length)}"}`;
  };
  const flagsOf = (value: object): string | undefined => {
    const { d, g, i, m, s, u, v, y } = methods.regexpFlags;
    const flag = (getter: typeof d, letter: string): string => (call(getter, value) ? letter : '');
    if (value === own.NativeRegExp.prototype) return undefined;
    const first = flag(d, 'd') + flag(g, 'g') + flag(i, 'i') + flag(m, 'm');
    return first + flag(s, 's') + flag(u, 'u') + flag(v, 'v') + flag(y, 'y');
  };
  const newWalk = (depthMax: number, nodesMax: number, charsMax: number): Walk => ({
    nodes: 0,
    chars: 0,
    depthMax,
    nodesMax,
    charsMax,
    open: new NativeSet(),
  });

  /** An argument of a command, of `state` or of `macros.call`. */
  const encodeCrossing = (value: unknown, name: string): string => {
    try {
      return encode(value, newWalk(32, 20_000, CROSSING_CHARS), 0, name);
    } catch (error) {
      if (error !== TOO_LONG) throw error;
      return fail(name, `is longer than ${CROSSING_CHARS} characters, which cannot cross`);
    }
  };
  /** The macro's result; null when it is longer than `charsMax`. */
  const encodeResult = (value: unknown, charsMax: number): string | null => {
    try {
      return encode(value, newWalk(64, 200_000, charsMax), 0, 'the result');
    } catch (error) {
      if (error !== TOO_LONG) throw error;
      return null;
    }
  };
  return { encodeCrossing, encodeResult };
}
