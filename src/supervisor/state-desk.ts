// Owns checking a macro's state calls and passing them to the store.

import { z } from 'zod';
import { type OwnedState, StateError } from './state-store.ts';

const Key = z.looseObject({ key: z.string() });
const SetCall = z.looseObject({ key: z.string(), value: z.unknown() });
const IncrCall = z.looseObject({ key: z.string(), by: z.number() });

/** Carries out `state.get/set/incr/delete`. @throws {StateError} with a message for the macro */
export function serveState(
  store: OwnedState,
  macro: string,
  operation: string,
  argument: unknown,
): unknown {
  switch (operation) {
    case 'get':
      return store.get(macro, check(Key, argument, 'state.get(key) takes a text').key);
    case 'set': {
      const { key, value } = check(
        SetCall,
        argument,
        'state.set(key, value) takes a text as its key',
      );
      store.set(macro, key, value);
      return undefined;
    }
    case 'incr': {
      const { key, by } = check(
        IncrCall,
        argument,
        'state.incr(key, by) takes a text and a number',
      );
      return store.incr(macro, key, by);
    }
    case 'delete':
      return store.delete(macro, check(Key, argument, 'state.delete(key) takes a text').key);
    default:
      throw new StateError(`there is no state.${operation.slice(0, 40)}`);
  }
}

function check<Shape extends z.ZodType>(
  shape: Shape,
  argument: unknown,
  message: string,
): z.output<Shape> {
  const result = shape.safeParse(argument);
  if (!result.success) throw new StateError(message);
  return result.data;
}
