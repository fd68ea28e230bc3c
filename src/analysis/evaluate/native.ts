// Owns making functions that JavaScript itself provides.

import { FunctionObj, type Native } from './values.ts';

/** A native as a value. */
export function native(work: Native): FunctionObj {
  return new FunctionObj(null, [], undefined, work);
}

export function table(methods: Record<string, Native>): Record<string, FunctionObj> {
  return Object.fromEntries(Object.entries(methods).map(([name, work]) => [name, native(work)]));
}
