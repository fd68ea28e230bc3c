// Owns the methods of maps and sets.

import { ITEMS_MAX } from './array-methods.ts';
import type { Machine } from './machine.ts';
import { table } from './native.ts';
import {
  ArrayObj,
  CollectionObj,
  GeneratorObj,
  GiveUp,
  Linear,
  type Native,
  Text,
  Unknown,
  type Value,
} from './values.ts';

function collectionOf(self: Value): CollectionObj {
  if (!(self instanceof CollectionObj)) throw new GiveUp('a method of a Map or Set');
  return self;
}

function keyed(key: Value): Value {
  if (key instanceof Linear || key instanceof Unknown || key instanceof Text)
    throw new GiveUp('a key that is not known');
  return key;
}

function put(m: Machine, self: Value, key: Value, value: Value): Value {
  const collection = collectionOf(self);
  m.touch(collection);
  m.spend(3);
  if (collection.entries.size > ITEMS_MAX)
    throw new GiveUp(`makes a collection of more than ${ITEMS_MAX} entries`, true);
  collection.entries.set(keyed(key), value);
  return collection;
}

const COLLECTION: Record<string, Native> = {
  has(_m, [key], self) {
    return collectionOf(self).entries.has(keyed(key));
  },
  delete(m, [key], self) {
    m.touch(collectionOf(self));
    return collectionOf(self).entries.delete(keyed(key));
  },
  clear(m, _args, self) {
    m.touch(collectionOf(self));
    collectionOf(self).entries.clear();
    return undefined;
  },
  forEach(m, [callback], self) {
    for (const [key, value] of collectionOf(self).entries) {
      m.spend(1);
      m.call(callback, undefined, [value, key, self]);
    }
    return undefined;
  },
  keys: (_m, _args, self) => listing(self, (key) => key),
  values: (_m, _args, self) => listing(self, (_key, value) => value),
  entries: (_m, _args, self) => listing(self, (key, value) => new ArrayObj([key, value])),
};

/** Live, as JavaScript's own iterators are. */
function listing(self: Value, toItem: (key: Value, value: Value) => Value): GeneratorObj {
  const { entries } = collectionOf(self);
  return new GeneratorObj((give) => {
    for (const [key, value] of entries) give(toItem(key, value));
  });
}

export const MAP = table({
  ...COLLECTION,
  get: (_m, [key], self) => collectionOf(self).entries.get(keyed(key)),
  set: (m, [key, value], self) => put(m, self, key, value),
});
export const SET = table({ ...COLLECTION, add: (m, [key], self) => put(m, self, key, key) });
