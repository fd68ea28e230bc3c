// Owns making objects of functions that JavaScript itself provides.

import { native } from './native.ts';
import { BuiltinObj, type FunctionObj, type Native, type Obj, Slot, type Value } from './values.ts';

/** A namespace object. */
export function namespace(members: Record<string, Native | Value>): BuiltinObj {
  const object = new BuiltinObj();
  fill(object, members);
  return object;
}

export function fill(object: Obj, members: Record<string, Native | Value>): void {
  for (const [name, member] of Object.entries(members)) {
    const value = typeof member === 'function' ? native(member) : member;
    object.props.set(name, new Slot(value));
  }
}

export function withMembers(work: Native, members: Record<string, Native | Value>): FunctionObj {
  const callable = native(work);
  fill(callable, members);
  return callable;
}
