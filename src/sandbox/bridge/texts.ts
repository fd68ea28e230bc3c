// Owns bounded text in the bridge: whatever a macro throws or logs becomes text here, and nothing it does can make that
// throw or grow.

import type { OwnCopies } from './own-copies.ts';
import type { OwnMethods } from './own-methods.ts';

/** What {@link texts} gives. */
export type Texts = ReturnType<typeof texts>;

/** A thrown value as text. */
export interface ToldError {
  readonly name: string;
  readonly message: string;
  readonly stack: string;
}

/** Makes the functions that turn anything into bounded text. */
export function texts(own: OwnCopies, methods: OwnMethods) {
  const { call, define, isArray, isError, isNaNNumber, keys, asIntN } = own;
  const { NativeError, NativeSet, stringify: quote } = own;
  const { bigintText, dateText, errorText, getTime, mapSize, setSize, slice, symbolText } = methods;
  const { setAdd, setDelete, setHas } = methods;
  const ITEMS_SHOWN = 100;
  const MESSAGE_CHARS = 8192;
  const STACK_CHARS = 12_000;
  const CAUSES_SHOWN = 4;
  const ERRORS_SHOWN = 3;
  const UNREADABLE = '[unreadable]';

  const cut = (text: string, max: number): string =>
    text.length > max ? (call(slice, text, 0, max) as string) : text;
  const textOf = (value: unknown, max: number): string =>
    typeof value === 'string' ? cut(value, max) : '';
  /** Getters and proxies may throw anything; the end of the stack is theirs too. */
  const attempt = (work: () => unknown): unknown => {
    try {
      return work();
    } catch {
      return undefined;
    }
  };
  const read = (value: object, name: string): unknown =>
    attempt(() => (value as Record<string, unknown>)[name]);

  /** Shows a value, at most `depth` levels and `max` characters of it. A text at the top is shown bare. */
  const preview = (value: unknown, depth: number, max: number): string => {
    let left = max;
    const open = new NativeSet();
    const put = (text: string): string => {
      const kept = cut(text, left > 0 ? left : 0);
      left -= kept.length;
      return kept;
    };
    const show = (item: unknown, level: number): string => {
      if (left <= 0) return '';
      switch (typeof item) {
        case 'string':
          return put(level === depth ? item : quote(cut(item, left)));
        case 'bigint':
          // A BigInt of 2^26 bits takes seconds to print: its size is checked first.
          return put(
            asIntN(65_536, item) === item ? `${call(bigintText, item)}n` : '(a huge BigInt)',
          );
        case 'symbol':
          return put(call(symbolText, item) as string);
        case 'function':
          return put(`[function ${textOf(read(item, 'name'), 60)}]`);
        case 'object':
          return item === null ? put('null') : showObject(item, level);
        default:
          return put(`${item as number}`);
      }
    };
    const showObject = (item: object, level: number): string => {
      if (call(setHas, open, item)) return put('[circular]');
      if (isError(item)) {
        const stack = textOf(read(item, 'stack'), left);
        return put(
          stack ||
            textOf(
              attempt(() => call(errorText, item)),
              left,
            ) ||
            'Error',
        );
      }
      const time = attempt(() => call(getTime, item));
      if (time !== undefined)
        return put(isNaNNumber(time as number) ? 'Invalid Date' : (call(dateText, item) as string));
      if (level <= 0) return put(isArray(item) ? '[…]' : '{…}');
      call(setAdd, open, item);
      const text = showItems(item, level);
      call(setDelete, open, item);
      return text;
    };
    const showItems = (item: object, level: number): string => {
      const array = isArray(item);
      const names = array ? [] : ((attempt(() => keys(item)) ?? null) as string[] | null);
      if (names === null) return put(UNREADABLE);
      const told = array ? read(item, 'length') : names.length;
      const length = typeof told === 'number' ? told : 0;
      let text = put(array ? '[' : `${kindOf(item)}{`);
      for (let i = 0; i < length && left > 0; i++) {
        if (i >= ITEMS_SHOWN) {
          text += put(`, … ${length - i} more`);
          break;
        }
        text += put(i > 0 ? ', ' : array ? '' : ' ');
        const name = array ? `${i}` : (names[i] as string);
        if (!array) text += put(`${cut(name, 200)}: `);
        text += showProperty(item, name, level);
      }
      return text + put(array ? ']' : length > 0 ? ' }' : '}');
    };
    const showProperty = (item: object, name: string, level: number): string => {
      let value: unknown;
      try {
        value = (item as Record<string, unknown>)[name];
      } catch {
        return put(UNREADABLE);
      }
      return show(value, level - 1);
    };
    const kindOf = (item: object): string => {
      const mapped = attempt(() => call(mapSize, item));
      if (mapped !== undefined) return `Map(${mapped as number}) `;
      const set = attempt(() => call(setSize, item));
      return set === undefined ? '' : `Set(${set as number}) `;
    };
    return (attempt(() => show(value, depth)) as string | undefined) ?? UNREADABLE;
  };

  const describeError = (thrown: unknown): ToldError => {
    if (thrown !== null && typeof thrown === 'object') {
      const message = textOf(read(thrown, 'message'), MESSAGE_CHARS);
      const name = textOf(read(thrown, 'name'), 200);
      if (isError(thrown) || message !== '') {
        const stack = textOf(read(thrown, 'stack'), STACK_CHARS);
        return { name: name === '' ? 'Error' : name, message, stack };
      }
    }
    return { name: 'thrown', message: preview(thrown, 2, MESSAGE_CHARS), stack: '' };
  };
  /** A thrown value, and behind its words those of the errors that it gives as its cause, or gathers. */
  const describeThrown = (thrown: unknown): ToldError => {
    const told = describeError(thrown);
    let { message, stack } = told;
    const add = (item: unknown, how: string): void => {
      const inner = describeError(item);
      message = cut(`${message} (${how} ${inner.name}: ${inner.message})`, MESSAGE_CHARS);
      // Behind its own: that of `Promise.any` has no frame at all.
      stack = cut(`${stack}\n${inner.stack}`, STACK_CHARS);
    };
    let from = thrown;
    for (let n = 0; n < CAUSES_SHOWN && isError(from); n++) {
      const error: object = from as object;
      const errors = read(error, 'errors');
      if (errors !== null && typeof errors === 'object' && isArray(errors))
        for (let i = 0; i < ERRORS_SHOWN; i++) {
          const item = read(errors, `${i}`);
          if (item !== undefined) add(item, `${i + 1}.`);
        }
      from = read(error, 'cause');
      if (from !== undefined) add(from, 'caused by');
    }
    return { name: told.name, message, stack };
  };

  /** An error with a name, a code where there is one, and the frames of the stack text of another place. */
  const named = (name: string, message: string, code = '', stack = ''): Error => {
    const error = new NativeError(message);
    define(error, 'name', name, false);
    if (code !== '') define(error, 'code', code);
    if (stack !== '') {
      // The other stack's own first line is replaced.
      let at = 0;
      while (at < stack.length && stack[at] !== '\n') at++;
      define(error, 'stack', `${name}: ${message}${call(slice, stack, at) as string}`, false);
    }
    return error;
  };

  return { attempt, cut, describeError, describeThrown, named, preview, quote, textOf };
}
