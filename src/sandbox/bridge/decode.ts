// Owns the way in: tagged JSON text from the trusted side becomes a value of the macro.

import type { Base64 } from './base64.ts';
import type { OwnCopies } from './own-copies.ts';
import type { OwnMethods } from './own-methods.ts';
import type { Texts } from './texts.ts';

/** What {@link decoder} gives. */
export type Decoder = ReturnType<typeof decoder>;

/** Makes the function that decodes. */
export function decoder(
  own: OwnCopies,
  { mapSet, setAdd }: OwnMethods,
  { named }: Texts,
  { fromBase64 }: Base64,
) {
  const { call, define, getOwnPropertyDescriptor, isArray, keys, ownValue, parse } = own;

  const decode = (json: unknown): unknown => {
    if (json === null || typeof json !== 'object') return json;
    if (isArray(json)) {
      for (let index = 0; index < json.length; index++) json[index] = decode(json[index]);
      return json;
    }
    if (getOwnPropertyDescriptor(json, '$'))
      return decodeTag(ownValue(json, '$') as string, ownValue(json, 'v'));
    const names = keys(json);
    for (let index = 0; index < names.length; index++) {
      const name = names[index] as string;
      define(json, name, decode(ownValue(json, name)));
    }
    return json;
  };
  const decodeTag = (tag: string, v: unknown): unknown => {
    const list = v as unknown[];
    switch (tag) {
      case 'number':
        return own.NativeNumber(v);
      case 'bigint':
        return own.NativeBigInt(v as string);
      case 'date':
        return new own.NativeDate(v === null ? 0 / 0 : (v as number));
      case 'map': {
        const map = new own.NativeMap();
        for (let i = 0; i < list.length; i++) {
          const pair = list[i] as [unknown, unknown];
          call(mapSet, map, decode(pair[0]), decode(pair[1]));
        }
        return map;
      }
      case 'set': {
        const set = new own.NativeSet();
        for (let i = 0; i < list.length; i++) call(setAdd, set, decode(list[i]));
        return set;
      }
      case 'regexp':
        return new own.NativeRegExp(list[0] as string, list[1] as string);
      case 'error':
        return named(list[0] as string, list[1] as string);
      case 'bytes':
        return fromBase64(v as string);
      case 'object': {
        const object: Record<string, unknown> = {};
        for (let i = 0; i < list.length; i++) {
          const pair = list[i] as [string, unknown];
          define(object, pair[0], decode(pair[1]));
        }
        return object;
      }
      default:
        return undefined;
    }
  };
  return { decodeText: (text: string): unknown => decode(parse(text)) };
}
