// Owns bytes as base64 text and back, in the bridge: the isolate has nothing of the kind.

import type { OwnCopies } from './own-copies.ts';

/** What {@link base64} gives. */
export type Base64 = ReturnType<typeof base64>;

/** Makes the two functions. */
export function base64({ floor, NativeBytes, record }: OwnCopies) {
  const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
  let digitValues: Record<string, unknown> | null = null;
  /** Made when bytes first come in: few macros ever need it. */
  const readDigits = (): Record<string, unknown> => {
    const values = record();
    for (let i = 0; i < 64; i++) values[DIGITS[i] as string] = i;
    return values;
  };

  const toBase64 = (bytes: Uint8Array, length: number): string => {
    let text = '';
    for (let index = 0; index < length; index += 3) {
      const left = length - index;
      const word =
        ((bytes[index] as number) << 16) |
        ((left > 1 ? (bytes[index + 1] as number) : 0) << 8) |
        (left > 2 ? (bytes[index + 2] as number) : 0);
      text +=
        (DIGITS[(word >> 18) & 63] as string) +
        DIGITS[(word >> 12) & 63] +
        (left > 1 ? DIGITS[(word >> 6) & 63] : '=') +
        (left > 2 ? DIGITS[word & 63] : '=');
    }
    return text;
  };

  const fromBase64 = (text: string): Uint8Array => {
    let length = floor((text.length * 3) / 4);
    if (text.length > 0 && text[text.length - 1] === '=') length--;
    if (text.length > 1 && text[text.length - 2] === '=') length--;
    const bytes = new NativeBytes(length);
    digitValues ??= readDigits();
    const values = digitValues;
    const digit = (at: number) => (values[text[at] as string] ?? 0) as number;
    for (let i = 0, at = 0; i < text.length; i += 4) {
      const word = (digit(i) << 18) | (digit(i + 1) << 12) | (digit(i + 2) << 6) | digit(i + 3);
      for (let shift = 16; shift >= 0 && at < length; shift -= 8)
        bytes[at++] = (word >> shift) & 255;
    }
    return bytes;
  };

  return { toBase64, fromBase64 };
}
