// Owns going over the items of the evaluator's values: live, as `for…of`, spread and destructuring do.

import { truth } from './conversions.ts';
import type { Machine } from './machine.ts';
import { binary } from './operators.ts';
import { getProperty, pushItem } from './properties.ts';
import {
  ArrayObj,
  CollectionObj,
  Enough,
  errorObject,
  FunctionObj,
  GeneratorObj,
  GiveUp,
  Obj,
  SYMBOLS,
  Thrown,
  Unknown,
  type Value,
} from './values.ts';

/** Gives each item in turn; `visit` returns true when it has had enough. */
export function iterate(m: Machine, source: Value, visit: (item: Value) => boolean): void {
  if (typeof source === 'string') {
    for (const sign of source) if (visit(sign)) return;
    return;
  }
  if (source instanceof Unknown) throw new GiveUp('the items of something unknown');
  if (!(source instanceof Obj)) throw new Thrown(errorObject('TypeError', 'not iterable'));
  const own = getProperty(m, source, SYMBOLS.iterator);
  if (source instanceof ArrayObj && !isCustom(own)) iterateArray(m, source, visit);
  else if (source instanceof CollectionObj && !isCustom(own)) {
    for (const [key, value] of source.entries) {
      m.spend(1);
      if (visit(source.isSet ? key : new ArrayObj([key, value]))) return;
    }
  } else if (source instanceof GeneratorObj) iterateGenerator(m, source, visit);
  else iterateProtocol(m, source, visit);
}

function isCustom(method: Value): boolean {
  return method instanceof FunctionObj && method.native === null;
}

function iterateArray(m: Machine, array: ArrayObj, visit: (item: Value) => boolean): void {
  if (array.length) throw new GiveUp('the items of a growing array');
  for (let at = 0; at < array.items.length; at++) {
    m.spend(1);
    if (visit(array.items[at])) return;
    if (array.length) throw new GiveUp('the items of a growing array');
  }
}

function iterateGenerator(
  m: Machine,
  generator: GeneratorObj,
  visit: (item: Value) => boolean,
): void {
  if (generator.isUsed) {
    throw new GiveUp('a generator used twice');
  }
  m.touch(generator);
  generator.isUsed = true;
  const enough = new Enough();
  try {
    generator.run((value) => {
      m.spend(1);
      if (visit(value)) throw enough;
    });
  } catch (error) {
    if (error !== enough) throw error;
  }
}

/** An iterator the macro made by hand, a step at a time. */
export interface Stepper {
  /** The next item, or null at the end. */
  next(): { readonly value: Value } | null;
  /** Tells it that nobody wants more. */
  close(): void;
}

/** What an object's own Symbol.iterator gives, where that is a generator or an array; the object itself otherwise. */
export function iterableOf(m: Machine, source: Value): Value {
  if (!(source instanceof Obj) || source instanceof GeneratorObj) return source;
  const method = getProperty(m, source, SYMBOLS.iterator);
  if (!(method instanceof FunctionObj) || !method.code?.isGenerator) return source;
  return m.call(method, source, []);
}

/** The stepper of an object with its own Symbol.iterator; null for everything else. */
export function protocolOf(m: Machine, source: Value): Stepper | null {
  if (!(source instanceof Obj) || source instanceof GeneratorObj) return null;
  const method = getProperty(m, source, SYMBOLS.iterator);
  if (!isCustom(method)) return null;
  const iterator = m.call(method, source, []);
  if (iterator instanceof GeneratorObj || iterator instanceof ArrayObj)
    throw new GiveUp('an iterator that is another one');
  const next = getProperty(m, iterator, 'next');
  return {
    next() {
      const step = m.call(next, iterator, []);
      if (!(step instanceof Obj)) throw new GiveUp('a step that is no object');
      if (truth(m, getProperty(m, step, 'done'))) return null;
      return { value: getProperty(m, step, 'value') };
    },
    close() {
      const end = getProperty(m, iterator, 'return');
      if (end instanceof FunctionObj) m.call(end, iterator, []);
    },
  };
}

function iterateProtocol(m: Machine, source: Obj, visit: (item: Value) => boolean): void {
  const method = getProperty(m, source, SYMBOLS.iterator);
  if (!isCustom(method)) throw new Thrown(errorObject('TypeError', 'not iterable'));
  const iterator = m.call(method, source, []);
  if (iterator instanceof GeneratorObj || iterator instanceof ArrayObj) {
    iterate(m, iterator, visit);
    return;
  }
  const stepper = protocolOf(m, source);
  for (let step = stepper?.next(); step; step = stepper?.next()) {
    m.spend(2);
    if (!visit(step.value)) continue;
    stepper?.close();
    return;
  }
}

/**
 * The items, all or as many as are wanted. They are kept where a loop that is tried can be put back.
 * @param wanted the most items to take
 */
export function collect(m: Machine, source: Value, wanted = Number.POSITIVE_INFINITY): Value[] {
  const list = new ArrayObj([]);
  m.roots.push(list);
  try {
    if (wanted > 0)
      iterate(m, source, (item) => {
        pushItem(m, list, item);
        m.spend(1);
        return truth(m, binary(m, '>=', list.length ?? list.items.length, wanted));
      });
  } finally {
    m.roots.pop();
  }
  if (list.length) throw new GiveUp('a list of unknown length');
  return list.items;
}
