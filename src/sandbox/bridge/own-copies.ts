// Owns the bridge's copies of the built-ins it uses, taken before the macro runs, and the few safe steps made of them:
// replacing a built-in reaches the macro alone.

/** Any function of the isolate's side. */
export type Callback = (...args: unknown[]) => unknown;

/** What {@link ownCopies} gives. */
export type OwnCopies = ReturnType<typeof ownCopies>;

/** Takes the copies; runs once in each isolate. */
export function ownCopies() {
  const { apply, construct, getPrototypeOf, ownKeys, deleteProperty } = Reflect;
  const { create, keys, defineProperty, freeze, getOwnPropertyDescriptor } = Object;
  const { captureStackTrace, isError } = Error as unknown as Record<string, Callback>;
  const { isFinite: isFiniteNumber, isNaN: isNaNNumber } = Number;
  const { isArray } = Array;
  const { isView } = ArrayBuffer;
  const { asIntN } = BigInt;
  const { stringify, parse } = JSON;
  const { now } = Date;
  const { floor, imul } = Math;
  const NativePromise = Promise;
  const TypeErrorPrototype = TypeError.prototype;
  const call = (method: Callback, self: unknown, ...args: unknown[]) => apply(method, self, args);
  const record = (): Record<string, unknown> => create(null) as Record<string, unknown>;
  /** Defines, never assigns: no setter of a prototype runs, and a key `__proto__` is data. */
  const define = (target: object, name: PropertyKey, value: unknown, enumerable = true): void => {
    const descriptor = { __proto__: null, value, enumerable, configurable: true, writable: true };
    defineProperty(target, name, descriptor as PropertyDescriptor);
  };
  /** A property of parsed JSON; undefined where it has none, whatever prototypes have by now. */
  const ownValue = (object: object, name: string): unknown =>
    getOwnPropertyDescriptor(object, name)?.value;
  /** What a native method says of a value, undefined where the value is not of its kind. */
  const brand = (method: Callback, value: unknown): unknown => {
    try {
      return call(method, value);
    } catch (error) {
      // Anything but the method's own refusal is the end of the stack.
      if (getPrototypeOf(error as object) !== TypeErrorPrototype) throw error;
      return undefined;
    }
  };
  /** Makes `await` take a promise of ours as it is: no look at `then`, nor at the prototype's `constructor`. */
  const pin = <Value>(promise: Promise<Value>): Promise<Value> => {
    define(promise, 'constructor', NativePromise, false);
    return promise;
  };
  return {
    call,
    record,
    define,
    defineProperty,
    ownValue,
    brand,
    pin,
    construct,
    getPrototypeOf,
    ownKeys,
    deleteProperty,
    keys,
    freeze,
    getOwnPropertyDescriptor,
    isFiniteNumber,
    isNaNNumber,
    isArray,
    isView: isView as (value: unknown) => boolean,
    asIntN,
    stringify: stringify as (value: string) => string,
    parse: parse as (text: string) => unknown,
    now,
    floor,
    imul,
    captureStackTrace: captureStackTrace as Callback,
    isError: isError as (value: unknown) => value is Error,
    NativePromise,
    NativeError: Error,
    NativeTypeError: TypeError,
    NativeRangeError: RangeError,
    NativeMap: Map,
    NativeSet: Set,
    NativeWeakMap: WeakMap,
    NativeDate: Date,
    NativeRegExp: RegExp,
    NativeBytes: Uint8Array,
    NativeArrayBuffer: ArrayBuffer,
    NativeNumber: Number,
    NativeBigInt: BigInt,
    ObjectPrototype: Object.prototype,
    FunctionPrototype: Function.prototype,
  };
}
