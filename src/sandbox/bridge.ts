// Owns what a macro sees: this function's own text runs inside the isolate, before the macro, and never in this process.
// It keeps its own copy of every built-in it uses, so that a macro can only break itself by replacing one.

/** What the worker hands the bridge; none of it is ever reachable from macro code. */
export interface BridgePorts {
  /** Ignored callback: fire and forget, 3.7 µs. */
  readonly post: (
    kind: string,
    a?: unknown,
    b?: unknown,
    c?: unknown,
    d?: unknown,
    e?: unknown,
  ) => void;
  /** Synchronous callback (81 µs): the JSON of what is left of each limit. */
  readonly budget: () => string;
  /** One shared Int32: the last risky operation begun. */
  readonly cell: Int32Array;
}

/** The bridge's own ends, called by the worker with JSON text. */
export interface BridgeEnds {
  /** Sets the macro's globals. */
  readonly configure: (text: string) => void;
  /** Answers a request, wakes a sleep, or aborts `signal`. */
  readonly deliver: (text: string) => void;
}

/** What {@link BridgeEnds.configure} takes, as JSON. */
export interface BridgeConfig {
  readonly seed: number;
  readonly input: string;
  readonly outputBytes: number;
  readonly commands: number;
  readonly catalogue: Readonly<Record<string, readonly string[]>>;
}

/** What {@link BridgeEnds.deliver} takes, as JSON. */
export interface BridgeDelivery {
  readonly id?: number;
  readonly value?: string | null;
  readonly error?: {
    readonly name: string;
    readonly message: string;
    readonly code: string;
  } | null;
  readonly abort?: string;
}

/** The text to run in a fresh context: evaluates to a function that takes {@link BridgePorts} and gives {@link BridgeEnds}. */
export function bridgeSource(): string {
  return `(${bridge.toString()})`;
}

type Callback = (...args: unknown[]) => unknown;

