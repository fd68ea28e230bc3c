// Owns the values of the evaluator: a macro's primitives are JavaScript's own, its objects are the classes here, so that
// nothing of a macro ever touches a real prototype.

import type { AnyNode } from 'acorn';
import type { Code, Machine } from './machine.ts';

/** A value of an evaluated macro. */
export type Value =
  | undefined
  | null
  | boolean
  | number
  | string
  | bigint
  | Obj
  | Linear
  | Text
  | Unknown;

/** A value of which nothing is known; whoever must decide by it gives up. */
export class Unknown {
  /** True for something the host made: calling it or reading from it gives the same again and changes nothing of ours. */
  readonly isHost: boolean;

  constructor(isHost: boolean) {
    this.isHost = isHost;
  }
}

/** Could be anything. */
export const UNKNOWN = new Unknown(false);
/** A command, a category, or what else the host gives. */
export const HOST = new Unknown(true);
/** An object from elsewhere: reading from it never fails, what is read is not known. */
export const THING = new Unknown(false);

/**
 * A number (or BigInt) that is a linear function of a loop's turn: `base + turn × slope`. Stands in for a counter while a
 * loop is proved to go on.
 */
export class Linear {
  readonly base: number;
  readonly slope: number;

  /** Both of one kind: numbers, or BigInts that the types call numbers (their operators are the same). */
  constructor(base: number, slope: number) {
    this.base = base;
    this.slope = slope;
  }
}

/** A text of which only the length is known, as a function of a loop's turn. */
export class Text {
  readonly length: Linear;

  constructor(length: Linear) {
    this.length = length;
  }
}

/** Something that can change, and be put back as it was. */
export interface Mutable {
  save(): unknown;
  load(saved: unknown): void;
}

/** A variable's place. */
export class Cell implements Mutable {
  v: Value;

  constructor(v: Value) {
    this.v = v;
  }

  save(): unknown {
    return this.v;
  }

  load(saved: unknown): void {
    this.v = saved as Value;
  }
}

/** A getter and setter. */
export interface Accessor {
  readonly get: FunctionObj | null;
  readonly set: FunctionObj | null;
}

/** A property: its value, or its accessor. */
export class Slot {
  readonly value: Value;
  readonly accessor: Accessor | null;

  constructor(value: Value, accessor: Accessor | null = null) {
    this.value = value;
    this.accessor = accessor;
  }
}

/** A plain object. */
export class Obj implements Mutable {
  props = new Map<string, Slot>();
  proto: Obj | null;
  isFrozen = false;

  constructor(proto: Obj | null = null) {
    this.proto = proto;
  }

  save(): unknown {
    return { props: new Map(this.props), isFrozen: this.isFrozen };
  }

  load(saved: unknown): void {
    const { props, isFrozen } = saved as Obj;
    this.props = new Map(props);
    this.isFrozen = isFrozen;
  }
}

/** An array. */
export class ArrayObj extends Obj {
  items: Value[];
  /** True while it may have holes, which some methods pass over. */
  hasHoles = false;
  /** While a loop is proved: the length as a function of the turn; what the array holds is then unknown. */
  length: Linear | null = null;

  constructor(items: Value[]) {
    super();
    this.items = items;
  }

  override save(): unknown {
    return { base: super.save(), items: this.items.slice(), length: this.length };
  }

  override load(saved: unknown): void {
    const { base, items, length } = saved as { base: unknown; items: Value[]; length: Linear };
    super.load(base);
    this.items = items.slice();
    this.length = length;
  }
}

/** A Map or a Set; a Set has each key as its own value. */
export class CollectionObj extends Obj {
  entries = new Map<Value, Value>();
  readonly isSet: boolean;

  constructor(isSet: boolean) {
    super();
    this.isSet = isSet;
  }

  override save(): unknown {
    return { base: super.save(), entries: new Map(this.entries) };
  }

  override load(saved: unknown): void {
    const { base, entries } = saved as { base: unknown; entries: Map<Value, Value> };
    super.load(base);
    this.entries = new Map(entries);
  }
}

/** Something JavaScript itself provides; whoever changes it is beyond the evaluator. */
export class BuiltinObj extends Obj {}

/** A function JavaScript itself provides; `self` is `this`. */
export type Native = (m: Machine, args: readonly Value[], self: Value) => Value;

/** A function of the macro, or one of the language's. */
export class FunctionObj extends Obj {
  readonly code: Code | null;
  readonly captured: readonly Cell[];
  /** For an arrow function: `this` where it was made. */
  readonly self: Value;
  readonly native: Native | null;
  /** The prototype `super` looks above. */
  home: Obj | null = null;
  /** For a class: gives a new instance its fields. */
  initialise: ((self: Obj) => void) | null = null;
  parentClass: FunctionObj | null = null;

  constructor(code: Code | null, captured: readonly Cell[], self: Value, native: Native | null) {
    super();
    this.code = code;
    this.captured = captured;
    this.self = self;
    this.native = native;
  }
}

/** A generator that was called and not yet consumed: it runs when somebody iterates over it. */
export class GeneratorObj extends Obj {
  readonly run: (give: (value: Value) => void) => void;
  isUsed = false;

  constructor(run: (give: (value: Value) => void) => void) {
    super();
    this.run = run;
  }
}

/** An object of which only that it is one is known. */
export class OpaqueObj extends Obj {}

/** A regular expression: that it is one is all that is known. */
export class RegexObj extends Obj {}

/** A Proxy. */
export class ProxyObj extends Obj {
  readonly target: Obj;
  readonly handler: Obj;

  constructor(target: Obj, handler: Obj) {
    super();
    this.target = target;
    this.handler = handler;
  }
}

/** The outcome of an async function that has ended: the evaluator runs it through at its call. */
export class PromiseObj extends Obj {
  readonly value: Value;
  readonly isRejected: boolean;

  constructor(value: Value, isRejected: boolean) {
    super();
    this.value = value;
    this.isRejected = isRejected;
  }
}

// What the evaluator throws are no Errors: taking a stack each time would cost more than all the rest.

/** Thrown for what the evaluator does not know, or no longer has fuel for; says nothing of the macro. */
export class GiveUp {
  readonly message: string;
  /** True when the macro asked for more than any macro needs: steps, depth or size. */
  readonly isExcess: boolean;
  /** The function it happened in, where that is known. */
  readonly node: AnyNode | null;

  constructor(message: string, isExcess = false, node: AnyNode | null = null) {
    this.message = message;
    this.isExcess = isExcess;
    this.node = node;
  }
}

/** Thrown when a loop is proved never to end. */
export class NeverEnds {}

/** Carries a value the macro threw. */
export class Thrown {
  readonly value: Value;

  constructor(value: Value) {
    this.value = value;
  }
}

/** Ends a generator whose consumer has had enough; its `finally` blocks run on the way. */
export class Enough {}

/** An Error as the macro sees it. */
export function errorObject(name: string, message: Value): Obj {
  const error = new Obj();
  error.props.set('name', new Slot(name));
  error.props.set('message', new Slot(message));
  return error;
}

/** How the evaluator writes the well-known symbols as keys. */
export const SYMBOLS = {
  iterator: '@@iterator',
  asyncIterator: '@@asyncIterator',
  toPrimitive: '@@toPrimitive',
} as const;

/** True for what JavaScript's own operators may be given. */
export function isPrimitive(
  value: Value,
): value is undefined | null | boolean | number | string | bigint {
  return typeof value !== 'object' || value === null;
}
