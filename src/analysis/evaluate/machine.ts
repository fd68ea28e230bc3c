// Owns what an evaluation has while it runs: fuel, the stack of activations, and a journal of what changed, by which a loop
// can be tried and put back.

import type { AnyNode } from 'acorn';
import {
  ArrayObj,
  Cell,
  CollectionObj,
  errorObject,
  FunctionObj,
  GeneratorObj,
  GiveUp,
  type Mutable,
  Obj,
  PromiseObj,
  ProxyObj,
  THING,
  Thrown,
  Unknown,
  type Value,
} from './values.ts';

/** How a statement ended: it went on, or jumped. */
export type Completion = 'next' | 'break' | 'continue' | 'return';

/** A compiled expression. */
export type Expression = (act: Activation) => Value;
/** A compiled statement. */
export type Statement = (act: Activation) => Completion;

/** A compiled function. */
export interface Code {
  readonly node: AnyNode;
  readonly name: string;
  readonly isArrow: boolean;
  readonly isAsync: boolean;
  readonly isGenerator: boolean;
  /** True for a class: it can be called with `new` only. */
  readonly isClass: boolean;
  /** How many variables of its own it has. */
  readonly count: number;
  /** Binds parameters and runs the body; what is returned is in the activation. */
  readonly run: (act: Activation) => void;
}

/** One call of a function under way. */
export class Activation implements Mutable {
  /** The function's own variables. */
  cells: Cell[];
  /** Those of functions around it. */
  readonly captured: readonly Cell[];
  readonly callee: FunctionObj | null;
  self: Value;
  readonly args: readonly Value[];
  readonly newTarget: FunctionObj | null;
  /** For a generator: takes what is yielded. */
  readonly give: ((value: Value) => void) | null;
  /** What `return` gave. */
  result: Value = undefined;
  /** The label a jump is for. */
  label: string | null = null;

  constructor(callee: FunctionObj | null, call: Partial<Activation> & { readonly count: number }) {
    this.callee = callee;
    this.captured = callee?.captured ?? [];
    this.cells = Array.from({ length: call.count }, () => new Cell(undefined));
    this.self = call.self;
    this.args = call.args ?? [];
    this.newTarget = call.newTarget ?? null;
    this.give = call.give ?? null;
  }

  save(): unknown {
    return this.cells.slice();
  }

  load(saved: unknown): void {
    this.cells = (saved as Cell[]).slice();
  }
}

const DEPTH_MAX = 250;
const STATE_MAX = 4_000;
/** Tells the number of an object from a number of the macro's. */
const REFERENCE = {};

/** What the machine's parts need of those built upon them. */
export interface Ports {
  /** Runs a function of the macro. */
  readonly invoke: (
    m: Machine,
    callee: FunctionObj,
    self: Value,
    args: readonly Value[],
    newTarget: FunctionObj | null,
  ) => Value;
  /** A method the language gives a value; undefined where it has none of that name. */
  readonly method: (target: Value, key: string) => Value;
}

/** The state of one evaluation. */
export class Machine {
  /** Steps left: turns, calls, and work of built-ins. */
  fuel: number;
  readonly ports: Ports;
  readonly stack: Activation[] = [];
  /** What built-ins under way hold. */
  readonly roots: Mutable[] = [];
  /** While a loop is tried: what was changed, and how it was before. */
  journal: Map<Mutable, unknown> | null = null;
  /** True while a turn is run for a proof only: nothing seen then counts. */
  isProving = false;
  /** While a loop is proved: the first turn in which some decision falls differently. */
  horizon = Number.POSITIVE_INFINITY;
  /** Moduli met while a loop was proved: it may be regular only over so many turns. */
  readonly moduli = new Set<number>();
  /** What runs as soon as the running code waits: callbacks of promises that are settled. */
  readonly jobs: (() => void)[] = [];
  /** True while the argument of an `await` is evaluated, up to the first call in it. */
  isAwaited = false;
  /** How many async calls are under way that nobody awaits. */
  detached = 0;
  /** How many `try` blocks of the macro are around: whether a command throws then matters. */
  tries = 0;

  constructor(fuel: number, ports: Ports) {
    this.fuel = fuel;
    this.ports = ports;
  }