function bridge(
  post: BridgePorts['post'],
  budgetNow: BridgePorts['budget'],
  cell: Int32Array,
): BridgeEnds {
  // ── Own copies ──
  const {
    apply,
    getPrototypeOf,
    ownKeys,
    defineProperty: reflectDefine,
    construct,
    deleteProperty,
  } = Reflect;
  const { create, keys: objectKeys, defineProperty, freeze, getOwnPropertyDescriptor } = Object;
  const { isArray } = Array;
  const { stringify, parse } = JSON;
  const { isFinite: isFiniteNumber, isNaN: isNaNNumber } = Number;
  const { isView } = ArrayBuffer;
  const dateNow = Date.now;
  const { floor, imul } = Math;
  const NativePromise = Promise;
  const NativeError = Error;
  const NativeTypeError = TypeError;
  const NativeRangeError = RangeError;
  const NativeMap = Map;
  const NativeSet = Set;
  const NativeDate = Date;
  const NativeBytes = Uint8Array;
  const NativeString = String;
  const NativeNumber = Number;
  const NativeBigInt = BigInt;
  const NativeArrayBuffer = ArrayBuffer;
  const NativeRegExp = RegExp;
  const ObjectPrototype = Object.prototype;
  const capture = NativeError.captureStackTrace;
  const call = (method: Callback, self: unknown, ...args: unknown[]) => apply(method, self, args);
  const mapForEach = NativeMap.prototype.forEach as Callback;
  const setForEach = NativeSet.prototype.forEach as Callback;
  const setHas = NativeSet.prototype.has as Callback;
  const setAdd = NativeSet.prototype.add as Callback;
  const setDelete = NativeSet.prototype.delete as Callback;
  const mapSet = NativeMap.prototype.set as Callback;
  const getTime = NativeDate.prototype.getTime as Callback;
  const slice = NativeString.prototype.slice as unknown as Callback;
  const asIntN = NativeBigInt.asIntN;
  const bigintText = NativeBigInt.prototype.toString as Callback;
  const errorText = NativeError.prototype.toString as Callback;
  const regexpSource = getOwnPropertyDescriptor(NativeRegExp.prototype, 'source')?.get as Callback;
  const regexpFlags = getOwnPropertyDescriptor(NativeRegExp.prototype, 'flags')?.get as Callback;
  const typedProto = getPrototypeOf(NativeBytes.prototype) as object;
  const viewBuffer = getOwnPropertyDescriptor(typedProto, 'buffer')?.get as Callback;
  const viewOffset = getOwnPropertyDescriptor(typedProto, 'byteOffset')?.get as Callback;
  const viewLength = getOwnPropertyDescriptor(typedProto, 'byteLength')?.get as Callback;
  const dataView = DataView.prototype;
  const dataBuffer = getOwnPropertyDescriptor(dataView, 'buffer')?.get as Callback;
  const dataOffset = getOwnPropertyDescriptor(dataView, 'byteOffset')?.get as Callback;
  const dataLength = getOwnPropertyDescriptor(dataView, 'byteLength')?.get as Callback;
  const bufferLength = getOwnPropertyDescriptor(NativeArrayBuffer.prototype, 'byteLength')
    ?.get as Callback;
  const globals = globalThis as unknown as Record<string, unknown>;
  const record = (): Record<string, unknown> => create(null) as Record<string, unknown>;

  const cut = (text: string, max: number): string =>
    text.length > max ? (call(slice, text, 0, max) as string) : text;
  const quote = (text: string): string => stringify(text);
  /** Gives a method's answer or undefined where the value is not of its kind (or its trap throws). */
  const brand = (method: Callback, value: unknown): unknown => {
    try {
      return call(method, value);
    } catch {
      return undefined;
    }
  };

  // ── Out: a value becomes bounded, tagged JSON text ──
  interface Walk {
    nodes: number;
    chars: number;
    readonly nodesMax: number;
    readonly charsMax: number;
    readonly depthMax: number;
    readonly open: unknown;
  }
  const TOO_LONG = freeze(record());
  const fail = (path: string, what: string): never => {
    throw new NativeTypeError(`${cut(path, 200)} ${what}`);
  };
  const count = (walk: Walk, depth: number, path: string, chars: number): void => {
    walk.nodes++;
    walk.chars += chars + 2;
    if (depth > walk.depthMax)
      fail(path, `is nested deeper than ${walk.depthMax} levels, which cannot cross`);
    if (walk.nodes > walk.nodesMax)
      fail(path, `: more than ${walk.nodesMax} values at once cannot cross`);
    if (walk.chars > walk.charsMax) throw TOO_LONG;
  };
  const encode = (value: unknown, walk: Walk, depth: number, path: string): string => {
    count(walk, depth, path, typeof value === 'string' ? value.length : 8);
    switch (typeof value) {
      case 'string':
        return quote(value);
      case 'boolean':
        return value ? 'true' : 'false';
      case 'number':
        if (value === 0 && 1 / value < 0) return '{"$":"number","v":"-0"}';
        return isFiniteNumber(value) ? `${value}` : `{"$":"number","v":"${value}"}`;
      case 'undefined':
        return '{"$":"undefined"}';
      case 'bigint':
        // A BigInt of 2^26 bits takes seconds to print: its size is checked first.
        if (asIntN(65_536, value) !== value) return fail(path, 'is a BigInt too large to cross');
        return `{"$":"bigint","v":"${call(bigintText, value)}"}`;
      case 'object':
        return value === null ? 'null' : encodeObject(value, walk, depth, path);
      default:
        return fail(path, `is a ${typeof value}, which cannot cross`);
    }
  };
  const encodeObject = (value: object, walk: Walk, depth: number, path: string): string => {
    if (call(setHas, walk.open, value))
      fail(path, 'refers back to itself (a cycle), which cannot cross');
    call(setAdd, walk.open, value);
    const text = isArray(value)
      ? encodeArray(value, walk, depth, path)
      : getPrototypeOf(value) === ObjectPrototype
        ? encodePlain(value as Record<string, unknown>, walk, depth, path)
        : encodeOther(value, walk, depth, path);
    call(setDelete, walk.open, value);
    return text;
  };
  const encodeArray = (value: unknown[], walk: Walk, depth: number, path: string): string => {
    const { length } = value;
    if (length > walk.nodesMax) fail(path, `has ${length} items, which cannot cross`);
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
    const names = objectKeys(value);
    let plain = '';
    let pairs = '';
    let tagged = false;
    for (let index = 0; index < names.length; index++) {
      const name = names[index] as string;
      if (name === '$') tagged = true;
      count(walk, depth, path, name.length);
      const item = encode(value[name], walk, depth + 1, `${path}.${cut(name, 40)}`);
      const comma = index > 0 ? ',' : '';
      plain += `${comma}${quote(name)}:${item}`;
      pairs += `${comma}[${quote(name)},${item}]`;
    }
    return tagged ? `{"$":"object","v":[${pairs}]}` : `{${plain}}`;
  };
  const encodeOther = (value: object, walk: Walk, depth: number, path: string): string => {
    const time = brand(getTime, value);
    if (time !== undefined)
      return `{"$":"date","v":${isNaNNumber(time as number) ? 'null' : `${time}`}}`;
    let items = '';
    const add = (text: string) => {
      items += (items === '' ? '' : ',') + text;
    };
    try {
      call(mapForEach, value, (item: unknown, key: unknown) => {
        add(
          `[${encode(key, walk, depth + 1, `${path}.key`)},${encode(item, walk, depth + 1, `${path}.value`)}]`,
        );
      });
      return `{"$":"map","v":[${items}]}`;
    } catch (error) {
      if (items !== '' || walk.chars > walk.charsMax || walk.nodes > walk.nodesMax) throw error;
    }
    try {
      call(setForEach, value, (item: unknown) => {
        add(encode(item, walk, depth + 1, `${path}.item`));
      });
      return `{"$":"set","v":[${items}]}`;
    } catch (error) {
      if (items !== '' || walk.chars > walk.charsMax || walk.nodes > walk.nodesMax) throw error;
    }
    if (isView(value) || brand(bufferLength, value) !== undefined)
      return encodeBytes(value, walk, depth, path);
    if (value instanceof NativeError) {
      const told = describeError(value);
      return `{"$":"error","v":[${quote(told.name)},${quote(told.message)}]}`;
    }
    if (value instanceof NativeRegExp) {
      const source = brand(regexpSource, value);
      const flags = brand(regexpFlags, value);
      if (typeof source === 'string' && typeof flags === 'string') {
        count(walk, depth, path, source.length);
        return `{"$":"regexp","v":[${quote(source)},${quote(flags)}]}`;
      }
    }
    return encodePlain(value as Record<string, unknown>, walk, depth, path);
  };
  const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
  const encodeBytes = (value: object, walk: Walk, depth: number, path: string): string => {
    const buffer = brand(viewBuffer, value) ?? brand(dataBuffer, value) ?? value;
    const offset = (brand(viewOffset, value) ?? brand(dataOffset, value) ?? 0) as number;
    const length = (brand(viewLength, value) ??
      brand(dataLength, value) ??
      brand(bufferLength, value)) as number;
    count(walk, depth, path, (length * 4) / 3);
    const bytes = new NativeBytes(buffer as ArrayBuffer, offset, length);
    let text = '';
    for (let index = 0; index < length; index += 3) {
      const left = length - index;
      const word =
        ((bytes[index] as number) << 16) |
        ((left > 1 ? (bytes[index + 1] as number) : 0) << 8) |
        (left > 2 ? (bytes[index + 2] as number) : 0);
      text +=
        (BASE64[(word >> 18) & 63] as string) +
        BASE64[(word >> 12) & 63] +
        (left > 1 ? BASE64[(word >> 6) & 63] : '=') +
        (left > 2 ? BASE64[word & 63] : '=');
    }
    return `{"$":"bytes","v":"${text}"}`;
  };
  const newWalk = (depthMax: number, nodesMax: number, charsMax: number): Walk => ({
    nodes: 0,
    chars: 0,
    depthMax,
    nodesMax,
    charsMax,
    open: new NativeSet(),
  });
  const encodeCrossing = (value: unknown, name: string): string => {
    try {
      return encode(value, newWalk(32, 20_000, 262_144), 0, name);
    } catch (error) {
      if (error === TOO_LONG)
        return fail(name, 'is longer than 262144 characters, which cannot cross');
      throw error;
    }
  };

  // ── In: tagged JSON text becomes a value ──
  const decode = (json: unknown): unknown => {
    if (json === null || typeof json !== 'object') return json;
    if (isArray(json)) {
      for (let index = 0; index < json.length; index++) json[index] = decode(json[index]);
      return json;
    }
    const source = json as Record<string, unknown>;
    const names = ownKeys(source) as string[];
    if (getOwnPropertyDescriptor(source, '$')) return decodeTag(source.$ as string, source.v);
    for (let index = 0; index < names.length; index++) {
      const name = names[index] as string;
      // Defined, not assigned: a key `__proto__` is data.
      reflectDefine(source, name, {
        __proto__: null,
        value: decode(getOwnPropertyDescriptor(source, name)?.value),
        enumerable: true,
        configurable: true,
        writable: true,
      } as PropertyDescriptor);
    }
    return source;
  };
  const decodeTag = (tag: string, v: unknown): unknown => {
    const list = v as unknown[];
    switch (tag) {
      case 'number':
      case 'bigint':
        return tag === 'number' ? NativeNumber(v) : NativeBigInt(v as string);
      case 'date':
        return new NativeDate(v === null ? 0 / 0 : (v as number));
      case 'map': {
        const map = new NativeMap();
        for (let i = 0; i < list.length; i++) {
          const pair = list[i] as [unknown, unknown];
          call(mapSet, map, decode(pair[0]), decode(pair[1]));
        }
        return map;
      }
      case 'set': {
        const set = new NativeSet();
        for (let i = 0; i < list.length; i++) call(setAdd, set, decode(list[i]));
        return set;
      }
      case 'regexp':
        return new NativeRegExp(list[0] as string, list[1] as string);
      case 'error':
        return named(list[0] as string, list[1] as string);
      case 'bytes':
        return decodeBytes(v as string);
      case 'object': {
        const object: Record<string, unknown> = {};
        for (let i = 0; i < list.length; i++) {
          const pair = list[i] as [string, unknown];
          reflectDefine(object, pair[0], {
            __proto__: null,
            value: decode(pair[1]),
            enumerable: true,
            configurable: true,
            writable: true,
          } as PropertyDescriptor);
        }
        return object;
      }
      default:
        return undefined;
    }
  };
  const decodeBytes = (text: string): Uint8Array => {
    const value = record();
    for (let i = 0; i < 64; i++) value[BASE64[i] as string] = i;
    let length = floor((text.length * 3) / 4);
    if (text.length > 0 && text[text.length - 1] === '=') length--;
    if (text.length > 1 && text[text.length - 2] === '=') length--;
    const bytes = new NativeBytes(length);
    for (let i = 0, at = 0; i < text.length; i += 4) {
      const digit = (offset: number) => (value[text[i + offset] as string] ?? 0) as number;
      const word = (digit(0) << 18) | (digit(1) << 12) | (digit(2) << 6) | digit(3);
      for (let shift = 16; shift >= 0 && at < length; shift -= 8)
        bytes[at++] = (word >> shift) & 255;
    }
    return bytes;
  };
  const decodeText = (text: string): unknown => decode(parse(text));

  // ── Errors and logs: anything becomes bounded text ──
  const read = (value: object, name: string): unknown => {
    try {
      return (value as Record<string, unknown>)[name];
    } catch {
      return undefined;
    }
  };
  const textOf = (value: unknown, max: number): string =>
    typeof value === 'string' ? cut(value, max) : '';
  const describeError = (thrown: unknown): { name: string; message: string; stack: string } => {
    if (thrown !== null && typeof thrown === 'object') {
      const message = textOf(read(thrown, 'message'), 8192);
      const name = textOf(read(thrown, 'name'), 200);
      if (thrown instanceof NativeError || message !== '') {
        return {
          name: name === '' ? 'Error' : name,
          message,
          stack: textOf(read(thrown, 'stack'), 12_000),
        };
      }
    }
    return { name: 'thrown', message: preview(thrown, 2, 8192), stack: '' };
  };
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
          return put(
            asIntN(65_536, item) === item ? `${call(bigintText, item)}n` : '(a huge BigInt)',
          );
        case 'symbol':
          return put('Symbol()');
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
      if (item instanceof NativeError)
        return put(
          textOf(read(item, 'stack'), left) || (brand(errorText, item) as string) || 'Error',
        );
      const time = brand(getTime, item);
      if (time !== undefined)
        return put(
          isNaNNumber(time as number) ? 'Invalid Date' : stringify(new NativeDate(time as number)),
        );
      if (level <= 0) return put(isArray(item) ? '[…]' : '{…}');
      call(setAdd, open, item);
      const array = isArray(item);
      const names = array ? [] : objectKeys(item);
      const length = array ? item.length : names.length;
      let text = put(array ? '[' : '{');
      for (let i = 0; i < length && left > 0; i++) {
        if (i >= 100) {
          text += put(`, … ${length - i} more`);
          break;
        }
        text += put(i > 0 ? ', ' : array ? '' : ' ');
        const name = array ? i : (names[i] as string);
        if (!array) text += put(`${name as string}: `);
        text += show((item as Record<string | number, unknown>)[name], level - 1);
      }
      call(setDelete, open, item);
      return text + put(array ? ']' : length > 0 ? ' }' : '}');
    };
    return show(value, depth);
  };
  const named = (name: string, message: string, code = '', stack = ''): Error => {
    const error = new NativeError(message);
    defineProperty(error, 'name', {
      __proto__: null,
      value: name,
      configurable: true,
      writable: true,
    } as PropertyDescriptor);
    if (code !== '')
      defineProperty(error, 'code', {
        __proto__: null,
        value: code,
        configurable: true,
        writable: true,
        enumerable: true,
      } as PropertyDescriptor);
    if (stack !== '') {
      // The holder's own first line is replaced; the frames are where the macro gave the command.
      let at = 0;
      while (at < stack.length && stack[at] !== '\n') at++;
      defineProperty(error, 'stack', {
        __proto__: null,
        value: `${name}: ${message}${call(slice, stack, at) as string}`,
        configurable: true,
        writable: true,
      } as PropertyDescriptor);
    }
    return error;
  };

  // ── Requests: everything a macro waits for ──
  interface Waiting {
    readonly resolve: (value: unknown) => void;
    readonly reject: (error: unknown) => void;
    readonly command: boolean;
    /** Where the macro asked, so that a failure can say so. */
    readonly stack: string;
  }
  const waiting = record() as Record<number, Waiting>;
  let nextId = 1;
  let waitingCount = 0;
  let commandsInFlight = 0;
  let commandsLeft = 0;
  let outputLeft = 0;
  let everyCount = 0;
  let ended = false;
  let bodyResult: { value: unknown } | null = null;
  const WAITING_MAX = 10_000;

  const request = (kind: string, a: unknown, b: unknown, command: boolean): Promise<unknown> => {
    if (waitingCount >= WAITING_MAX)
      throw new NativeRangeError(
        `more than ${WAITING_MAX} commands and sleeps are pending at once`,
      );
    const id = nextId++;
    const stack = command ? stackNow() : '';
    const promise = new NativePromise((resolve, reject) => {
      waiting[id] = { resolve, reject, command, stack };
    });
    waitingCount++;
    if (command) commandsInFlight++;
    post(kind, id, a, b, stack);
    return promise;
  };
  const stackNow = (): string => {
    const holder = record();
    capture(holder, stackNow);
    return textOf(holder.stack, 2000);
  };
  const refuse = (error: unknown): Promise<never> =>
    new NativePromise((_, reject) => reject(error));
  const give = (kind: string, name: string, args: unknown): Promise<unknown> => {
    let text: string;
    try {
      text = encodeCrossing(args, name);
    } catch (error) {
      return refuse(error);
    }
    if (kind !== 'state' && kind !== 'call') {
      // One more than allowed goes out, so that the supervisor sees the limit passed; the rest never leaves.
      if (commandsLeft < 0) return new NativePromise(() => {});
      commandsLeft--;
    }
    try {
      return request(kind, name, text, true);
    } catch (error) {
      return refuse(error);
    }
  };
  const finishIfDone = (): void => {
    if (ended || bodyResult === null || everyCount > 0 || commandsInFlight > 0) return;
    ended = true;
    try {
      const text = encode(bodyResult.value, newWalk(64, 200_000, outputLeft), 0, 'the result');
      post('done', text);
    } catch (error) {
      if (error === TOO_LONG) post('tooLong');
      else fault(error);
    }
  };
  const fault = (error: unknown): void => {
    ended = true;
    const told = describeError(error);
    post('fault', told.name, told.message, told.stack);
  };

  // ── The macro's world ──
  const sleep = (ms: unknown): Promise<unknown> => {
    const time = NativeNumber(ms);
    if (isNaNNumber(time) || time < 0)
      return refuse(new NativeRangeError('sleep(ms) takes a number of milliseconds, 0 or more'));
    try {
      return request('sleep', time > 2_147_483_647 ? 2_147_483_647 : time, '', false);
    } catch (error) {
      return refuse(error);
    }
  };
  const every = (ms: unknown, task: unknown): { stop(): void } => {
    const time = NativeNumber(ms);
    if (isNaNNumber(time) || time < 10)
      throw new NativeRangeError('every(ms, fn) takes at least 10 milliseconds');
    if (typeof task !== 'function') throw new NativeTypeError('every(ms, fn) takes a function');
    let stopped = false;
    everyCount++;
    const stop = (): void => {
      if (stopped) return;
      stopped = true;
      everyCount--;
      finishIfDone();
    };
    const turn = async (): Promise<void> => {
      while (!stopped) {
        await sleep(time);
        if (!stopped) await (task as Callback)();
      }
    };
    turn().then(undefined, (error) => {
      if (!ended) fault(error);
    });
    return freeze({ stop });
  };
  const log =
    (level: string) =>
    (...args: unknown[]): void => {
      if (outputLeft <= 0) return;
      let text = '';
      for (let i = 0; i < args.length; i++) text += (i > 0 ? ' ' : '') + preview(args[i], 3, 8192);
      text = cut(text, 16_384);
      outputLeft -= text.length + 16;
      post('log', level, text);
      if (outputLeft <= 0) post('overflow');
    };
  const levels = {
    debug: log('debug'),
    info: log('info'),
    log: log('info'),
    warn: log('warn'),
    error: log('error'),
    trace: log('debug'),
  };
  const logNames = objectKeys(levels);
  // `log('…')` is what everybody writes first: it is `log.info`.
  const logger = log('info') as ReturnType<typeof log> & typeof levels;
  for (let i = 0; i < logNames.length; i++) {
    const name = logNames[i] as keyof typeof levels;
    defineProperty(logger, name, {
      __proto__: null,
      value: freeze(levels[name]),
    } as PropertyDescriptor);
  }
  freeze(logger);
  freeze(levels);
  const state = freeze({
    get: (key: unknown, fallback: unknown) =>
      give('state', 'get', { key }).then((value) => (value === undefined ? fallback : value)),
    set: (key: unknown, value: unknown) => give('state', 'set', { key, value }),
    incr: (key: unknown, by: unknown = 1) => give('state', 'incr', { key, by }),
    delete: (key: unknown) => give('state', 'delete', { key }),
  });
  const macros = freeze({
    call: (name: unknown, input: unknown = {}) => give('call', textOf(name, 200), input),
  });
  const command = (line: unknown): Promise<unknown> =>
    typeof line === 'string'
      ? give('slash', 'command', line)
      : refuse(new NativeTypeError('command(line) takes a text such as "/say hello"'));

  // sfc32: 128 bits of state, passes PractRand; seeded by splitmix-style mixing of the run's seed.
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 1;
  const random = (): number => {
    const t = (((s0 + s1) | 0) + s3) | 0;
    s3 = (s3 + 1) | 0;
    s0 = s1 ^ (s1 >>> 9);
    s1 = (s2 + (s2 << 3)) | 0;
    s2 = ((s2 << 21) | (s2 >>> 11)) + t;
    s2 |= 0;
    return (t >>> 0) / 4_294_967_296;
  };
  const seedRandom = (seed: number): void => {
    const mix = (n: number): number => {
      let x = imul(n ^ (n >>> 16), 0x21f0aaad);
      x = imul(x ^ (x >>> 15), 0x735a2d97);
      return x ^ (x >>> 15);
    };
    s0 = mix(seed | 0);
    s1 = mix(floor(seed / 4_294_967_296) | 0);
    s2 = mix(s0 ^ 0x9e3779b9);
    s3 = 1;
    for (let i = 0; i < 12; i++) random();
  };

  const listeners: { fn: Callback; once: boolean }[] = [];
  let aborted = false;
  let abortReason: unknown;
  const signal = freeze({
    get aborted() {
      return aborted;
    },
    get reason() {
      return abortReason;
    },
    throwIfAborted() {
      if (aborted) throw abortReason;
    },
    addEventListener(type: unknown, fn: unknown) {
      if (type === 'abort' && typeof fn === 'function' && listeners.length < 100) {
        defineProperty(listeners, listeners.length, {
          __proto__: null,
          value: { fn, once: true },
          configurable: true,
          writable: true,
          enumerable: true,
        } as PropertyDescriptor);
      }
    },
    removeEventListener(_type: unknown, fn: unknown) {
      for (let i = 0; i < listeners.length; i++) {
        const listener = listeners[i];
        if (listener && listener.fn === fn) listener.fn = () => undefined;
      }
    },
  });
  const abort = (message: string): void => {
    if (aborted) return;
    aborted = true;
    abortReason = named('AbortError', message, 'cancelled');
    for (let i = 0; i < listeners.length; i++) {
      try {
        listeners[i]?.fn(abortReason);
      } catch {
        // A listener's failure is the macro's own and changes nothing about the abort.
      }
    }
    const ids = objectKeys(waiting);
    for (let i = 0; i < ids.length; i++) {
      const id = NativeNumber(ids[i]);
      const entry = waiting[id];
      // Only sleeps are cut short: a command under way is answered by its host.
      if (entry && !entry.command) {
        delete waiting[id];
        waitingCount--;
        entry.reject(abortReason);
      }
    }
  };

  const expose = (name: string, value: unknown): void => {
    defineProperty(globalThis, name, {
      __proto__: null,
      value,
      configurable: true,
      writable: true,
      enumerable: false,
    } as PropertyDescriptor);
  };

  const runBody = async (body: Callback): Promise<void> => {
    try {
      bodyResult = { value: await body() };
      finishIfDone();
    } catch (error) {
      if (!ended) fault(error);
    }
  };

  const configure = (text: string): void => {
    const config = parse(text) as BridgeConfig;
    commandsLeft = config.commands;
    outputLeft = config.outputBytes;
    seedRandom(config.seed);
    const input = decodeText(config.input);
    const macro = record();
    const both = (name: string, value: unknown): void => {
      expose(name, value);
      defineProperty(macro, name, {
        __proto__: null,
        value,
        enumerable: true,
      } as PropertyDescriptor);
    };
    const categories = objectKeys(config.catalogue);
    for (let i = 0; i < categories.length; i++) {
      const category = categories[i] as string;
      const namespace = record();
      const verbs = config.catalogue[category] as string[];
      for (let j = 0; j < verbs.length; j++) {
        const name = `${category}.${verbs[j] as string}`;
        namespace[verbs[j] as string] = freeze((args: unknown = {}) => give('command', name, args));
      }
      both(category, freeze(namespace));
    }
    both('input', input);
    both('command', command);
    both('sleep', sleep);
    both('every', every);
    both('state', state);
    both('log', logger);
    both('console', levels);
    both('macros', macros);
    both('random', random);
    both('now', dateNow);
    both('budget', () => parse(budgetNow()));
    both('signal', signal);
    defineProperty(Math, 'random', {
      __proto__: null,
      value: random,
      configurable: true,
      writable: true,
    } as PropertyDescriptor);
    expose('$corralStart', (body: Callback) => {
      delete globals.$corralStart;
      // Never rejects: it reports every error itself.
      void runBody(() => body(freeze(macro)));
    });
  };

  const deliver = (text: string): void => {
    const message = parse(text) as BridgeDelivery;
    if (message.abort !== undefined) {
      abort(message.abort);
      return;
    }
    const id = message.id as number;
    const entry = waiting[id];
    if (!entry) return;
    delete waiting[id];
    waitingCount--;
    if (entry.command) commandsInFlight--;
    const { error, value } = message;
    if (error) entry.reject(named(error.name, error.message, error.code, entry.stack));
    else entry.resolve(value === null || value === undefined ? undefined : decodeText(value));
    finishIfDone();
  };

  // ── Removed or narrowed: what can pass the heap limit or block the thread (docs/sandbox.md) ──
  const shared = SharedArrayBuffer;
  const sharedPrototype = shared.prototype as unknown as Record<string, unknown>;
  deleteProperty(sharedPrototype, 'constructor');
  deleteProperty(sharedPrototype, 'grow');
  delete globals.SharedArrayBuffer;
  delete globals.Atomics;
  delete globals.WebAssembly;
  const buffers = NativeArrayBuffer.prototype as unknown as Record<string, unknown>;
  deleteProperty(buffers, 'resize');
  // biome-ignore lint/suspicious/noShadowRestrictedNames: the macro must see the name it knows
  const FixedArrayBuffer = function ArrayBuffer(this: unknown, length: unknown): ArrayBuffer {
    // `new.target` undefined means a plain call, which the native constructor refuses with its own message.
    if (new.target === undefined)
      return (NativeArrayBuffer as unknown as Callback)(length) as ArrayBuffer;
    return construct(NativeArrayBuffer, [length], new.target) as ArrayBuffer;
  };
  const names = ownKeys(NativeArrayBuffer);
  for (let i = 0; i < names.length; i++) {
    const name = names[i] as string;
    const descriptor = getOwnPropertyDescriptor(NativeArrayBuffer, name) as PropertyDescriptor;
    if (name !== 'prototype') defineProperty(FixedArrayBuffer, name, descriptor);
    else
      defineProperty(FixedArrayBuffer, name, {
        __proto__: null,
        value: buffers,
        writable: false,
      } as PropertyDescriptor);
  }
  defineProperty(buffers, 'constructor', {
    __proto__: null,
    value: FixedArrayBuffer,
    configurable: true,
    writable: true,
  } as PropertyDescriptor);
  expose('ArrayBuffer', FixedArrayBuffer);

  defineProperty(globalThis, '$corralAt', {
    __proto__: null,
    value: freeze((id: number, value: unknown): unknown => {
      cell[0] = id;
      return value;
    }),
  } as PropertyDescriptor);

  return { configure, deliver };
}
