// Owns the names of properties as they stand in the text.

import type { AnyNode } from 'acorn';
import type { NodeOf } from './facts.ts';

/** `name`, `#name` or a text; null for what is computed. */
export function memberName({
  key,
  computed,
}: {
  readonly key: AnyNode;
  readonly computed: boolean;
}): string | null {
  if (key.type === 'PrivateIdentifier') return `#${key.name}`;
  if (key.type === 'Literal') return String(key.value);
  return !computed && key.type === 'Identifier' ? key.name : null;
}

/** The name in `a.name`, `a.#name` or `a['name']`. */
export function propertyName({ property, computed }: NodeOf<'MemberExpression'>): string | null {
  return memberName({ key: property, computed });
}
