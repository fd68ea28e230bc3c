// Owns putting some values of a tree in the place of others; what is undefined is not said and changes nothing.

/** A plain tree: objects of objects, and at the ends anything else. */
type Tree = Readonly<Record<string, unknown>>;

/** A tree with the values of another in the place of its own. */
export function override<Base extends object>(base: Base, own: object | undefined): Base {
  const merged = { ...base } as Record<string, unknown>;
  for (const [name, value] of Object.entries(own ?? {})) {
    const before = merged[name];
    if (value !== undefined)
      merged[name] = isTree(before) && isTree(value) ? override(before, value) : value;
  }
  return merged as Base;
}

/**
 * Changes what was said before: new values take the place of old ones, those of other names stay, and one that is there as
 * undefined is taken back.
 */
export function amend(said: Tree, change: Tree): Tree {
  const amended: Record<string, unknown> = { ...said };
  for (const [name, value] of Object.entries(change)) {
    const before = amended[name];
    if (value === undefined) delete amended[name];
    else amended[name] = isTree(value) ? amend(isTree(before) ? before : {}, value) : value;
  }
  return amended;
}

function isTree(value: unknown): value is Tree {
  if (typeof value !== 'object' || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