  /** Calls a value. */
  call(callee: Value, self: Value, args: readonly Value[]): Value {
    if (callee instanceof FunctionObj) return this.ports.invoke(this, callee, self, args, null);
    if (callee instanceof Unknown) {
      if (!callee.isHost) throw new GiveUp('a call of something unknown');
      // A command may be refused: that matters only where the macro would catch it.
      if (this.tries > 0) throw new GiveUp('a command in a try');
      this.spend(1);
      return THING;
    }
    if (callee instanceof ProxyObj) return this.#callProxy(callee, self, args);
    throw new Thrown(errorObject('TypeError', 'not a function'));
  }

  #callProxy(proxy: ProxyObj, self: Value, args: readonly Value[]): Value {
    const trap = proxy.handler.props.get('apply')?.value;
    if (!(trap instanceof FunctionObj)) return this.call(proxy.target, self, args);
    return this.call(trap, proxy.handler, [proxy.target, self, new ArrayObj([...args])]);
  }

  /** Uses up fuel. @throws {GiveUp} when there is none left */
  spend(steps: number): void {
    this.fuel -= steps;
    if (this.fuel < 0) throw new GiveUp('takes more steps than could be followed', true);
  }

  /** To be called before anything changes. */
  touch(target: Mutable): void {
    if (this.journal && !this.journal.has(target)) this.journal.set(target, target.save());
  }

  /** Changes a variable. */
  assign(cell: Cell, value: Value): void {
    this.touch(cell);
    cell.v = value;
  }

  /** Runs the jobs, and those they make. */
  runJobs(): void {
    for (let job = this.jobs.shift(); job; job = this.jobs.shift()) {
      this.spend(1);
      job();
    }
  }

  /** Runs with a fresh activation on the stack. */
  within<Result>(act: Activation, work: () => Result): Result {
    if (this.stack.length >= DEPTH_MAX) {
      const node = act.callee?.code?.node ?? null;
      throw new GiveUp(`calls itself more than ${DEPTH_MAX} deep`, true, node);
    }
    this.stack.push(act);
    try {
      return work();
    } finally {
      this.stack.pop();
    }
  }

  /** Everything the macro could still read, objects before what is in them. */
  #roam(extra: Cell | null): { readonly line: unknown[]; readonly objects: Set<object> } | null {
    const line: unknown[] = [];
    const numbers = new Map<object, number>();
    const put = (value: unknown): void => {
      if (typeof value !== 'object' || value === null) {
        line.push(value);
        return;
      }
      let number = numbers.get(value);
      if (number === undefined) {
        number = numbers.size;
        numbers.set(value, number);
      }
      line.push(REFERENCE, number);
    };
    if (extra) put(extra);
    for (const root of this.roots) put(root);
    for (const act of this.stack) put(act);
    // A Map goes on to what was added while it is gone over.
    for (const target of numbers.keys()) {
      if (line.length > STATE_MAX) return null;
      putContents(target, put);
    }
    this.spend(line.length >> 2);
    return { line, objects: new Set(numbers.keys()) };
  }

  /** Everything the macro could still read, in one line that is the same for the same state; null when it is too much. */
  state(extra: Cell | null): readonly unknown[] | null {
    return this.#roam(extra)?.line ?? null;
  }

  /** Every object, variable and activation the macro could still read; null when there are too many. */
  reachable(extra: Cell | null): ReadonlySet<object> | null {
    return this.#roam(extra)?.objects ?? null;
  }
}

function putContents(target: object, put: (value: unknown) => void): void {
  if (target instanceof Cell) put(target.v);
  else if (target instanceof Activation) {
    put(target.self);
    put(target.callee);
    for (const cell of target.cells) put(cell);
    for (const value of target.args) put(value);
  } else if (target instanceof Obj) putObject(target, put);
}

function putObject(target: Obj, put: (value: unknown) => void): void {
  put(target.proto);
  put(target.isFrozen);
  put(target.props.size);
  for (const [key, { value, accessor }] of target.props) {
    put(key);
    put(value);
    if (!accessor) continue;
    put(accessor.get);
    put(accessor.set);
  }
  if (target instanceof ArrayObj) {
    put(target.items.length);
    for (const item of target.items) put(item);
  } else if (target instanceof CollectionObj) {
    put(target.entries.size);
    for (const [key, value] of target.entries) {
      put(key);
      put(value);
    }
  } else if (target instanceof FunctionObj) {
    put(target.self);
    for (const cell of target.captured) put(cell);
  } else if (target instanceof PromiseObj) put(target.value);
  else if (target instanceof ProxyObj) {
    put(target.target);
    put(target.handler);
  } else if (target instanceof GeneratorObj) put(target.isUsed);
}
